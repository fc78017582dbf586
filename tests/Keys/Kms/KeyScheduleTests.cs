using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>What happens to keys by itself: rotation and the expiry of material. Deletion is elsewhere.</summary>
public sealed class KeyScheduleTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;

    public KeyScheduleTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    [Fact]
    public async Task A_key_is_rotated_when_its_period_is_over_and_not_before()
    {
        string id = await RotatingAsync(90);
        string before = await MaterialAsync(id);
        string blob = (string)(await _api.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "c2VjcmV0" }))!["CiphertextBlob"]!;
        await AfterAsync(days: 89.99);
        Assert.Equal(1u, (await KeyAsync(id)).CurrentVersion);

        await AfterAsync(days: 0.01);
        KmsKey key = await KeyAsync(id);
        Assert.Equal((2u, _world.Time.GetUtcNow().AddDays(90), 0), (key.CurrentVersion, key.NextRotation, key.OnDemandRotations));
        JsonNode rotation = (await _api.AnswerAsync("ListKeyRotations", new() { ["KeyId"] = id }))!["Rotations"]!.AsArray().Single()!;
        Assert.Equal(("AUTOMATIC", key.CurrentMaterialId), ((string)rotation["RotationType"]!, (string)rotation["KeyMaterialId"]!));
        Assert.Equal(200, (await _api.CallAsync("Decrypt", new() { ["CiphertextBlob"] = blob })).Status);
        AuditEvent event_ = Assert.Single(_world.Trail.Named("RotateKey"));
        Assert.Equal(("AwsServiceEvent", key.Arn, false), (event_.EventType, event_.Resources[0].Arn, event_.ReadOnly));
        Assert.Equal(
            $$"""{"rotationType":"AUTOMATIC","keyOrigin":"AWS_KMS","previousKeyMaterialId":"{{before}}","currentKeyMaterialId":"{{key.CurrentMaterialId}}"}""",
            event_.ServiceEventDetails!.ToJsonString());

        await AfterAsync(days: 0);
        Assert.Equal(2u, (await KeyAsync(id)).CurrentVersion);
        await AfterAsync(days: 90);
        Assert.Equal(3u, (await KeyAsync(id)).CurrentVersion);
    }

    [Fact]
    public async Task Instances_that_rotate_at_once_make_one_version_and_report_one_rotation()
    {
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RotatingAsync(90)));
        IServiceProvider[] instances = [_instance, _world.NewInstance(), _world.NewInstance()];
        _world.Time.Advance(TimeSpan.FromDays(90));
        await Task.WhenAll(instances.Select(instance => Task.Run(() => RunAsync(instance))));
        foreach (string id in ids)
        {
            Assert.Equal(2u, (await KeyAsync(id)).CurrentVersion);
            Assert.Equal(2, (await _world.KmsStore.ListVersionsAsync(World.Region, id, default)).Count);
        }

        Assert.Equal(5, _world.Trail.Named("RotateKey").DistinctBy(e => (e.EventId, e.EventTime)).Count());
    }

    [Theory]
    [InlineData(nameof(IKmsKeyStore.TryCreateVersionAsync))]
    [InlineData(nameof(IKmsKeyStore.TryReplaceKeyAsync))]
    public async Task A_rotation_that_is_cut_short_is_finished_by_the_next_run_with_the_same_material(string step)
    {
        string id = await RotatingAsync(90);
        await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(id, World.Context, World.ViaS3, default);
        _world.KmsStore.Before = call => call == step ? throw new IOException("cut short") : Task.CompletedTask;
        await AfterAsync(days: 90);
        Assert.Equal(1u, (await KeyAsync(id)).CurrentVersion);
        string? made = (await _world.KmsStore.ReadVersionAsync(World.Region, id, 2, default))?.MaterialId;
        _world.KmsStore.Before = _ => Task.CompletedTask;
        await AfterAsync(days: 0);
        KmsKey key = await KeyAsync(id);
        Assert.Equal((2u, made ?? key.CurrentMaterialId), (key.CurrentVersion, key.CurrentMaterialId));
        Assert.Single(_world.Trail.Named("RotateKey").DistinctBy(e => (e.EventId, e.EventTime)));
    }

    [Fact]
    public async Task Without_the_trail_no_key_is_rotated()
    {
        string id = await RotatingAsync(90);
        _world.Trail.IsUnavailable = true;
        await AfterAsync(days: 90);
        Assert.Equal(1u, (await KeyAsync(id)).CurrentVersion);
        _world.Trail.IsUnavailable = false;
        await AfterAsync(days: 0);
        Assert.Equal(2u, (await KeyAsync(id)).CurrentVersion);
    }

    [Theory]
    [InlineData("DisableKey", "EnableKey")]
    [InlineData("ScheduleKeyDeletion", "CancelKeyDeletion")]
    public async Task A_key_that_is_not_enabled_waits_and_is_rotated_once_when_it_is_enabled_again(string stop, string go)
    {
        string id = await RotatingAsync(90);
        await AfterAsync(days: 80);
        await _api.AnswerAsync(stop, new() { ["KeyId"] = id });
        await AfterAsync(days: 20);
        Assert.Equal(1u, (await KeyAsync(id)).CurrentVersion);
        await _api.AnswerAsync(go, new() { ["KeyId"] = id });
        await _api.AnswerAsync("EnableKey", new() { ["KeyId"] = id });
        await AfterAsync(days: 0);
        KmsKey key = await KeyAsync(id);
        Assert.Equal((2u, _world.Time.GetUtcNow().AddDays(90)), (key.CurrentVersion, key.NextRotation));
    }

    [Fact]
    public async Task The_managed_key_is_rotated_every_year_and_keys_without_a_schedule_never()
    {
        using WrappedDataKey managed = await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(null, World.Context, World.ViaS3, default);
        string plain = await _api.CreateKeyAsync();
        string ended = await RotatingAsync(90);
        await _api.AnswerAsync("DisableKeyRotation", new() { ["KeyId"] = ended });
        await AfterAsync(days: 364);
        Assert.Equal(1u, (await KeyAsync(managed.KeyArn[^36..])).CurrentVersion);
        await AfterAsync(days: 1);
        Assert.Equal(2u, (await KeyAsync(managed.KeyArn[^36..])).CurrentVersion);
        await AfterAsync(days: 3000);
        Assert.Equal((1u, 1u), ((await KeyAsync(plain)).CurrentVersion, (await KeyAsync(ended)).CurrentVersion));
    }

    [Fact]
    public async Task Keys_of_every_Region_are_rotated_and_one_that_fails_stops_no_other()
    {
        KmsClient elsewhere = new(_world, _instance) { Region = "us-west-2" };
        string abroad = await elsewhere.CreateKeyAsync();
        await elsewhere.AnswerAsync("EnableKeyRotation", new() { ["KeyId"] = abroad, ["RotationPeriodInDays"] = 90 });
        string[] ids = [await RotatingAsync(90), await RotatingAsync(90), await RotatingAsync(90)];
        int replaced = 0;
        _world.KmsStore.Before = call => call == nameof(IKmsKeyStore.TryReplaceKeyAsync) && replaced++ == 1 ? throw new IOException("one fails") : Task.CompletedTask;
        await AfterAsync(days: 90);
        Assert.Equal(2u, (await _world.KmsStore.ReadKeyAsync("us-west-2", abroad, default))!.CurrentVersion);
        Assert.Equal([1u, 2u, 2u], await Task.WhenAll(ids.Select(async id => (await KeyAsync(id)).CurrentVersion)).ContinueWith(versions => versions.Result.Order(), TaskScheduler.Default));
    }

    [Fact]
    public async Task More_keys_than_a_page_are_all_rotated()
    {
        for (int i = 0; i < 205; i++)
        {
            await RotatingAsync(90);
        }

        await AfterAsync(days: 90);
        Assert.Empty(await _world.KmsStore.ListDueAsync(World.Region, _world.Time.GetUtcNow(), null, 10, default));
        Assert.Equal(205, _world.Trail.Named("RotateKey").Count);
    }

    [Fact]
    public async Task What_is_not_due_is_not_read()
    {
        for (int i = 0; i < 5; i++)
        {
            await RotatingAsync(90);
        }

        _world.KmsStore.Calls.Clear();
        await AfterAsync(days: 1);
        Assert.Equal([nameof(IKmsKeyStore.ListRegionsAsync), nameof(IKmsKeyStore.ListDueAsync), nameof(IKmsKeyStore.ListCountedFromAsync)], _world.KmsStore.Calls);
    }

    [Fact]
    public async Task Expired_material_is_deleted_and_reported_once()
    {
        var owner = new MaterialOwner(_api);
        string id = await owner.CreateKeyAsync();
        byte[] material = RandomNumberGenerator.GetBytes(32);
        DateTimeOffset expiry = _world.Time.GetUtcNow().AddDays(10);
        JsonObject expiring() => new() { ["ValidTo"] = expiry.ToUnixTimeSeconds() };
        string first = (string)(await owner.ImportAsync(id, material, expiring())).Body!["KeyMaterialId"]!;
        JsonObject pending = expiring();
        pending["ImportType"] = "NEW_KEY_MATERIAL";
        await owner.ImportAsync(id, RandomNumberGenerator.GetBytes(32), pending);
        await AfterAsync(days: 9);
        Assert.All(await _world.KmsStore.ListVersionsAsync(World.Region, id, default), version => Assert.True(version.HasMaterial));

        _world.KmsStore.Before = call => call == nameof(IKmsKeyStore.TryReplaceKeyAsync) ? throw new IOException("cut short") : Task.CompletedTask;
        await AfterAsync(days: 1);
        _world.KmsStore.Before = _ => Task.CompletedTask;
        await AfterAsync(days: 0);
        KmsKeyVersion left = Assert.Single(await _world.KmsStore.ListVersionsAsync(World.Region, id, default));
        Assert.Equal((first, false), (left.MaterialId, left.HasMaterial));
        AuditEvent[] events = [.. _world.Trail.Named("DeleteExpiredKeyMaterial").DistinctBy(e => (e.EventId, e.EventTime))];
        Assert.Equal(2, events.Length);
        Assert.Equal($$"""{"keyId":"{{id}}","keyMaterialId":"{{first}}"}""", events[0].ServiceEventDetails!.ToJsonString());
        Assert.Equal(KeyState.PendingImport, (await KeyAsync(id)).State);
        Assert.Empty(await _world.KmsStore.ListDueAsync(World.Region, DateTimeOffset.MaxValue, null, 10, default));
        Assert.Equal(200, (await owner.ImportAsync(id, material)).Status);
    }

    public void Dispose() => _world.Dispose();

    private static Task RunAsync(IServiceProvider instance) => instance.GetRequiredService<KmsKeySchedule>().RunAsync(default);

    private async Task AfterAsync(double days)
    {
        _world.Time.Advance(TimeSpan.FromDays(days));
        await RunAsync(_instance);
    }

    private async Task<string> RotatingAsync(int days)
    {
        string id = await _api.CreateKeyAsync();
        await _api.AnswerAsync("EnableKeyRotation", new() { ["KeyId"] = id, ["RotationPeriodInDays"] = days });
        return id;
    }

    private async Task<KmsKey> KeyAsync(string id) => (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;

    private async Task<string> MaterialAsync(string id) => (await KeyAsync(id)).CurrentMaterialId;
}
