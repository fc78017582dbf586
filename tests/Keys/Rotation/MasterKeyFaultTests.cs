using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>The master key's rotation, cut short at every step, on several instances at once, and by clocks that jump.</summary>
public sealed class MasterKeyFaultTests
{
    private const int Seeds = 100;

    /// <summary>Whether the rotation is due or asked for, and where the run is that is cut short, somebody else goes on.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Cut_short_anywhere_a_rotation_makes_one_version_and_one_event(bool due, bool first)
    {
        bool cut = true;
        for (int step = 0; cut; step++)
        {
            using var world = new World();
            var one = new Instance(world);
            if (!first)
            {
                await one.WrapAsync();
            }

            world.Time.Advance(TimeSpan.FromDays(due ? 90 : 1));
            uint before = (await world.MasterStore.ReadCurrentAsync(default))?.Version ?? 0;
            world.CutShortAt(step);
            cut = await IsCutShortAsync(() => due ? one.Rotation.RotateIfDueAsync(default) : one.Rotation.RotateAsync(default));
            world.CutShortAt(null);

            // Whatever is used meanwhile is durable, and on the trail.
            var two = new Instance(world);
            await two.WrapAsync();
            uint meanwhile = (await world.MasterStore.ReadCurrentAsync(default))!.Version;
            Assert.InRange(meanwhile, Math.Max(1, before), before + 1);
            await two.Rotation.RotateIfDueAsync(default);
            await one.Rotation.RotateIfDueAsync(default);
            uint after = (await world.MasterStore.ReadCurrentAsync(default))!.Version;
            // One that was asked for and had not begun is not made by itself.
            Assert.InRange(after, due || !cut ? before + 1 : Math.Max(1, before), before + 1);
            await two.WrapAsync();
            await AssertWholeAsync(world, after);
        }
    }

