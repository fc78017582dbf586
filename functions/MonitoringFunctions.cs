using Microsoft.Azure.Functions.Worker;
using Serverless.Audit;
using Serverless.Keys;

namespace Serverless.Functions;

/// <summary>Reports what no request shows: how old the master key is, and how the audit queue stands. Alerts watch it.</summary>
public sealed class MonitoringFunctions(MasterKeyReport masterKey, AuditQueueReport auditQueue)
{
    [Function("ReportState")]
    public Task ReportState([TimerTrigger("%Monitoring__Schedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        Task.WhenAll(masterKey.RunAsync(cancellationToken), auditQueue.RunAsync(cancellationToken));
}
