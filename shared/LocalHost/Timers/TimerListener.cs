using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.LocalHost.Functions;

namespace Serverless.LocalHost.Timers;

/// <summary>
/// Runs the timer functions: each in one process at a time (whoever has its lease), never overlapping itself, and made up for after a time at which no
/// process ran. A run that fails is logged, and runs again at its next time.
/// </summary>
internal sealed class TimerListener(
    IReadOnlyList<TimerFunction> functions, TimerRecords records, IServiceScopeFactory scopes, TimeProvider time, ILogger<TimerListener> logger)
    : BackgroundService
{
    /// <summary>The longest sleep in one piece: the clock may be set, and the machine may sleep too.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan StorageRetryPause = TimeSpan.FromSeconds(5);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(functions.Select(function => ServeAsync(function, stoppingToken)));

    private async Task ServeAsync(TimerFunction function, CancellationToken stopping)
    {
        var runOnStartup = function.RunOnStartup;
        while (true)
        {
            try
            {
                await records.CreateAsync(stopping);
                await using var lease = await SingletonLease.AcquireAsync(records.Lock(function.Method.Name), stopping);
                using var holding = CancellationTokenSource.CreateLinkedTokenSource(stopping, lease.Lost);
                var runNow = runOnStartup;
                runOnStartup = false;
                await KeepScheduleAsync(function, runNow, holding.Token);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (OperationCanceledException)
            {
                logger.LogWarning("Timer function {Function} is run by another process from now on", function.Method.Name);
            }
            catch (Exception exception)
            {
                logger.LogWarning("Timer function {Function} waits for the storage: {Reason}", function.Method.Name, exception.Message);
                await Task.Delay(StorageRetryPause, stopping);
            }
        }
    }

    private async Task KeepScheduleAsync(TimerFunction function, bool runNow, CancellationToken cancellationToken)
    {
        var name = function.Method.Name;
        var status = function.UseMonitor ? await records.ReadAsync(name, cancellationToken) : null;
        var isPastDue = TimerSchedule.IsPastDue(function.Schedule, status, Now);
        var last = status?.Last ?? default;
        for (var isDue = isPastDue || runNow; ; isDue = true)
        {
            if (isDue)
            {
                last = Now;
                await RunAsync(function, new TimerInfo { IsPastDue = isPastDue, ScheduleStatus = status }, cancellationToken);
                isPastDue = false;
            }
            var now = Now;
            var next = TimerSchedule.Next(function.Schedule, now);
            if (function.UseMonitor)
            {
                status = new ScheduleStatus { Last = last, Next = next, LastUpdated = now };
                await records.WriteAsync(name, status, cancellationToken);
            }
            await SleepUntilAsync(next, cancellationToken);
        }
    }

    private async Task SleepUntilAsync(DateTime next, CancellationToken cancellationToken)
    {
        // A delay's fraction of a millisecond would be cut off, and what is left of it slept through without a pause.
        for (var left = next - Now; left > TimeSpan.Zero; left = next - Now)
            await Task.Delay(left < LongestSleep ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : LongestSleep, time, cancellationToken);
    }

    private async Task RunAsync(TimerFunction function, TimerInfo timer, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await function.Method.InvokeAsync(timer, new Invocation(function.Method, scope.ServiceProvider, cancellationToken));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(exception, "Timer function {Function} failed; it runs again at its next time", function.Method.Name);
        }
    }
}