    [Fact]
    public async Task Several_instances_that_find_a_rotation_due_make_one_version_however_they_interleave()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var world = new World();
            await new Instance(world).WrapAsync();
            world.Time.Advance(TimeSpan.FromDays(90));
            await InterleaveAsync(world, seed, instance => instance.Rotation.RotateIfDueAsync(default), instance => instance.Rotation.RotateIfDueAsync(default), instance => instance.WrapAsync());
            await AssertWholeAsync(world, current: 2);
        }
    }

    [Fact]
    public async Task A_call_beside_the_timer_is_served_by_a_version_that_comes_into_use_while_it_is_under_way()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var world = new World();
            await new Instance(world).WrapAsync();
            world.Time.Advance(TimeSpan.FromDays(90));
            MasterKeyRotationResult? asked = null;
            await InterleaveAsync(
                world, seed, instance => instance.Rotation.RotateIfDueAsync(default), async instance => asked = await instance.Rotation.RotateAsync(default), instance => instance.WrapAsync());
            Assert.True(asked!.Rotated);
            uint current = (await world.MasterStore.ReadCurrentAsync(default))!.Version;
            Assert.Equal(current, asked.CurrentVersion);
            Assert.InRange(current, 2u, 3u);
            await AssertWholeAsync(world, current);
        }
    }

    [Fact]
    public async Task Two_calls_at_once_make_one_version_or_two()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var world = new World();
            await new Instance(world).WrapAsync();
            await InterleaveAsync(world, seed, instance => instance.Rotation.RotateAsync(default), instance => instance.Rotation.RotateAsync(default));
            uint current = (await world.MasterStore.ReadCurrentAsync(default))!.Version;
            Assert.InRange(current, 2u, 3u);
            await AssertWholeAsync(world, current);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(365 * 3)]
    [InlineData(-365 * 3)]
    public async Task A_clock_that_jumps_and_comes_back_makes_one_rotation_at_most_and_the_next_one_comes_in_time(int days)
    {
        using var world = new World();
        var instance = new Instance(world);
        await instance.WrapAsync();
        DateTimeOffset start = world.Time.GetUtcNow();
        await RunForAsync(days: 30);
        world.Time.AdjustTime(start.AddDays(30 + days));
        await RunForAsync(days: 2);
        world.Time.AdjustTime(start.AddDays(32));
        await RunForAsync(days: 5);
        uint after = (await world.MasterStore.ReadCurrentAsync(default))!.Version;
        Assert.Equal(Math.Abs(days) > 90 ? 2u : 1u, after);

        // At the latest a whole period from when the clock is right again; and no earlier than that of the last version.
        await RunForAsync(days: 50);
        Assert.Equal(after, (await world.MasterStore.ReadCurrentAsync(default))!.Version);
        await RunForAsync(days: 41);
        Assert.Equal(after + 1, (await world.MasterStore.ReadCurrentAsync(default))!.Version);
        await RunForAsync(days: 50);
        Assert.Equal(after + 1, (await world.MasterStore.ReadCurrentAsync(default))!.Version);
        await AssertWholeAsync(world, after + 1);

        async Task RunForAsync(int days)
        {
            for (int hour = 0; hour < days * 24; hour += 6)
            {
                await instance.Rotation.RotateIfDueAsync(default);
                await new Instance(world).Rotation.RotateIfDueAsync(default);
                world.Time.Advance(TimeSpan.FromHours(6));
            }
        }
    }

    [Fact]
    public async Task A_clock_a_little_behind_changes_nothing()
    {
        using var world = new World();
        var instance = new Instance(world);
        await instance.WrapAsync();
        MasterKeyPointer before = (await world.MasterStore.ReadCurrentAsync(default))!;
        world.Time.AdjustTime(world.Time.GetUtcNow().AddMinutes(-15));
        await instance.Rotation.RotateIfDueAsync(default);
        Assert.Equal(before, await world.MasterStore.ReadCurrentAsync(default));
    }

    [Fact]
    public async Task A_call_goes_through_though_the_age_is_counted_anew_meanwhile()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var world = new World();
            await new Instance(world).WrapAsync();
            world.Time.AdjustTime(world.Time.GetUtcNow().AddDays(-400));
            MasterKeyRotationResult? asked = null;
            await InterleaveAsync(world, seed, instance => instance.Rotation.RotateIfDueAsync(default), async instance => asked = await instance.Rotation.RotateAsync(default));
            Assert.Equal(new(2, Rotated: true), asked);
            await AssertWholeAsync(world, current: 2);
        }
    }

    /// <summary>Timers, calls, uses, jumps of the clock and crashes, in any order.</summary>
    [Fact]
    public async Task Whatever_happens_each_version_has_one_event_and_was_durable_before_it_was_used()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            using var world = new World();
            Instance[] instances = [new(world), new(world)];
            int asked = 0;
            int periods = 0;
            for (int i = 0; i < 30; i++)
            {
                Instance instance = instances[random.Next(2)];
                uint before = (await world.MasterStore.ReadCurrentAsync(default))?.Version ?? 0;
                world.CutShortAt(random.Next(3) == 0 ? random.Next(20) : null);
                switch (random.Next(5))
                {
                    case 0:
                        asked++;
                        await IsCutShortAsync(() => instance.Rotation.RotateAsync(default));
                        break;
                    case 1:
                        await IsCutShortAsync(() => instance.WrapAsync());
                        break;
                    case 2:
                        world.Time.AdjustTime(world.Time.GetUtcNow().AddDays(random.Next(-1000, 1000)));
                        break;
                    default:
                        world.Time.Advance(TimeSpan.FromDays(random.Next(60)));
                        periods++;
                        await IsCutShortAsync(() => instance.Rotation.RotateIfDueAsync(default));
                        break;
                }

                world.CutShortAt(null);
                Assert.InRange((await world.MasterStore.ReadCurrentAsync(default))?.Version ?? 0, before, before + 1);
            }

            Assert.InRange((await world.MasterStore.ReadCurrentAsync(default))?.Version ?? 0, 0u, (uint)(1 + asked + periods));
            // The first run notices a clock that has gone back, and finishes what was begun; a period later a rotation comes.
            await instances[0].Rotation.RotateIfDueAsync(default);
            uint current = (await world.MasterStore.ReadCurrentAsync(default))!.Version;
            await AssertWholeAsync(world, current);
            world.Time.Advance(TimeSpan.FromDays(91));
            Assert.Equal(new(current + 1, Rotated: true), await instances[1].Rotation.RotateIfDueAsync(default));
            Assert.Equal(new(current + 1, Rotated: false), await instances[0].Rotation.RotateIfDueAsync(default));
        }
    }

    private static async Task InterleaveAsync(World world, int seed, params Func<Instance, Task>[] bodies)
    {
        var turnstile = new Turnstile(new Random(seed));
        Instance[] instances = [.. bodies.Select(_ => new Instance(world))];
        world.MasterStore.Before = world.Trail.Before = _ => turnstile.PassAsync();
        await turnstile.RunAsync([.. bodies.Zip(instances, (body, instance) => (Func<Task>)(() => body(instance)))]);
        world.MasterStore.Before = world.Trail.Before = _ => Task.CompletedTask;
    }

    private static async Task<bool> IsCutShortAsync(Func<Task> run)
    {
        try
        {
            await run();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    // Every number up to the current one is a version with its event, once; and nothing is behind it but the beginning of a rotation.
    private static async Task AssertWholeAsync(World world, uint current)
    {
        IReadOnlyList<MasterKeyVersion> versions = await world.MasterStore.ListVersionsAsync(default);
        Assert.Equal(Enumerable.Range(1, versions.Count), versions.Select(version => (int)version.Version));
        Assert.InRange(versions.Count, (int)current, (int)current + 1);
        var events = world.Trail.Events.Where(e => e.EventName is "CreateMasterKey" or "RotateMasterKey")
            .GroupBy(e => e.EventId, e => (e.EventName, e.EventTime, Version: (uint)e.AdditionalEventData!["masterKeyVersion"]!)).ToDictionary(same => same.Key, same => Assert.Single(same.Distinct()));
        Assert.All(versions.Where(version => version.Version <= current), version => Assert.Equal(version.Version, events[version.Id].Version));
        Assert.Equal(events.Count, events.Values.Select(e => e.Version).Distinct().Count());
    }

    private sealed class Instance(World world)
    {
        private readonly IServiceProvider _services = world.NewInstance();

        public MasterKeyRotation Rotation => _services.GetRequiredService<MasterKeyRotation>();

        /// <summary>Wraps a data key, under a version that must be there, and on the trail, already.</summary>
        public async Task WrapAsync()
        {
            using SecretKey key = SecretKey.Generate();
            byte[] wrapped = await _services.GetRequiredService<IMasterKeys>().WrapAsync(key, World.Context, World.ViaS3, default);
            Assert.True(KeyWrap.TryReadHeader(wrapped, out WrapHeader header));
            Assert.Contains(header.KeyVersion, world.MasterStore.Versions);
            Assert.Contains(world.Trail.Events, e => e.AdditionalEventData is { } data && (uint?)data["masterKeyVersion"] == header.KeyVersion);
        }
    }
}
