using Microsoft.Azure.Functions.Worker;
using Serverless.Audit;

namespace Serverless.Functions;

/// <summary>Keeps the audit trail: written, sealed, and removed when its time is over. All may run twice or be cut short without harm.</summary>
public sealed class AuditFunctions(AuditWriter writer, AuditSealing sealing, AuditRetention retention)
{
    /// <summary>Writes the audit records that requests have put on the queue into the table.</summary>
    [Function("WriteAuditRecords")]
    public Task WriteAuditRecords([QueueTrigger(IAuditQueue.Name, Connection = "AzureWebJobsStorage")] string message, CancellationToken cancellationToken) =>
        writer.WriteAsync(message, cancellationToken);

    /// <summary>Exports the records of hours that are over and adds their digests to the chain.</summary>
    [Function("SealAuditRecords")]
    public Task SealAuditRecords([TimerTrigger("%Audit__DigestSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        sealing.RunAsync(cancellationToken);

    /// <summary>Removes records whose retention is over.</summary>
    [Function("RemoveAuditRecords")]
    public Task RemoveAuditRecords([TimerTrigger("%Audit__DigestSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        retention.RunAsync(cancellationToken);
}
