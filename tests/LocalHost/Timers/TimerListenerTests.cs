using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.LocalHost.Functions;
using Serverless.LocalHost.Tests.Azurite;
using Serverless.LocalHost.Timers;

namespace Serverless.LocalHost.Tests.Timers;

[Collection(WithAzurite.Name)]
public sealed class TimerListenerTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Start = new(2026, 2, 3, 12, 10, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Start);
    private readonly Runs _runs = new();
    private readonly TimerRecords _records = new(azurite.Blobs, $"app-{Guid.NewGuid():N}");

    [Fact]
    public async Task It_runs_at_each_time_of_its_schedule_and_not_before()
    {
        using var listener = await StartedAsync();
        await NextIsAsync("13:00");
        Assert.Empty(_runs.All);

        for (var hour = 13; hour <= 15; hour++)
        {
            _clock.SetUtcNow(Start.Date.AddHours(hour));
            await NextIsAsync($"{hour + 1}:00");
            Assert.Equal(hour - 12, _runs.All.Count);
        }
        Assert.All(_runs.All, run => Assert.False(run.IsPastDue));
        Assert.Equal(new TimeOnly(14, 0), TimeOnly.FromDateTime(_runs.All.Last().ScheduleStatus!.Last));
        await listener.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_time_that_passed_while_nothing_ran_is_made_up_for_once_and_marked_as_past_due()
    {
        using (var before = await StartedAsync())
        {
            await NextIsAsync("13:00");
            await before.StopAsync(CancellationToken.None);
        }
        _clock.SetUtcNow(Start.AddHours(4));

        using var after = await StartedAsync();
        await NextIsAsync("17:00");

        var run = Assert.Single(_runs.All);
        Assert.True(run.IsPastDue);
        Assert.Equal(new TimeOnly(13, 0), TimeOnly.FromDateTime(run.ScheduleStatus!.Next));
        await after.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_restart_before_the_next_time_runs_nothing()
    {
        for (var i = 0; i < 2; i++)
        {
            using var listener = await StartedAsync();
            await NextIsAsync("13:00");
            await listener.StopAsync(CancellationToken.None);
        }
        Assert.Empty(_runs.All);
    }

    [Fact]
    public async Task Of_two_schedulers_one_runs_the_function_and_the_other_takes_over_when_it_stops()
    {
        using var one = await StartedAsync();
        await NextIsAsync("13:00");
        using var two = await StartedAsync();

        _clock.SetUtcNow(Start.Date.AddHours(13));
        await NextIsAsync("14:00");
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Single(_runs.All);

        await one.StopAsync(CancellationToken.None);
        _clock.SetUtcNow(Start.Date.AddHours(14));
        await Until.True(() => _runs.All.Count == 2, "the second scheduler's run");
        await NextIsAsync("15:00");
        await two.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_run_that_takes_longer_than_its_interval_is_not_run_beside_itself()
    {
        _runs.Gate = new TaskCompletionSource();
        using var listener = await StartedAsync();
        await NextIsAsync("13:00");

        _clock.SetUtcNow(Start.Date.AddHours(13));
        await Until.True(() => _runs.All.Count == 1, "the first run");
        _clock.SetUtcNow(Start.Date.AddHours(15.5));
        await Task.Delay(200);
        Assert.Single(_runs.All);

        _runs.Gate.SetResult();
        await NextIsAsync("16:00");
        Assert.Single(_runs.All);
        await listener.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_run_that_fails_runs_again_at_its_next_time()
    {
        _runs.Fail = true;
        using var listener = await StartedAsync();
        await NextIsAsync("13:00");

        _clock.SetUtcNow(Start.Date.AddHours(13));
        await NextIsAsync("14:00");
        _clock.SetUtcNow(Start.Date.AddHours(14));
        await NextIsAsync("15:00");

        Assert.Equal(2, _runs.All.Count);
        await listener.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_function_may_ask_to_run_at_start_and_to_keep_no_record()
    {
        using var listener = await StartedAsync(useMonitor: false, runOnStartup: true);
        await Until.True(() => _runs.All.Count == 1, "the run at start");

        Assert.Null(_runs.All.Single().ScheduleStatus);
        Assert.Null(await _records.ReadAsync("Timer", CancellationToken.None));
        await listener.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Stopping_cancels_the_run_at_work_which_is_then_made_up_for()
    {
        _runs.Gate = new TaskCompletionSource();
        using (var listener = await StartedAsync())
        {
            await NextIsAsync("13:00");
            _clock.SetUtcNow(Start.Date.AddHours(13));
            await Until.True(() => _runs.All.Count == 1, "the run");
            await listener.StopAsync(CancellationToken.None);
        }
        _runs.Gate = null;

        using var next = await StartedAsync();
        await NextIsAsync("14:00");
        Assert.True(_runs.All.Last().IsPastDue);
        await next.StopAsync(CancellationToken.None);
    }

    private async Task<TimerListener> StartedAsync(bool useMonitor = true, bool runOnStartup = false)
    {
        var services = new ServiceCollection().AddSingleton(_runs).BuildServiceProvider();
        var method = typeof(Runs.Function).GetMethod(nameof(Runs.Function.RunAsync))!;
        var function = new TimerFunction(
            new FunctionMethod("Timer", method, method.GetParameters()[0]), TimerSchedule.Parse("0 0 * * * *", "Timer"), useMonitor, runOnStartup);
        var listener = new TimerListener([function], _records, services.GetRequiredService<IServiceScopeFactory>(), _clock, NullLogger<TimerListener>.Instance);
        await listener.StartAsync(CancellationToken.None);
        return listener;
    }

    /// <summary>The record of the next time is written after a run and before the wait, so it tells that the listener is waiting.</summary>
    private async Task NextIsAsync(string time)
    {
        await Until.True(
            async () => (await _records.ReadAsync("Timer", CancellationToken.None))?.Next.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture) == time,
            $"the record of the next run at {time}");
        await Task.Delay(50);
    }

    public sealed class Runs
    {
        public ConcurrentQueue<TimerInfo> All { get; } = new();

        public TaskCompletionSource? Gate { get; set; }

        public bool Fail { get; set; }

        public sealed class Function(Runs runs)
        {
            public async Task RunAsync(TimerInfo timer, CancellationToken cancellationToken)
            {
                runs.All.Enqueue(timer);
                if (runs.Gate is { } gate) await gate.Task.WaitAsync(cancellationToken);
                if (runs.Fail) throw new InvalidOperationException("as asked");
            }
        }
    }
}
