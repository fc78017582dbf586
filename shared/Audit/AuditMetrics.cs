using System.Diagnostics.Metrics;
using Serverless.Access;

namespace Serverless.Audit;

/// <summary>What is measured of the audit trail.</summary>
internal static class AuditMetrics
{
    private static readonly Counter<long> Written = ServiceTelemetry.Meter.CreateCounter<long>("sse.audit.records", "{record}", "Records that the writer has put into the table.");

    private static readonly Histogram<double> Lag = ServiceTelemetry.Meter.CreateHistogram<double>(
        "sse.audit.lag", "s", "From an event to its record in the table, the oldest of a message.", advice: new() { HistogramBucketBoundaries = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600] });

    private static readonly Gauge<long> Poison = ServiceTelemetry.Meter.CreateGauge<long>("sse.audit.poison.messages", "{message}", "Audit messages that could not be written.");

    private static readonly Gauge<long> Waiting = ServiceTelemetry.Meter.CreateGauge<long>("sse.audit.waiting.messages", "{message}", "Audit messages that wait to be written, approximately.");

    private static readonly Gauge<double> DigestAge = ServiceTelemetry.Meter.CreateGauge<double>("sse.audit.digest.age", "s", "From the end of the last hour that is sealed to now.");

    private static readonly Counter<long> Removed = ServiceTelemetry.Meter.CreateCounter<long>("sse.audit.removed.days", "{day}", "Days whose records were removed at the end of their retention.");

    public static void CountWritten(IReadOnlyList<AuditRecord> records, DateTimeOffset now)
    {
        if (records.Count == 0) return;
        Written.Add(records.Count);
        if (Lag.Enabled) Lag.Record(Math.Max(0, TimeSpan.FromTicks(now.Ticks - records.Min(record => record.Ticks)).TotalSeconds));
    }

    public static void CountRemovedDay() => Removed.Add(1);

    public static void ReportDigestAge(TimeSpan age) => DigestAge.Record(age.TotalSeconds);

    public static void ReportQueue(AuditQueueState state)
    {
        Waiting.Record(state.Waiting);
        Poison.Record(state.Poison);
    }
}
