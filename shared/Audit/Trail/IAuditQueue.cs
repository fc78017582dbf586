namespace Serverless.Audit;

/// <summary>The queue between the requests and the writer of the audit table.</summary>
public interface IAuditQueue
{
    /// <summary>The queue's name, also for its trigger.</summary>
    public const string Name = "audit-records";

    /// <summary>Where the host puts messages that the writer could not take (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger#poison-messages).</summary>
    public const string PoisonName = Name + "-poison";

    /// <summary>The largest message, in bytes: a queue takes 64 KiB of base64 (https://learn.microsoft.com/rest/api/storageservices/put-message).</summary>
    public const int MaxBytes = 64 * 1024 / 4 * 3;

    /// <summary>
    /// When this returns, the message is durably in the queue, and stays there until the writer has taken it. It may be there more than once: the writer stores a record once.
    /// </summary>
    /// <param name="message">At most <see cref="MaxBytes"/> bytes; not used any more once the task has completed successfully.</param>
    /// <param name="cancellationToken">Gives up; whether the message is in the queue is then unknown.</param>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>How many messages wait for the writer, and how many it could not take.</summary>
    ValueTask<AuditQueueState> ReadStateAsync(CancellationToken cancellationToken);
}
