using Microsoft.Extensions.Logging;

namespace Serverless.LocalHost;

/// <summary>
/// Which log entries reach the console: warnings and above, or with --verbose all. Until the app has started the frameworks are silent: a failing
/// start is told once, in one sentence, and not also by each of them with its stack trace.
/// </summary>
internal sealed class StartupLogFilter(bool verbose)
{
    public bool Started { get; set; }

    public bool Allows(string? category, LogLevel level) =>
        verbose
            ? level >= LogLevel.Information
            : level >= LogLevel.Warning && (Started || category?.StartsWith("Microsoft.", StringComparison.Ordinal) != true);
}
