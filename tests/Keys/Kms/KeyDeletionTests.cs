using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>The deletions that the schedule carries out.</summary>
public sealed class KeyDeletionTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;

    public KeyDeletionTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    [Fact]
    public async Task A_key_is_deleted_when_its_waiting_period_is_over_with_all_that_names_it()
    {
        (string id, string other) = (await ScheduledAsync(), await _api.CreateKeyAsync());
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/other", ["TargetKeyId"] = other });
        await AfterAsync(days: 6.99);
        Assert.Equal("PendingDeletion", (string)(await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!["KeyState"]!);

        DateTimeOffset announced = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!.DeletionDate!.Value;
        await AfterAsync(days: 0.01);
        await AssertGoneAsync(id);
        AuditEvent deletion = Assert.Single(_world.Trail.Named("DeleteKey"));
        Assert.Equal(("AwsServiceEvent", announced, Arn(id)), (deletion.EventType, deletion.EventTime, deletion.Resources[0].Arn));
        Assert.Equal($$"""{"keyId":"{{Arn(id)}}"}""", deletion.ResponseElements!.ToJsonString());

        Assert.Equal([other], (await _api.AnswerAsync("ListKeys"))!["Keys"]!.AsArray().Select(key => (string)key!["KeyId"]!));
        Assert.Equal(["alias/other"], (await _api.AnswerAsync("ListAliases"))!["Aliases"]!.AsArray().Select(alias => (string)alias!["AliasName"]!));
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = other });
    }

    [Fact]
    public async Task What_a_deleted_key_has_encrypted_is_lost()
    {
        string id = await _api.CreateKeyAsync();
        IKmsKeys keys = _instance.GetRequiredService<IKmsKeys>();
        WrappedDataKey dataKey = await keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default);
        await _api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = id, ["PendingWindowInDays"] = 7 });
        await AfterAsync(days: 7);
        KmsException refused = await Assert.ThrowsAsync<KmsException>(() => keys.DecryptDataKeyAsync(dataKey.Wrapped, World.Context, World.ViaS3, default).AsTask());
        Assert.Equal(("NotFoundException", $"Key '{Arn(id)}' does not exist"), (refused.Error.Code, refused.Error.Message));
    }

    [Fact]
    public async Task A_key_that_is_rescued_in_time_is_kept()
    {
        string id = await ScheduledAsync();
        await AfterAsync(days: 6);
        await _api.AnswerAsync("CancelKeyDeletion", new() { ["KeyId"] = id });
        await AfterAsync(days: 30);
        Assert.Equal("Disabled", (string)(await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = "alias/mine" }))!["KeyMetadata"]!["KeyState"]!);
        Assert.Empty(_world.Trail.Named("DeleteKey"));
        await _api.AnswerAsync("EnableKey", new() { ["KeyId"] = id });
        await _api.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "c2VjcmV0" });
    }

    [Fact]
    public async Task A_key_that_is_rescued_while_it_is_being_deleted_loses_nothing()
    {
        string id = await ScheduledAsync();
        bool rescued = false;
        _world.KmsStore.Before = async call =>
        {
            if (call == nameof(IKmsKeyStore.TryDeleteKeyAsync) && !rescued)
            {
                rescued = true;
                await _api.AnswerAsync("CancelKeyDeletion", new() { ["KeyId"] = id });
            }
        };
        await AfterAsync(days: 7);
        Assert.True(rescued);
        await _api.AnswerAsync("EnableKey", new() { ["KeyId"] = id });
        await _api.AnswerAsync("Encrypt", new() { ["KeyId"] = "alias/mine", ["Plaintext"] = "c2VjcmV0" });
        Assert.Equal([null, "KMSInvalidStateException"], _world.Trail.Named("DeleteKey").Select(e => e.ErrorCode));
    }

    [Fact]
    public async Task A_change_that_is_no_rescue_does_not_save_a_key()
    {
        string id = await ScheduledAsync();
        bool changed = false;
        _world.KmsStore.Before = async call =>
        {
            if (call == nameof(IKmsKeyStore.TryDeleteKeyAsync) && !changed)
            {
                changed = true;
                KmsKey key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
                Assert.True(await _world.KmsStore.TryReplaceKeyAsync(key with { Description = "another" }, null, default));
            }
        };
        await AfterAsync(days: 7);
        await AssertGoneAsync(id);
        Assert.Single(_world.Trail.Named("DeleteKey"));
    }

    [Theory]
    [InlineData(nameof(IKmsKeyStore.TryDeleteKeyAsync), true)]
    [InlineData(nameof(IGrantStore.DeleteGrantsAsync), false)]
    [InlineData(nameof(IKmsKeyStore.RemoveRemainsAsync), false)]
    public async Task A_deletion_that_is_cut_short_is_finished_by_the_next_run(string step, bool isThere)
    {
        string id = await ScheduledAsync();
        _world.KmsStore.Before = call => call == step ? throw new IOException("cut short") : Task.CompletedTask;
        await AfterAsync(days: 7);
        Assert.Equal(isThere ? 200 : 400, (await _api.CallAsync("DescribeKey", new() { ["KeyId"] = id })).Status);
        _world.KmsStore.Before = _ => Task.CompletedTask;
        await AfterAsync(days: 0);
        await AssertGoneAsync(id);
        Assert.Single(_world.Trail.Named("DeleteKey").DistinctBy(e => (e.EventId, e.EventTime)));
    }

    [Fact]
    public async Task Without_the_trail_no_key_is_deleted()
    {
        string id = await ScheduledAsync();
        _world.Trail.IsUnavailable = true;
        await AfterAsync(days: 7);
        Assert.NotNull(await _world.KmsStore.ReadKeyAsync(World.Region, id, default));
        Assert.Single(await _world.KmsStore.ListVersionsAsync(World.Region, id, default));
    }

    [Fact]
    public async Task Instances_that_delete_at_once_delete_and_report_once()
    {
        string[] ids = [await ScheduledAsync(), await ScheduledAsync(alias: null), await ScheduledAsync(alias: null)];
        IServiceProvider[] instances = [_instance, _world.NewInstance(), _world.NewInstance()];
        _world.Time.Advance(TimeSpan.FromDays(7));
        await Task.WhenAll(instances.Select(instance => Task.Run(() => RunAsync(instance))));
        foreach (string id in ids)
        {
            await AssertGoneAsync(id);
        }

        Assert.Equal(3, _world.Trail.Named("DeleteKey").DistinctBy(e => (e.EventId, e.EventTime)).Count());
    }

    public void Dispose() => _world.Dispose();

    private static string Arn(string id) => KmsKey.ArnOf(World.Region, World.Account, id);

    private static Task RunAsync(IServiceProvider instance) => instance.GetRequiredService<KmsKeySchedule>().RunAsync(default);

    private async Task AfterAsync(double days)
    {
        _world.Time.Advance(TimeSpan.FromDays(days));
        await RunAsync(_instance);
    }

    private async Task<string> ScheduledAsync(string? alias = "alias/mine")
    {
        string id = await _api.CreateKeyAsync();
        if (alias is not null)
        {
            await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = alias, ["TargetKeyId"] = id });
        }

        await _api.AnswerAsync(
            "CreateGrant", new() { ["KeyId"] = id, ["GranteePrincipal"] = World.Account, ["RetiringPrincipal"] = World.Account, ["Operations"] = new JsonArray("Decrypt") });
        await _api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = id, ["PendingWindowInDays"] = 7 });
        return id;
    }

    private async Task AssertGoneAsync(string id)
    {
        foreach (string operation in new[] { "DescribeKey", "EnableKey", "CancelKeyDeletion", "GenerateDataKey" })
        {
            KmsResponse response = await _api.CallAsync(operation, new() { ["KeyId"] = id, ["KeySpec"] = "AES_256" });
            Assert.Equal(("NotFoundException", $"Key '{Arn(id)}' does not exist"), (response.ErrorCode, response.ErrorMessage));
        }

        Assert.Empty(await _world.KmsStore.ListVersionsAsync(World.Region, id, default));
        Assert.Empty(await _world.KmsStore.ListAliasesAsync(World.Region, id, null, 10, default));
        Assert.Empty(await _world.KmsStore.ListGrantsAsync(World.Region, id, null, null, 10, default));
        Assert.DoesNotContain(await _world.KmsStore.ListDueAsync(World.Region, DateTimeOffset.MaxValue, null, 10, default), due => due.KeyId == id);
        JsonNode? listed = await _api.AnswerAsync("ListKeys");
        Assert.DoesNotContain(listed!["Keys"]!.AsArray(), key => (string)key!["KeyId"]! == id);
    }
}
