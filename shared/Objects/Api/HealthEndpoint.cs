using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Access;

namespace Serverless.Objects.Api;

/// <summary>
/// <c>/_health/live</c>: the process answers. <c>/_health/ready</c>: so do the store, the root key and the audit queue. Anybody may ask, so that neither says anything but a status, 200 or 503,
/// and asking often costs the store nothing.
/// </summary>
public sealed class HealthEndpoint
{
    private const string Folder = "/_health/";

    /// <summary>How old an answer may be: below what platforms' probes wait between two of them.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    /// <summary>Longer than that, and nobody would wait for an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<IReadinessCheck> checks;
    private readonly ILogger<HealthEndpoint> logger;
    private readonly RecentCache<string, Readiness> recent;

    public HealthEndpoint(IEnumerable<IReadinessCheck> checks, TimeProvider time, ILogger<HealthEndpoint> logger)
    {
        (this.checks, this.logger) = ([.. checks], logger);
        recent = new("readiness", _ => CheckAsync(), time, Lifetime, capacity: 1);
    }

    /// <summary>Whether a request asks for health. No bucket's name begins with an underscore.</summary>
    public static bool IsAsked(HttpRequest request) => request.Path.Value?.StartsWith(Folder, StringComparison.Ordinal) is true;

    public async Task HandleAsync(HttpContext http) => http.Response.StatusCode = http.Request.Path.Value![Folder.Length..] switch
    {
        "live" => StatusCodes.Status200OK,
        "ready" => (await recent.GetAsync("ready", http.RequestAborted).ConfigureAwait(false))!.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status404NotFound,
    };

    private async Task<Readiness?> CheckAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        var outcomes = await Task.WhenAll(checks.Select(check => TryAsync(check, timeout.Token))).ConfigureAwait(false);
        return new(outcomes.All(isThere => isThere));
    }

    private async Task<bool> TryAsync(IReadinessCheck check, CancellationToken cancellationToken)
    {
        try
        {
            await check.CheckAsync(cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Not ready: {Check}.", check.GetType().Name);
            return false;
        }
    }

    private sealed record Readiness(bool IsReady);
}
