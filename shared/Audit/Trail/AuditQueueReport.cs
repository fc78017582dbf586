namespace Serverless.Audit;

/// <summary>Reports how the audit queue stands: a message in the poison queue is a record that is missing from the table until somebody has looked.</summary>
public sealed class AuditQueueReport(IAuditQueue queue)
{
    public async Task RunAsync(CancellationToken cancellationToken) => AuditMetrics.ReportQueue(await queue.ReadStateAsync(cancellationToken).ConfigureAwait(false));
}

/// <summary>How the audit queue stands.</summary>
/// <param name="Waiting">Messages that wait for the writer, approximately.</param>
/// <param name="Poison">Messages that the writer could not take.</param>
public sealed record AuditQueueState(long Waiting, long Poison);
