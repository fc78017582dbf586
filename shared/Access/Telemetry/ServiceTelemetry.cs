using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Serverless.Access;

/// <summary>
/// What the service measures and traces. Every folder has its instruments beside what they measure; without a listener each costs a comparison.
/// No tag holds a bucket, a key, a principal or anything else that a client chooses.
/// </summary>
public static class ServiceTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Serverless.Sse";

    public static Meter Meter { get; } = new(Name);

    public static ActivitySource Activities { get; } = new(Name);
}
