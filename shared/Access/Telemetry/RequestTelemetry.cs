using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>What is measured of one request: how long it took, how often the store was called for it, and what it came to. Whoever knows a part of it says so through <see cref="Current"/>.</summary>
public sealed class RequestTelemetry
{
    private static readonly Histogram<double> Duration = ServiceTelemetry.Meter.CreateHistogram<double>(
        "sse.request.duration", "s", "Requests, by API, operation, encryption mode and outcome.",
        advice: new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });

    private static readonly Histogram<long> StorageCallsOfRequest = ServiceTelemetry.Meter.CreateHistogram<long>(
        "sse.request.storage_calls", "{call}", "Calls of the store for a request.", advice: new() { HistogramBucketBoundaries = [0, 1, 2, 3, 4, 6, 8, 12, 16, 32, 64] });

    private static readonly AsyncLocal<RequestTelemetry?> Present = new();

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Activity? _activity = ServiceTelemetry.Activities.StartActivity(ActivityKind.Server, name: "request");
    private long _storageCalls;

    private RequestTelemetry()
    {
    }

    /// <summary>That of the request that is being answered; null where nobody measures, and outside requests.</summary>
    public static RequestTelemetry? Current => Present.Value;

    /// <summary>The API: s3, kms, iam, sts, cloudtrail, sse.</summary>
    public string Api { get; set; } = "s3";

    /// <summary>The operation, by its name in the API; empty for what is none.</summary>
    public string Operation { get; set; } = "";

    /// <summary>The object's encryption mode as the header names it, or SSE-C; null where no object was read or written.</summary>
    public string? Mode { get; set; }

    /// <summary>The error's code; null for a success.</summary>
    public string? Error { get; set; }

    /// <summary>Begins to measure, for the caller and all that it calls; null where nobody would see it.</summary>
    public static RequestTelemetry? Begin() =>
        Present.Value = Duration.Enabled || StorageCallsOfRequest.Enabled || ServiceTelemetry.Activities.HasListeners() ? new() : null;

    /// <summary>Counts a call of the store.</summary>
    public void CountStorageCall() => Interlocked.Increment(ref _storageCalls);

    /// <summary>Ends the measurement.</summary>
    public void End(HttpContext http)
    {
        var tags = new TagList { { "api", Api }, { "operation", Operation } };
        StorageCallsOfRequest.Record(_storageCalls, tags);
        if (Mode is not null)
        {
            tags.Add("mode", Mode);
        }
        var outcome = Error ?? (http.RequestAborted.IsCancellationRequested ? "Aborted" : "OK");
        tags.Add("outcome", outcome);
        tags.Add("status", http.Response.StatusCode);
        Duration.Record(Stopwatch.GetElapsedTime(_started).TotalSeconds, tags);
        if (_activity is null)
        {
            return;
        }
        _activity.DisplayName = $"{Api} {Operation}";
        foreach (var tag in tags)
        {
            _activity.SetTag(tag.Key, tag.Value);
        }
        _activity.SetTag("http.request.method", http.Request.Method);
        _activity.SetTag("http.response.status_code", http.Response.StatusCode);
        _activity.SetTag("request_id", http.TraceIdentifier);
        _activity.SetTag("storage_calls", _storageCalls);
        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            _activity.SetStatus(ActivityStatusCode.Error);
        }
        _activity.Dispose();
    }
}
