using System.Diagnostics.Metrics;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>What is measured of keys and their rotation.</summary>
internal static class KeyMetrics
{
    private static readonly Counter<long> Uses = ServiceTelemetry.Meter.CreateCounter<long>(
        "sse.kms.uses", "{use}", "Calls of the KMS API and of S3 that use or change a KMS key, by operation, who manages the key, and outcome.");

    private static readonly Counter<long> Wraps = ServiceTelemetry.Meter.CreateCounter<long>(
        "sse.master_key.wraps", "{wrap}", "Data keys that were wrapped by the master key, by its version.");

    private static readonly Gauge<double> Age = ServiceTelemetry.Meter.CreateGauge<double>("sse.master_key.age", "s", "Age of the master key's current version.");

    private static readonly Gauge<double> Overdue = ServiceTelemetry.Meter.CreateGauge<double>(
        "sse.master_key.overdue", "s", "How long the master key's current version has been older than its rotation allows; 0 where it is not.");

    private static readonly Gauge<long> Counted = ServiceTelemetry.Meter.CreateGauge<long>("sse.master_key.counted_wraps", "{wrap}", "Wraps that are accounted to the master key's current version.");

    private static readonly Gauge<long> Lost = ServiceTelemetry.Meter.CreateGauge<long>(
        "sse.master_key.lost", "{object}", "Objects under a version of the master key that is retired, by version: of a restored backup.");

    private static readonly Counter<long> Kept = ServiceTelemetry.Meter.CreateCounter<long>(
        "sse.kms.kept_keys", "{refusal}", "Refusals to delete a KMS key whose waiting period is over, since objects may need it.");

    // The tags cost something even where nobody listens; the question does not.
    public static void CountUse(KmsCall call, KmsError? error)
    {
        if (Uses.Enabled)
        {
            Uses.Add(1, new("operation", call.Operation.ToString()), new("manager", call.Key?.Manager.ToString() ?? ""), new("outcome", error?.Code ?? "OK"));
        }
    }

    public static void CountWrap(uint version)
    {
        if (Wraps.Enabled)
        {
            Wraps.Add(1, new KeyValuePair<string, object?>("version", version));
        }
    }

    public static void CountKept() => Kept.Add(1);

    public static void ReportLost(uint version, long objects) => Lost.Record(objects, new KeyValuePair<string, object?>("version", version));

    public static void ReportMasterKey(TimeSpan age, TimeSpan maxAge, long wraps)
    {
        Age.Record(age.TotalSeconds);
        Overdue.Record(Math.Max(0, (age - maxAge).TotalSeconds));
        Counted.Record(wraps);
    }
}
