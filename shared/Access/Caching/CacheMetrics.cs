using System.Diagnostics.Metrics;

namespace Serverless.Access;

/// <summary>What is measured of caches.</summary>
internal static class CacheMetrics
{
    private static readonly Counter<long> Lookups = ServiceTelemetry.Meter.CreateCounter<long>("sse.cache.lookups", "{lookup}", "Looks into a cache, by whether what was wanted was there.");

    public static void Count(string cache, bool isHit)
    {
        if (Lookups.Enabled)
        {
            Lookups.Add(1, new("cache", cache), new("hit", isHit));
        }
    }
}
