using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>KMS keys' rotation, cut short at every step, on several instances at once, and by clocks that jump.</summary>
public sealed class KmsKeyFaultTests
{
    private const int Period = 90;
    private const int Seeds = 60;

    [Fact]
    public async Task Cut_short_anywhere_a_rotation_by_schedule_makes_one_version_and_one_event()
    {
        bool cut = true;
        for (int step = 0; cut; step++)
        {
            using var world = new World();
            var (one, two) = (new Instance(world), new Instance(world));
            string id = await one.RotatingAsync();
            world.Time.Advance(TimeSpan.FromDays(Period));
            world.CutShortAt(step);
            cut = await IsCutShortAsync(world, one.RunScheduleAsync);
            await two.EncryptAsync(id);
            await two.RunScheduleAsync();
            await one.RunScheduleAsync();
            await two.EncryptAsync(id);
            await AssertWholeAsync(world, id, current: 2, KeyRotationType.Automatic);
        }
    }

    [Fact]
    public async Task Cut_short_anywhere_a_rotation_on_demand_is_on_the_trail_if_it_was_made_and_the_next_goes_on_with_its_material()
    {
        bool cut = true;
        for (int step = 0; cut; step++)
        {
            using var world = new World();
            var (one, two) = (new Instance(world), new Instance(world));
            string id = await one.RotatingAsync();
            world.CutShortAt(step);
            cut = (await one.Api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id })).Status != 200;
            world.CutShortAt(null);
            uint made = (await world.KmsStore.ReadKeyAsync(World.Region, id, default))!.CurrentVersion;
            Assert.True(cut || made == 2);
            await two.EncryptAsync(id);
            await AssertWholeAsync(world, id, made, KeyRotationType.OnDemand);
            await two.Api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
            await AssertWholeAsync(world, id, made + 1, KeyRotationType.OnDemand);
        }
    }

    [Fact]
    public async Task Several_instances_that_find_a_rotation_due_make_one_version_however_they_interleave()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var world = new World();
            string id = await new Instance(world).RotatingAsync();
            world.Time.Advance(TimeSpan.FromDays(Period));
            await InterleaveAsync(world, seed, instance => instance.RunScheduleAsync(), instance => instance.RunScheduleAsync(), instance => instance.EncryptAsync(id));
            await AssertWholeAsync(world, id, current: 2, KeyRotationType.Automatic);
        }
    }

    [Fact]
    public async Task Each_of_two_calls_at_once_makes_a_version_with_its_event()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var world = new World();
            string id = await new Instance(world).RotatingAsync();
            Task RotateAsync(Instance instance) => instance.Api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
            await InterleaveAsync(world, seed, RotateAsync, RotateAsync, instance => instance.EncryptAsync(id));
            await AssertWholeAsync(world, id, current: 3, KeyRotationType.OnDemand);
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
        string id = await instance.RotatingAsync();
        DateTimeOffset start = world.Time.GetUtcNow();
        await RunForAsync(days: 30);
        world.Time.AdjustTime(start.AddDays(30 + days));
        await RunForAsync(days: 2);
        // Also the schedule of a key that is put on it while the clock is wrong.
        string other = await instance.RotatingAsync();
        world.Time.AdjustTime(start.AddDays(32));
        await RunForAsync(days: 5);
        uint after = await CurrentAsync(id);
        Assert.Equal(Math.Abs(days) > Period ? 2u : 1u, after);
        uint afterOther = await CurrentAsync(other);
        Assert.Equal(days < -Period ? 2u : 1u, afterOther);

        await RunForAsync(days: 50);
        Assert.Equal(after, await CurrentAsync(id));
        await RunForAsync(days: 41);
        Assert.Equal(after + 1, await CurrentAsync(id));
        Assert.Equal(afterOther + 1, await CurrentAsync(other));
        await RunForAsync(days: 50);
        Assert.Equal(after + 1, await CurrentAsync(id));
        await AssertWholeAsync(world, id, after + 1, KeyRotationType.Automatic);

        async Task<uint> CurrentAsync(string key) => (await world.KmsStore.ReadKeyAsync(World.Region, key, default))!.CurrentVersion;

        async Task RunForAsync(int days)
        {
            for (int hour = 0; hour < days * 24; hour += 12)
            {
                await instance.RunScheduleAsync();
                world.Time.Advance(TimeSpan.FromHours(12));
            }
        }
    }

    /// <summary>Runs of the schedule, calls, uses, changes of the key, jumps of the clock and crashes, in any order.</summary>
    [Fact]
    public async Task Whatever_happens_each_version_has_its_event_and_was_durable_before_it_was_used()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            using var world = new World();
            Instance[] instances = [new(world), new(world)];
            string id = await instances[0].RotatingAsync();
            for (int i = 0; i < 25; i++)
            {
                Instance instance = instances[random.Next(2)];
                uint before = (await world.KmsStore.ReadKeyAsync(World.Region, id, default))!.CurrentVersion;
                world.CutShortAt(random.Next(3) == 0 ? random.Next(25) : null);
                switch (random.Next(6))
                {
                    case 0:
                        await instance.Api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
                        break;
                    case 1:
                        await instance.Api.CallAsync(random.Next(2) == 0 ? "DisableKey" : "EnableKey", new() { ["KeyId"] = id });
                        break;
                    case 2:
                        world.Time.AdjustTime(world.Time.GetUtcNow().AddDays(random.Next(-1000, 1000)));
                        break;
                    default:
                        world.Time.Advance(TimeSpan.FromDays(random.Next(60)));
                        await IsCutShortAsync(world, instance.RunScheduleAsync);
                        break;
                }

                world.CutShortAt(null);
                Assert.InRange((await world.KmsStore.ReadKeyAsync(World.Region, id, default))!.CurrentVersion, before, before + 1);
            }

            await instances[0].Api.AnswerAsync("EnableKey", new() { ["KeyId"] = id });
            await instances[0].RunScheduleAsync();
            uint current = (await world.KmsStore.ReadKeyAsync(World.Region, id, default))!.CurrentVersion;
            await AssertWholeAsync(world, id, current, type: null);
            world.Time.Advance(TimeSpan.FromDays(Period + 1));
            await instances[1].RunScheduleAsync();
            await instances[0].RunScheduleAsync();
            await AssertWholeAsync(world, id, current + 1, type: null);
        }
    }

    private static async Task InterleaveAsync(World world, int seed, params Func<Instance, Task>[] bodies)
    {
        var turnstile = new Turnstile(new Random(seed));
        Instance[] instances = [.. bodies.Select(_ => new Instance(world))];
        world.KmsStore.Before = world.Trail.Before = _ => turnstile.PassAsync();
        await turnstile.RunAsync([.. bodies.Zip(instances, (body, instance) => (Func<Task>)(() => body(instance)))]);
        world.KmsStore.Before = world.Trail.Before = _ => Task.CompletedTask;
    }

    private static async Task<bool> IsCutShortAsync(World world, Func<Task> run)
    {
        // The schedule goes on with the next key where one fails: what tells is whether it came to its end.
        int failed = 0;
        Func<string, Task> pass = world.KmsStore.Before;
        Task Noticed(string call)
        {
            Task passed;
            try
            {
                passed = pass(call);
            }
            catch (IOException)
            {
                failed++;
                throw;
            }

            return passed;
        }

        (world.KmsStore.Before, world.KmsStore.After, world.Trail.Before, world.Trail.After) = (Noticed, Noticed, Noticed, Noticed);
        try
        {
            await run();
        }
        catch (IOException)
        {
        }

        world.CutShortAt(null);
        return failed > 0;
    }

    // Every number up to the current one is a version, whose rotation is on the trail, told alike however often; and nothing is behind it but the beginning of a rotation.
    private static async Task AssertWholeAsync(World world, string id, uint current, KeyRotationType? type)
    {
        KmsKey key = (await world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        IReadOnlyList<KmsKeyVersion> versions = await world.KmsStore.ListVersionsAsync(World.Region, id, default);
        Assert.Equal(current, key.CurrentVersion);
        Assert.Equal(Enumerable.Range(1, versions.Count), versions.Select(version => (int)version.Version));
        Assert.InRange(versions.Count, (int)current, (int)current + 1);
        var events = world.Trail.Named("RotateKey").Where(e => e.Resources[0].Arn == key.Arn)
            .GroupBy(e => e.EventId, e => (e.EventTime, Details: e.ServiceEventDetails!.ToJsonString())).Select(same => Assert.Single(same.Distinct()))
            .Select(e => JsonNode.Parse(e.Details)!).ToList();
        foreach (KmsKeyVersion version in versions.Where(version => version.Version > 1 && version.Version <= current))
        {
            Assert.Contains(events, e => (string?)e["currentKeyMaterialId"] == version.MaterialId && (string?)e["rotationType"] == version.Rotation!.Value.Name());
            Assert.True(type is null || version.Rotation == type);
        }

        Assert.All(events, e => Assert.Contains(versions, version => version.MaterialId == (string?)e["currentKeyMaterialId"]));
    }

    private sealed class Instance
    {
        private readonly World _world;
        private readonly IServiceProvider _services;

        public Instance(World world)
        {
            _world = world;
            _services = world.NewInstance();
            Api = new KmsClient(world, _services);
        }

        public KmsClient Api { get; }

        public Task RunScheduleAsync() => _services.GetRequiredService<KmsKeySchedule>().RunAsync(default);

        public async Task<string> RotatingAsync()
        {
            string id = await Api.CreateKeyAsync();
            await Api.AnswerAsync("EnableKeyRotation", new() { ["KeyId"] = id, ["RotationPeriodInDays"] = Period });
            return id;
        }

        /// <summary>Uses the key, whose material must be durable, and its rotation on the trail, already.</summary>
        public async Task EncryptAsync(string id)
        {
            await Api.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "c2VjcmV0" });
            AuditEvent used = _world.Trail.Events.Last(e => e.EventName == "Encrypt");
            uint version = (uint)used.AdditionalEventData!["keyVersion"]!;
            string material = (string)used.AdditionalEventData["keyMaterialId"]!;
            Assert.Equal(material, (await _world.KmsStore.ReadVersionAsync(World.Region, id, version, default))!.MaterialId);
            Assert.True(version == 1 || _world.Trail.Named("RotateKey").Any(e => (string?)e.ServiceEventDetails!["currentKeyMaterialId"] == material));
        }
    }
}
