using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>Deletions of KMS keys that know what they would destroy.</summary>
public sealed class DependentObjectsTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task The_answers_about_a_deletion_say_which_objects_need_the_key_and_so_does_the_trail()
    {
        var api = new KmsClient(_world, _world.NewInstance());
        string id = await api.CreateKeyAsync();
        _world.References.Complete(_world.Time.GetUtcNow(), unreadable: 3);
        _world.References.Add(Name(id), new("logs", 1, 5, 2));
        _world.References.Add(Name(id), new("logs", 2, 0, 3));
        _world.References.Add(Name(id), new("photos", 1, 7, 7));
        _world.References.Add(Name(id), new("moved", 1, 4, 0));
        string told = $$"""
            {"Known":true,"Objects":12,"BucketCount":2,"Buckets":[{"Bucket":"photos","Objects":7},{"Bucket":"logs","Objects":5}],"UnreadableObjects":3,"PassId":"{{_world.References.Pass!.Id}}","PassStartedAt":"2026-03-01T11:00:00.0000000\u002B00:00","PassCompletedAt":"2026-03-01T12:00:00.0000000\u002B00:00"}
            """;

        JsonNode scheduled = (await api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = id, ["PendingWindowInDays"] = 7 }))!;
        Assert.Equal(told, scheduled["DependentObjects"]!.ToJsonString());
        // AWS's own members are what they were.
        Assert.Equal(["DeletionDate", "KeyId", "KeyState", "PendingWindowInDays"], scheduled.AsObject().Select(member => member.Key).Where(member => member != "DependentObjects").Order());
        JsonNode described = (await api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!;
        Assert.Equal(told, described["DependentObjects"]!.ToJsonString());
        JsonNode cancelled = (await api.AnswerAsync("CancelKeyDeletion", new() { ["KeyId"] = id }))!;
        Assert.Equal(told, cancelled["DependentObjects"]!.ToJsonString());
        Assert.Null((await api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["DependentObjects"]);

        foreach (string operation in (string[])["ScheduleKeyDeletion", "CancelKeyDeletion"])
        {
            JsonNode recorded = _world.Trail.Named(operation)[0].ResponseElements!["dependentObjects"]!;
            Assert.Equal((12, "photos", 7), ((long)recorded["objects"]!, (string)recorded["buckets"]![0]!["bucket"]!, (long)recorded["buckets"]![0]!["objects"]!));
        }
    }

    [Fact]
    public async Task Before_the_first_pass_it_says_that_nothing_is_known()
    {
        var api = new KmsClient(_world, _world.NewInstance());
        JsonNode scheduled = (await api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = await api.CreateKeyAsync() }))!;
        Assert.Equal("""{"Known":false}""", scheduled["DependentObjects"]!.ToJsonString());
    }

    [Fact]
    public async Task By_default_a_key_is_deleted_at_its_date_whatever_needs_it()
    {
        IServiceProvider instance = _world.NewInstance();
        string id = await ScheduledAsync(instance);
        await AfterAsync(instance, TimeSpan.FromDays(7), id, found: 5);
        Assert.Null(await _world.KmsStore.ReadKeyAsync(World.Region, id, default));
    }

    [Fact]
    public async Task Where_keys_in_use_are_kept_a_key_is_deleted_once_a_pass_has_found_nothing_that_needs_it()
    {
        IServiceProvider instance = _world.NewInstance(("Keys:KeepKeysInUse", "true"));
        string id = await ScheduledAsync(instance);
        _world.Time.Advance(TimeSpan.FromDays(7));
        await RunAsync(instance);
        await AssertKeptAsync(id, "kept: no complete pass over all objects has shown yet that none needs it.");
        await AfterAsync(instance, TimeSpan.FromDays(1), id, found: 5);
        await AssertKeptAsync(id, "kept: 5 objects need it.");
        await AfterAsync(instance, TimeSpan.FromDays(1), id, found: 0, unreadable: 1);
        await AssertKeptAsync(id, "kept: no complete pass over all objects has shown yet that none needs it.");
        Assert.Equal(3, _world.Trail.Named("DeleteKey").Select(kept => kept.EventId).Distinct().Count());

        var api = new KmsClient(_world, instance);
        Assert.Equal("KMSInvalidStateException", (await api.CallAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "c2VjcmV0" })).ErrorCode);
        await AfterAsync(instance, TimeSpan.FromDays(1), id, found: 0);
        Assert.Null(await _world.KmsStore.ReadKeyAsync(World.Region, id, default));
        Assert.Null(_world.Trail.Named("DeleteKey")[^1].ErrorCode);
    }

    [Fact]
    public async Task A_pass_that_began_before_the_key_was_out_of_use_for_a_day_does_not_count()
    {
        IServiceProvider instance = _world.NewInstance(("Keys:KeepKeysInUse", "true"));
        string id = await ScheduledAsync(instance);
        _world.Time.Advance(TimeSpan.FromDays(1));
        _world.References.Complete(_world.Time.GetUtcNow());
        _world.Time.Advance(TimeSpan.FromDays(6));
        await RunAsync(instance);
        Assert.NotNull(await _world.KmsStore.ReadKeyAsync(World.Region, id, default));
    }

    [Fact]
    public async Task A_key_that_is_kept_is_recorded_once_a_day_and_can_be_rescued()
    {
        IServiceProvider instance = _world.NewInstance(("Keys:KeepKeysInUse", "true"));
        string id = await ScheduledAsync(instance);
        await AfterAsync(instance, TimeSpan.FromDays(7), id, found: 5);
        for (int i = 0; i < 10; i++)
        {
            await AfterAsync(instance, TimeSpan.FromMinutes(10), id, found: 5);
        }

        Assert.Single(_world.Trail.Named("DeleteKey").Select(kept => (kept.EventId, kept.EventTime)).Distinct());
        Assert.Equal("AwsServiceEvent", _world.Trail.Named("DeleteKey")[0].EventType);
        var api = new KmsClient(_world, instance);
        await api.AnswerAsync("CancelKeyDeletion", new() { ["KeyId"] = id });
        await api.AnswerAsync("EnableKey", new() { ["KeyId"] = id });
        await api.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "c2VjcmV0" });
    }

    private static string Name(string id) => KeyVersionName.OfKms(World.Region, id);

    private static Task RunAsync(IServiceProvider instance) => instance.GetRequiredService<KmsKeySchedule>().RunAsync(default);

    private async Task AfterAsync(IServiceProvider instance, TimeSpan after, string id, long found, long unreadable = 0)
    {
        _world.Time.Advance(after);
        _world.References.Complete(_world.Time.GetUtcNow(), unreadable);
        if (found > 0)
        {
            _world.References.Add(Name(id), new("bucket", 1, found, found));
        }

        await RunAsync(instance);
    }

    private async Task AssertKeptAsync(string id, string why)
    {
        Assert.Equal(KeyState.PendingDeletion, (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!.State);
        AuditEvent kept = _world.Trail.Named("DeleteKey")[^1];
        Assert.Equal(("KMSInvalidStateException", $"{KmsKey.ArnOf(World.Region, World.Account, id)} is {why}"), (kept.ErrorCode, kept.ErrorMessage));
    }

    private async Task<string> ScheduledAsync(IServiceProvider instance)
    {
        var api = new KmsClient(_world, instance);
        string id = await api.CreateKeyAsync();
        await api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = id, ["PendingWindowInDays"] = 7 });
        return id;
    }
}
