using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Serverless.Audit;

namespace Serverless.Storage;

/// <summary>The audit queue as an Azure queue, <see cref="IAuditQueue.Name"/>, created when the first message finds none.</summary>
public sealed class AzureAuditQueue(StorageAccount account) : IAuditQueue
{
    /// <summary>
    /// One attempt's time. A connection that died without a word would otherwise hold up every request that waits for its audit event until the
    /// caller's deadline; a message that was sent twice does no harm.
    /// </summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(1.5);

    /// <summary>An audit event must outlast any outage of its writer; a queue's own default is to drop a message after 7 days.</summary>
    private static readonly TimeSpan NeverExpires = TimeSpan.FromSeconds(-1);

    private readonly QueueClient queue = account.Queues.GetQueueClient(IAuditQueue.Name);

    /// <inheritdoc/>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            attempt.CancelAfter(AttemptTimeout);
            try
            {
                await SendOnceAsync(message, attempt.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // This attempt's time is over and the caller's is not: again, on another connection.
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<AuditQueueState> ReadStateAsync(CancellationToken cancellationToken) =>
        new(await CountAsync(queue, cancellationToken).ConfigureAwait(false),
            await CountAsync(account.Queues.GetQueueClient(IAuditQueue.PoisonName), cancellationToken).ConfigureAwait(false));

    private static async ValueTask<long> CountAsync(QueueClient queue, CancellationToken cancellationToken)
    {
        try
        {
            return (await queue.GetPropertiesAsync(cancellationToken).ConfigureAwait(false)).Value.ApproximateMessagesCountLong;
        }
        catch (RequestFailedException missing) when (missing.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            return 0;
        }
    }

    private async Task SendOnceAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync().ConfigureAwait(false);
        }
        catch (RequestFailedException missing) when (missing.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await PutAsync().ConfigureAwait(false);
        }

        Task PutAsync() => queue.SendMessageAsync(new BinaryData(message), timeToLive: NeverExpires, cancellationToken: cancellationToken);
    }
}
