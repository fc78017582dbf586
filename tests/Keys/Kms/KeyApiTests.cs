using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>The operations that make, show, list and change keys.</summary>
public sealed class KeyApiTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;

    public KeyApiTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    [Fact]
    public async Task Times_are_seconds_with_decimals()
    {
        _world.Time.Advance(TimeSpan.FromMilliseconds(123));
        JsonNode key = (await _api.AnswerAsync("CreateKey"))!["KeyMetadata"]!;
        Assert.Equal(_world.Time.GetUtcNow().ToUnixTimeMilliseconds() / 1000m, (decimal)key["CreationDate"]!);
        Assert.EndsWith(".123", key["CreationDate"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_listed_in_pages()
    {
        var created = new HashSet<string>();
        for (int i = 0; i < 3; i++)
        {
            created.Add(await _api.CreateKeyAsync());
        }

        JsonNode first = (await _api.AnswerAsync("ListKeys", new() { ["Limit"] = 2 }))!;
        Assert.True((bool)first["Truncated"]!);
        JsonNode second = (await _api.AnswerAsync("ListKeys", new() { ["Limit"] = 2, ["Marker"] = (string)first["NextMarker"]! }))!;
        Assert.False((bool)second["Truncated"]!);
        Assert.Null(second["NextMarker"]);
        JsonNode?[] listed = [.. first["Keys"]!.AsArray(), .. second["Keys"]!.AsArray()];
        Assert.Equal(created.Order(), listed.Select(key => (string)key!["KeyId"]!).Order());
        Assert.All(listed, key => Assert.Equal(KmsKey.ArnOf(World.Region, World.Account, (string)key!["KeyId"]!), (string)key["KeyArn"]!));
        Assert.Equal("InvalidMarkerException", (await _api.CallAsync("ListKeys", new() { ["Marker"] = "?" })).ErrorCode);
    }

    [Theory]
    [InlineData(0, "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1")]
    [InlineData(1001, "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000")]
    public async Task A_page_holds_1_to_1000_keys(int limit, string message) =>
        Assert.Equal(("ValidationException", message), Error(await _api.CallAsync("ListKeys", new() { ["Limit"] = limit })));

    [Fact]
    public async Task A_key_goes_through_its_states()
    {
        string id = await _api.CreateKeyAsync();
        string arn = KmsKey.ArnOf(World.Region, World.Account, id);
        JsonObject key() => new() { ["KeyId"] = id };
        Assert.Null(await _api.AnswerAsync("DisableKey", key()));
        Assert.Equal(("Disabled", false), await StateAsync(id));
        Assert.Null(await _api.AnswerAsync("EnableKey", new() { ["KeyId"] = arn }));
        Assert.Equal(("Enabled", true), await StateAsync(id));

        long deletion = _world.Time.GetUtcNow().AddDays(30).ToUnixTimeSeconds();
        Assert.Equal(
            $$"""{"DeletionDate":{{deletion}},"DependentObjects":{"Known":false},"KeyId":"{{arn}}","KeyState":"PendingDeletion","PendingWindowInDays":30}""",
            (await _api.AnswerAsync("ScheduleKeyDeletion", key()))!.ToJsonString());
        Assert.Equal(deletion, (long)(await _api.AnswerAsync("DescribeKey", key()))!["KeyMetadata"]!["DeletionDate"]!);
        Assert.Equal(("KMSInvalidStateException", $"{arn} is pending deletion."), Error(await _api.CallAsync("EnableKey", key())));

        Assert.Equal($$"""{"DependentObjects":{"Known":false},"KeyId":"{{arn}}"}""", (await _api.AnswerAsync("CancelKeyDeletion", key()))!.ToJsonString());
        Assert.Equal(("Disabled", false), await StateAsync(id));
        Assert.Null((await _api.AnswerAsync("DescribeKey", key()))!["KeyMetadata"]!["DeletionDate"]);
        Assert.Equal(("KMSInvalidStateException", $"{arn} is not pending deletion."), Error(await _api.CallAsync("CancelKeyDeletion", key())));
    }

    [Fact]
    public async Task A_description_is_changed()
    {
        string id = await _api.CreateKeyAsync();
        Assert.Null(await _api.AnswerAsync("UpdateKeyDescription", new() { ["KeyId"] = id, ["Description"] = "another" }));
        Assert.Equal("another", await DescriptionAsync());
        Assert.Equal($$"""{"description":"another","keyId":"{{id}}"}""", _world.Trail.Last.RequestParameters!.ToJsonString());
        await _api.AnswerAsync("UpdateKeyDescription", new() { ["KeyId"] = id, ["Description"] = "" });
        Assert.Equal("", await DescriptionAsync());
        Assert.Equal(
            ("ValidationException", "1 validation error detected: Value null at 'description' failed to satisfy constraint: Member must not be null"),
            Error(await _api.CallAsync("UpdateKeyDescription", new() { ["KeyId"] = id })));
        Assert.Equal("ValidationException", (await _api.CallAsync("UpdateKeyDescription", new() { ["KeyId"] = id, ["Description"] = new string('d', 8193) })).ErrorCode);

        async Task<string> DescriptionAsync() => (string)(await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!["Description"]!;
    }

    [Fact]
    public async Task Describing_the_managed_key_by_its_alias_makes_it()
    {
        JsonNode key = (await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = "alias/aws/s3" }))!["KeyMetadata"]!;
        Assert.Equal(("AWS", true), ((string)key["KeyManager"]!, (bool)key["Enabled"]!));
        using WrappedDataKey managed = await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(null, World.Context, World.ViaS3, default);
        Assert.Equal(managed.KeyArn, (string)key["Arn"]!);
        Assert.Equal("NotFoundException", (await _api.CallAsync("DescribeKey", new() { ["KeyId"] = "alias/aws/ebs" })).ErrorCode);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(31)]
    public async Task A_key_is_deleted_after_7_to_30_days(int days) => Assert.Equal(
        "ValidationException", (await _api.CallAsync("ScheduleKeyDeletion", new() { ["KeyId"] = await _api.CreateKeyAsync(), ["PendingWindowInDays"] = days })).ErrorCode);

    [Theory]
    [InlineData("EnableKey")]
    [InlineData("DisableKey")]
    [InlineData("ScheduleKeyDeletion")]
    [InlineData("CancelKeyDeletion")]
    [InlineData("UpdateKeyDescription")]
    [InlineData("TagResource")]
    [InlineData("UntagResource")]
    [InlineData("ListResourceTags")]
    [InlineData("EnableKeyRotation")]
    [InlineData("DisableKeyRotation")]
    [InlineData("GetKeyRotationStatus")]
    [InlineData("RotateKeyOnDemand")]
    [InlineData("ListKeyRotations")]
    public async Task An_alias_is_no_name_for_a_key_that_is_to_be_changed(string operation)
    {
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = await _api.CreateKeyAsync() });
        Assert.Equal(("NotFoundException", "Invalid keyId 'alias/mine'"), Error(await _api.CallAsync(
            operation, new() { ["KeyId"] = "alias/mine", ["Description"] = "d", ["Tags"] = new JsonArray(), ["TagKeys"] = new JsonArray() })));
    }

    [Theory]
    [InlineData("EnableKey")]
    [InlineData("DisableKey")]
    [InlineData("ScheduleKeyDeletion")]
    [InlineData("CancelKeyDeletion")]
    [InlineData("UpdateKeyDescription")]
    [InlineData("TagResource")]
    [InlineData("UntagResource")]
    [InlineData("EnableKeyRotation")]
    [InlineData("DisableKeyRotation")]
    [InlineData("RotateKeyOnDemand")]
    public async Task A_managed_key_is_not_the_customers_to_change(string operation)
    {
        using WrappedDataKey managed = await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(null, World.Context, World.ViaS3, default);
        KmsResponse response = await _api.CallAsync(
            operation, new() { ["KeyId"] = managed.KeyArn, ["Description"] = "d", ["Tags"] = new JsonArray(), ["TagKeys"] = new JsonArray() });
        Assert.Equal(
            ("AccessDeniedException", $"User: {World.Root.Principal.Arn} is not authorized to perform: kms:{operation} on resource: {managed.KeyArn} because no resource-based policy allows the kms:{operation} action"),
            Error(response));
        Assert.Equal((operation, "AccessDeniedException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
    }

    [Fact]
    public async Task Concurrent_changes_are_all_made()
    {
        string id = await _api.CreateKeyAsync();
        KmsClient other = new(_world, _world.NewInstance());
        KmsResponse[] responses = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? _api : other).CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id }))));
        Assert.All(responses, response => Assert.Equal(200, response.Status));
        KmsKey key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        Assert.Equal((9u, 8), (key.CurrentVersion, key.OnDemandRotations));
        Assert.Equal(8, _world.Trail.Named("RotateKeyOnDemand").Count);
        // Who lost a race has recorded the rotation that the winner made: the same event.
        Assert.Equal(8, _world.Trail.Named("RotateKey").Select(rotation => rotation.EventId).Distinct().Count());
    }

    [Fact]
    public async Task A_rotation_changes_the_material_and_there_are_ten_of_them()
    {
        string id = await _api.CreateKeyAsync();
        string arn = KmsKey.ArnOf(World.Region, World.Account, id);
        var materials = new HashSet<string>();
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(arn, (string)(await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id }))!["KeyId"]!);
            materials.Add((string)(await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!["CurrentKeyMaterialId"]!);
        }

        Assert.Equal(10, materials.Count);
        Assert.Equal("LimitExceededException", (await _api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id })).ErrorCode);
        AuditEvent rotation = _world.Trail.Named("RotateKey")[^1];
        Assert.Equal(("AwsServiceEvent", arn), (rotation.EventType, rotation.Resources[0].Arn));
        Assert.Contains((string)rotation.ServiceEventDetails!["currentKeyMaterialId"]!, materials);
    }

    [Fact]
    public async Task A_change_is_on_the_trail_before_it_is_made()
    {
        string id = await _api.CreateKeyAsync();
        int recorded = 0;
        _world.KmsStore.Before = call =>
        {
            recorded = call == nameof(IKmsKeyStore.TryReplaceKeyAsync) ? _world.Trail.Named("DisableKey").Count : recorded;
            return Task.CompletedTask;
        };
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        Assert.Equal(1, recorded);
        AuditEvent change = _world.Trail.Last;
        Assert.False(change.ReadOnly);
        Assert.Equal([new("AWS::KMS::Key", KmsKey.ArnOf(World.Region, World.Account, id))], change.Resources);

        _world.Trail.IsUnavailable = true;
        KmsResponse refused = await _api.CallAsync("EnableKey", new() { ["KeyId"] = id });
        Assert.Equal((503, "DependencyTimeoutException"), (refused.Status, refused.ErrorCode));
        Assert.Equal(KeyState.Disabled, (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!.State);
    }

    public void Dispose() => _world.Dispose();

    private static (string?, string?) Error(KmsResponse response) => (response.ErrorCode, response.ErrorMessage);

    private async Task<(string, bool)> StateAsync(string id)
    {
        JsonNode key = (await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!;
        return ((string)key["KeyState"]!, (bool)key["Enabled"]!);
    }
}
