using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Keys.Tests;

public sealed class AliasApiTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;

    public AliasApiTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    [Fact]
    public async Task An_alias_names_its_key_and_is_listed()
    {
        string id = await _api.CreateKeyAsync();
        Assert.Null(await CreateAsync("alias/mine", id));
        Assert.Equal(id, (string)(await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = "alias/mine" }))!["KeyMetadata"]!["KeyId"]!);
        long now = _world.Time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal(
            $$"""{"Aliases":[{"AliasArn":"arn:aws:kms:eu-central-1:111111111111:alias/mine","AliasName":"alias/mine","CreationDate":{{now}},"LastUpdatedDate":{{now}},"TargetKeyId":"{{id}}"}],"Truncated":false}""",
            (await _api.AnswerAsync("ListAliases"))!.ToJsonString());
    }

    [Theory]
    [InlineData("mine", "ValidationException", "Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html")]
    [InlineData("alias/aws/mine", "NotAuthorizedException", "Aliases that begin with alias/aws/ are made by the service only.")]
    [InlineData("alias/what?", "ValidationException", "1 validation error detected: Value 'alias/what?' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$")]
    public async Task A_name_has_a_prefix_and_plain_characters(string name, string code, string message)
    {
        KmsResponse response = await _api.CallAsync("CreateAlias", new() { ["AliasName"] = name, ["TargetKeyId"] = await _api.CreateKeyAsync() });
        Assert.Equal((code, message), (response.ErrorCode, response.ErrorMessage));
    }

    [Fact]
    public async Task An_alias_is_made_to_name_another_key_and_deleted()
    {
        (string one, string two) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        await CreateAsync("alias/mine", one);
        Assert.Equal(one, await NamedAsync());
        long created = _world.Time.GetUtcNow().ToUnixTimeSeconds();
        _world.Time.Advance(TimeSpan.FromDays(1));
        Assert.Null(await _api.AnswerAsync("UpdateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = KmsKey.ArnOf(World.Region, World.Account, two) }));
        Assert.Equal(two, await NamedAsync());
        JsonNode listed = (await _api.AnswerAsync("ListAliases"))!["Aliases"]![0]!;
        Assert.Equal((created, created + 86_400, two), ((long)listed["CreationDate"]!, (long)listed["LastUpdatedDate"]!, (string)listed["TargetKeyId"]!));

        Assert.Null(await _api.AnswerAsync("DeleteAlias", new() { ["AliasName"] = "alias/mine" }));
        Assert.Equal(NotFound, Error(await _api.CallAsync("DescribeKey", new() { ["KeyId"] = "alias/mine" })));
        Assert.Equal(NotFound, Error(await _api.CallAsync("DeleteAlias", new() { ["AliasName"] = "alias/mine" })));
        Assert.Equal(NotFound, Error(await UpdateAsync("alias/mine", one)));
        Assert.Equal(["CreateAlias", "UpdateAlias", "DeleteAlias"], _world.Trail.Events.Where(e => e.ErrorCode is null && e.EventName.EndsWith("Alias", StringComparison.Ordinal)).Select(e => e.EventName));

        async Task<string> NamedAsync() => (string)(await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = "alias/mine" }))!["KeyMetadata"]!["KeyId"]!;
    }

    [Fact]
    public async Task An_alias_leaves_a_key_that_is_pending_deletion_but_does_not_come_to_one()
    {
        (string one, string two) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        await CreateAsync("alias/mine", one);
        await _api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = one });
        Assert.Equal(200, (await UpdateAsync("alias/mine", two)).Status);
        Assert.Equal(("KMSInvalidStateException", $"{KmsKey.ArnOf(World.Region, World.Account, one)} is pending deletion."), Error(await UpdateAsync("alias/mine", one)));
        await _api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = two });
        Assert.Equal(200, (await _api.CallAsync("DeleteAlias", new() { ["AliasName"] = "alias/mine" })).Status);
    }

    [Fact]
    public async Task An_alias_of_an_encryption_key_is_not_made_to_name_an_HMAC_key()
    {
        await CreateAsync("alias/mine", await _api.CreateKeyAsync());
        string mac = (string)(await _api.AnswerAsync("CreateKey", new() { ["KeySpec"] = "HMAC_256", ["KeyUsage"] = "GENERATE_VERIFY_MAC" }))!["KeyMetadata"]!["KeyId"]!;
        string otherMac = (string)(await _api.AnswerAsync("CreateKey", new() { ["KeySpec"] = "HMAC_512", ["KeyUsage"] = "GENERATE_VERIFY_MAC" }))!["KeyMetadata"]!["KeyId"]!;
        Assert.Equal(
            ("ValidationException", "The current and the new KMS key must be of the same type (both symmetric or both HMAC) and have the same key usage."),
            Error(await UpdateAsync("alias/mine", mac)));
        await CreateAsync("alias/mac", mac);
        Assert.Equal(200, (await UpdateAsync("alias/mac", otherMac)).Status);
    }

    [Theory]
    [InlineData("UpdateAlias")]
    [InlineData("DeleteAlias")]
    public async Task The_services_own_aliases_are_not_the_customers(string operation)
    {
        using WrappedDataKey managed = await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(null, World.Context, World.ViaS3, default);
        KmsResponse refused = await _api.CallAsync(operation, new() { ["AliasName"] = "alias/aws/s3", ["TargetKeyId"] = await _api.CreateKeyAsync() });
        Assert.Equal(("NotAuthorizedException", "Aliases that begin with alias/aws/ are made by the service only."), Error(refused));
        Assert.Equal((operation, "NotAuthorizedException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
        Assert.Equal("AccessDeniedException", (await _api.CallAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = managed.KeyArn })).ErrorCode);
    }

    [Fact]
    public async Task A_key_has_50_aliases_at_most()
    {
        (string full, string other) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        for (int i = 0; i < 50; i++)
        {
            await CreateAsync($"alias/{i}", full);
        }

        await CreateAsync("alias/other", other);
        var limit = ("LimitExceededException", $"A key can have 50 aliases at most, and {KmsKey.ArnOf(World.Region, World.Account, full)} has as many.");
        Assert.Equal(limit, Error(await _api.CallAsync("CreateAlias", new() { ["AliasName"] = "alias/50", ["TargetKeyId"] = full })));
        Assert.Equal(limit, Error(await UpdateAsync("alias/other", full)));
        Assert.Equal(200, (await UpdateAsync("alias/0", full)).Status);
    }

    [Fact]
    public async Task Of_racing_updates_one_wins_and_none_is_lost_in_silence()
    {
        string[] keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _api.CreateKeyAsync()));
        await CreateAsync("alias/mine", keys[0]);
        KmsResponse[] responses = await Task.WhenAll(keys.Select(key => Task.Run(() => UpdateAsync("alias/mine", key))));
        Assert.All(responses, response => Assert.Equal(200, response.Status));
        Assert.Equal(8, _world.Trail.Named("UpdateAlias").Count);
    }

    [Fact]
    public async Task A_name_is_taken_once_also_in_a_race()
    {
        string id = await _api.CreateKeyAsync();
        KmsResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => Task.Run(() => _api.CallAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = id }))));
        Assert.Single(responses, response => response.Status == 200);
        Assert.All(responses.Where(response => response.Status != 200), response => Assert.Equal(
            ("AlreadyExistsException", "An alias with the name arn:aws:kms:eu-central-1:111111111111:alias/mine already exists"), (response.ErrorCode, response.ErrorMessage)));
    }

    [Fact]
    public async Task A_target_is_a_key_that_exists_and_is_not_pending_deletion()
    {
        string id = await _api.CreateKeyAsync();
        await CreateAsync("alias/one", id);
        Assert.Equal("Aliases must refer to keys. Not aliases", (await TryAsync("alias/one")).ErrorMessage);
        Assert.Equal("NotFoundException", (await TryAsync("134f2428-cec1-4b25-a1ae-9048164dba47")).ErrorCode);
        await _api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = id });
        Assert.Equal("KMSInvalidStateException", (await TryAsync(id)).ErrorCode);

        Task<KmsResponse> TryAsync(string target) => _api.CallAsync("CreateAlias", new() { ["AliasName"] = "alias/two", ["TargetKeyId"] = target });
    }

    [Fact]
    public async Task Aliases_are_listed_in_pages_by_key_and_with_the_managed_keys()
    {
        (string one, string two) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        await CreateAsync("alias/a", one);
        await CreateAsync("alias/b", two);
        await CreateAsync("alias/c", one);
        using WrappedDataKey managed = await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(null, World.Context, World.ViaS3, default);

        Assert.Equal(["alias/a", "alias/aws/s3", "alias/b", "alias/c"], Names(await _api.AnswerAsync("ListAliases")));
        Assert.Equal(["alias/a", "alias/c"], Names(await _api.AnswerAsync("ListAliases", new() { ["KeyId"] = one })));
        Assert.Equal(["alias/aws/s3"], Names(await _api.AnswerAsync("ListAliases", new() { ["KeyId"] = managed.KeyArn })));
        JsonNode page = (await _api.AnswerAsync("ListAliases", new() { ["Limit"] = 3 }))!;
        Assert.True((bool)page["Truncated"]!);
        Assert.Equal(["alias/c"], Names(await _api.AnswerAsync("ListAliases", new() { ["Limit"] = 3, ["Marker"] = (string)page["NextMarker"]! })));
        Assert.Equal("InvalidMarkerException", (await _api.CallAsync("ListAliases", new() { ["Marker"] = "?" })).ErrorCode);
        Assert.Equal("ValidationException", (await _api.CallAsync("ListAliases", new() { ["Limit"] = 101 })).ErrorCode);
    }

    public void Dispose() => _world.Dispose();

    private static IEnumerable<string> Names(JsonNode? list) => list!["Aliases"]!.AsArray().Select(alias => (string)alias!["AliasName"]!);

    private static (string?, string?) NotFound => ("NotFoundException", "Alias arn:aws:kms:eu-central-1:111111111111:alias/mine is not found.");

    private static (string?, string?) Error(KmsResponse response) => (response.ErrorCode, response.ErrorMessage);

    private Task<KmsResponse> UpdateAsync(string name, string target) => _api.CallAsync("UpdateAlias", new() { ["AliasName"] = name, ["TargetKeyId"] = target });

    private Task<JsonNode?> CreateAsync(string name, string target) => _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = name, ["TargetKeyId"] = target });
}
