using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>The operations that rotate keys and show their rotations; what the schedule does by itself is elsewhere.</summary>
public sealed class RotationApiTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;

    public RotationApiTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    [Fact]
    public async Task A_schedule_is_set_changed_and_ended()
    {
        string id = await _api.CreateKeyAsync();
        string arn = KmsKey.ArnOf(World.Region, World.Account, id);
        Assert.Equal($$"""{"KeyId":"{{arn}}","KeyRotationEnabled":false}""", await StatusAsync(id));
        Assert.Null(await _api.AnswerAsync("EnableKeyRotation", new() { ["KeyId"] = id }));
        Assert.Equal($$"""{"KeyId":"{{arn}}","KeyRotationEnabled":true,"NextRotationDate":{{In(365)}},"RotationPeriodInDays":365}""", await StatusAsync(id));
        _world.Time.Advance(TimeSpan.FromDays(10));
        await _api.AnswerAsync("EnableKeyRotation", new() { ["KeyId"] = arn, ["RotationPeriodInDays"] = 90 });
        Assert.Equal($$"""{"KeyId":"{{arn}}","KeyRotationEnabled":true,"NextRotationDate":{{In(90)}},"RotationPeriodInDays":90}""", await StatusAsync(id));
        Assert.Null(await _api.AnswerAsync("DisableKeyRotation", new() { ["KeyId"] = id }));
        Assert.Equal($$"""{"KeyId":"{{arn}}","KeyRotationEnabled":false}""", await StatusAsync(id));
    }

    [Theory]
    [InlineData(89, "1 validation error detected: Value '89' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value greater than or equal to 90")]
    [InlineData(2561, "1 validation error detected: Value '2561' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value less than or equal to 2560")]
    public async Task A_period_is_of_90_to_2560_days(int days, string message) => Assert.Equal(
        ("ValidationException", message), Error(await _api.CallAsync("EnableKeyRotation", new() { ["KeyId"] = await _api.CreateKeyAsync(), ["RotationPeriodInDays"] = days })));

    [Fact]
    public async Task A_schedule_outlives_its_keys_being_disabled_or_nearly_deleted()
    {
        string id = await _api.CreateKeyAsync();
        JsonObject key() => new() { ["KeyId"] = id };
        await _api.AnswerAsync("EnableKeyRotation", key());
        string before = await StatusAsync(id);
        await _api.AnswerAsync("DisableKey", key());
        Assert.Equal(before, await StatusAsync(id));
        await _api.AnswerAsync("ScheduleKeyDeletion", key());
        Assert.Equal($$"""{"KeyId":"{{KmsKey.ArnOf(World.Region, World.Account, id)}}","KeyRotationEnabled":false}""", await StatusAsync(id));
        await _api.AnswerAsync("CancelKeyDeletion", key());
        Assert.Equal(before, await StatusAsync(id));
    }

    [Theory]
    [InlineData("EnableKeyRotation")]
    [InlineData("DisableKeyRotation")]
    [InlineData("GetKeyRotationStatus")]
    [InlineData("RotateKeyOnDemand")]
    [InlineData("ListKeyRotations")]
    public async Task HMAC_keys_are_not_rotated(string operation)
    {
        string arn = (string)(await _api.AnswerAsync("CreateKey", new() { ["KeySpec"] = "HMAC_256", ["KeyUsage"] = "GENERATE_VERIFY_MAC" }))!["KeyMetadata"]!["Arn"]!;
        Assert.Equal(
            ("UnsupportedOperationException", $"{arn} key spec is HMAC_256 which is not valid for this operation: only symmetric encryption keys are rotated."),
            Error(await _api.CallAsync(operation, new() { ["KeyId"] = arn })));
    }

    [Fact]
    public async Task A_managed_key_is_rotated_every_year()
    {
        using WrappedDataKey managed = await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(null, World.Context, World.ViaS3, default);
        Assert.Equal(
            $$"""{"KeyId":"{{managed.KeyArn}}","KeyRotationEnabled":true,"NextRotationDate":{{In(365)}},"RotationPeriodInDays":365}""", await StatusAsync(managed.KeyArn));
    }

    [Fact]
    public async Task Rotations_are_listed_with_their_materials()
    {
        string id = await _api.CreateKeyAsync();
        string arn = KmsKey.ArnOf(World.Region, World.Account, id);
        string first = await MaterialAsync(id);
        Assert.Equal("""{"Rotations":[],"Truncated":false}""", await ListAsync(id));
        Assert.Equal(
            $$"""{"Rotations":[{"KeyId":"{{arn}}","KeyMaterialId":"{{first}}","KeyMaterialState":"CURRENT"}],"Truncated":false}""", await ListAsync(id, all: true));
        _world.Time.Advance(TimeSpan.FromDays(1));
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        string second = await MaterialAsync(id);
        string rotation = $$"""{"KeyId":"{{arn}}","KeyMaterialId":"{{second}}","KeyMaterialState":"CURRENT","RotationDate":{{In(0)}},"RotationType":"ON_DEMAND"}""";
        Assert.Equal($$"""{"Rotations":[{{rotation}}],"Truncated":false}""", await ListAsync(id));
        Assert.Equal(
            $$"""{"Rotations":[{"KeyId":"{{arn}}","KeyMaterialId":"{{first}}","KeyMaterialState":"NON_CURRENT"},{{rotation}}],"Truncated":false}""", await ListAsync(id, all: true));
    }

    [Fact]
    public async Task Rotations_are_listed_in_pages()
    {
        string id = await _api.CreateKeyAsync();
        var materials = new List<string>();
        for (int i = 0; i < 10; i++)
        {
            await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
            materials.Add(await MaterialAsync(id));
        }

        var listed = new List<string>();
        string? marker = null;
        do
        {
            JsonNode page = (await _api.AnswerAsync("ListKeyRotations", new() { ["KeyId"] = id, ["Limit"] = 3, ["Marker"] = marker }))!;
            listed.AddRange(page["Rotations"]!.AsArray().Select(rotation => (string)rotation!["KeyMaterialId"]!));
            marker = (string?)page["NextMarker"];
            Assert.Equal(marker is not null, (bool)page["Truncated"]!);
        }
        while (marker is not null);
        Assert.Equal(materials, listed);
        Assert.Equal("InvalidMarkerException", (await _api.CallAsync("ListKeyRotations", new() { ["KeyId"] = id, ["Marker"] = "-1" })).ErrorCode);
        Assert.Equal("ValidationException", (await _api.CallAsync("ListKeyRotations", new() { ["KeyId"] = id, ["Limit"] = 1001 })).ErrorCode);
        Assert.Equal(
            ("ValidationException", "1 validation error detected: Value 'ALL' at 'includeKeyMaterial' failed to satisfy constraint: Member must satisfy enum value set: [ALL_KEY_MATERIAL, ROTATIONS_ONLY]"),
            Error(await _api.CallAsync("ListKeyRotations", new() { ["KeyId"] = id, ["IncludeKeyMaterial"] = "ALL" })));
    }

    [Fact]
    public async Task A_key_that_its_schedule_is_about_to_rotate_is_not_rotated_on_demand()
    {
        string id = await _api.CreateKeyAsync();
        await _api.AnswerAsync("EnableKeyRotation", new() { ["KeyId"] = id, ["RotationPeriodInDays"] = 90 });
        _world.Time.Advance(TimeSpan.FromDays(90) - TimeSpan.FromMinutes(20));
        Assert.Equal(
            ("ConflictException", $"An automatic rotation of {KmsKey.ArnOf(World.Region, World.Account, id)} is in progress or scheduled to begin within the next 20 minutes."),
            Error(await _api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id })));
        await _instance.GetRequiredService<KmsKeySchedule>().RunAsync(default);
        Assert.Equal(400, (await _api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id })).Status);
        _world.Time.Advance(TimeSpan.FromMinutes(20));
        await _instance.GetRequiredService<KmsKeySchedule>().RunAsync(default);
        Assert.Equal(200, (await _api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id })).Status);
    }

    [Fact]
    public async Task A_rotation_that_was_cut_short_is_neither_listed_nor_lost()
    {
        string id = await _api.CreateKeyAsync();
        _world.KmsStore.Before = call => call == nameof(IKmsKeyStore.TryReplaceKeyAsync) ? throw new InvalidOperationException("cut short") : Task.CompletedTask;
        Assert.Equal(500, (await _api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id })).Status);
        _world.KmsStore.Before = _ => Task.CompletedTask;
        KmsKeyVersion left = (await _world.KmsStore.ReadVersionAsync(World.Region, id, 2, default))!;
        Assert.Single(JsonNode.Parse(await ListAsync(id, all: true))!["Rotations"]!.AsArray());
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        Assert.Equal(left.MaterialId, await MaterialAsync(id));
        Assert.Equal(2, JsonNode.Parse(await ListAsync(id, all: true))!["Rotations"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_rotation_leaves_the_schedule_and_is_on_the_trail_with_both_materials()
    {
        string id = await _api.CreateKeyAsync();
        await _api.AnswerAsync("EnableKeyRotation", new() { ["KeyId"] = id, ["RotationPeriodInDays"] = 100 });
        (string status, string before) = (await StatusAsync(id), await MaterialAsync(id));
        _world.Time.Advance(TimeSpan.FromDays(1));
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        Assert.Equal(status, await StatusAsync(id));
        AuditEvent rotation = Assert.Single(_world.Trail.Named("RotateKey"));
        Assert.Equal(
            $$"""{"rotationType":"ON_DEMAND","keyOrigin":"AWS_KMS","previousKeyMaterialId":"{{before}}","currentKeyMaterialId":"{{await MaterialAsync(id)}}"}""",
            rotation.ServiceEventDetails!.ToJsonString());
        Assert.Equal($$"""{"rotationPeriodInDays":100,"keyId":"{{id}}"}""", Assert.Single(_world.Trail.Named("EnableKeyRotation")).RequestParameters!.ToJsonString());
    }

    public void Dispose() => _world.Dispose();

    private static (string?, string?) Error(KmsResponse response) => (response.ErrorCode, response.ErrorMessage);

    private long In(int days) => _world.Time.GetUtcNow().AddDays(days).ToUnixTimeSeconds();

    private async Task<string> StatusAsync(string id) => (await _api.AnswerAsync("GetKeyRotationStatus", new() { ["KeyId"] = id }))!.ToJsonString();

    private async Task<string> MaterialAsync(string id) => (string)(await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!["CurrentKeyMaterialId"]!;

    private async Task<string> ListAsync(string id, bool all = false)
    {
        var request = new JsonObject { ["KeyId"] = id };
        if (all)
        {
            request["IncludeKeyMaterial"] = "ALL_KEY_MATERIAL";
        }

        return (await _api.AnswerAsync("ListKeyRotations", request))!.ToJsonString();
    }
}
