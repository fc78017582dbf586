using System.Diagnostics.Metrics;
using Serverless.Access;

namespace Serverless.Objects.Rotation;

/// <summary>What is measured of a re-wrap pass: how far the present one is.</summary>
internal static class RewrapMetrics
{
    private static readonly Gauge<long> Objects = ServiceTelemetry.Meter.CreateGauge<long>(
        "sse.rewrap.objects", "{object}", "Objects of the present or last re-wrap pass, by state: seen, rewrapped, customer_keys, failed, unreadable, left.");

    private static readonly Gauge<double> Running = ServiceTelemetry.Meter.CreateGauge<double>("sse.rewrap.running", "s", "How long the present re-wrap pass has been going on; 0 between two of them.");

    private static readonly Gauge<double> Rate = ServiceTelemetry.Meter.CreateGauge<double>("sse.rewrap.rate", "{object}/s", "Objects that the present or last re-wrap pass goes over in a second.");

    private static readonly Gauge<double> TimeLeft = ServiceTelemetry.Meter.CreateGauge<double>(
        "sse.rewrap.time_left", "s", "How long the present re-wrap pass will still run, by its rate and by what the one before has seen.");

    public static void Report(RewrapProgress progress, DateTimeOffset now)
    {
        Objects.Record(progress.Seen, State("seen"));
        Objects.Record(progress.Rewrapped, State("rewrapped"));
        Objects.Record(progress.CustomerKeys, State("customer_keys"));
        Objects.Record(progress.Failed, State("failed"));
        Objects.Record(progress.Unreadable, State("unreadable"));
        if (progress.Left is { } left) Objects.Record(left, State("left"));
        Rate.Record(progress.ObjectsPerSecond);
        if (progress.TimeLeft is { } timeLeft) TimeLeft.Record(timeLeft.TotalSeconds);
        Running.Record(progress.CompletedAt is null ? (now - progress.StartedAt).TotalSeconds : 0);
    }

    private static KeyValuePair<string, object?> State(string name) => new("state", name);
}
