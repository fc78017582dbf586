using Microsoft.Azure.Functions.Worker;
using Serverless.Audit;

namespace Serverless.Functions;

/// <summary>Writes the audit records that requests have put on the queue into the table.</summary>
public sealed class AuditFunctions(AuditWriter writer)
{
    [Function("WriteAuditRecords")]
    public Task WriteAuditRecords([QueueTrigger(IAuditQueue.Name, Connection = "AzureWebJobsStorage")] string message, CancellationToken cancellationToken) =>
        writer.WriteAsync(message, cancellationToken);
}
