using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>What a user's own policies let it do by the API, on keys that leave it to them.</summary>
public sealed class UserPolicyTests : IDisposable
{
    private const string Aliases = $"arn:aws:kms:{World.Region}:{World.Account}:alias/";

    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _root;

    public UserPolicyTests()
    {
        _instance = _world.NewInstance();
        _root = new KmsClient(_world, _instance);
    }

    [Theory]
    [InlineData("CreateAlias", "alias/mine one two", true, "")]
    [InlineData("CreateAlias", "alias/other one two", false, "alias/mine")]
    [InlineData("CreateAlias", "alias/mine two", false, "one")]
    [InlineData("UpdateAlias", "alias/mine one two", true, "")]
    [InlineData("UpdateAlias", "one two", false, "alias/mine")]
    [InlineData("UpdateAlias", "alias/mine two", false, "one")]
    [InlineData("UpdateAlias", "alias/mine one", false, "two")]
    [InlineData("DeleteAlias", "alias/mine one", true, "")]
    [InlineData("DeleteAlias", "one two", false, "alias/mine")]
    [InlineData("DeleteAlias", "alias/mine two", false, "one")]
    public async Task An_alias_is_changed_by_whoever_may_change_it_and_its_keys(string operation, string allowed, bool done, string refused)
    {
        Dictionary<string, string> ids = new() { ["one"] = await _root.CreateKeyAsync(), ["two"] = await _root.CreateKeyAsync() };
        if (operation != "CreateAlias")
        {
            await _root.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = ids["one"] });
        }

        string[] resources = [.. allowed.Split(' ').Select(ArnOf)];
        JsonObject request = new() { ["AliasName"] = "alias/mine" };
        if (operation != "DeleteAlias")
        {
            request["TargetKeyId"] = operation == "CreateAlias" ? ids["one"] : ids["two"];
        }

        KmsResponse response = await Anna(Statement("kms:" + operation, resources)).CallAsync(operation, request);
        Assert.Equal(
            done ? null : $"User: {World.User.Principal.Arn} is not authorized to perform: kms:{operation} on resource: {ArnOf(refused)} because no identity-based policy allows the kms:{operation} action",
            response.ErrorMessage);
        Assert.Equal(done ? null : "AccessDeniedException", _world.Trail.Last.ErrorCode);

        string ArnOf(string name) => ids.TryGetValue(name, out string? id) ? KmsKey.ArnOf(World.Region, World.Account, id) : Aliases[..^"alias/".Length] + name;
    }

    [Theory]
    [InlineData("""{"KeySpec":"HMAC_256","KeyUsage":"GENERATE_VERIFY_MAC"}""", """{"StringEquals":{"kms:KeySpec":"HMAC_256","kms:KeyUsage":"GENERATE_VERIFY_MAC","kms:KeyOrigin":"AWS_KMS"},"Bool":{"kms:MultiRegion":false}}""", true)]
    [InlineData("{}", """{"StringEquals":{"kms:KeySpec":"HMAC_256"}}""", false)]
    [InlineData("""{"Origin":"EXTERNAL"}""", """{"StringEquals":{"kms:KeyOrigin":"AWS_KMS"}}""", false)]
    [InlineData("""{"Tags":[{"TagKey":"Team","TagValue":"a"}]}""", """{"StringEquals":{"aws:RequestTag/team":"a"}}""", true)]
    [InlineData("""{"Tags":[{"TagKey":"Team","TagValue":"b"}]}""", """{"StringEquals":{"aws:RequestTag/team":"a"}}""", false)]
    [InlineData("""{"Tags":[{"TagKey":"Team","TagValue":"a"},{"TagKey":"x","TagValue":"y"}]}""", """{"ForAllValues:StringEquals":{"aws:TagKeys":"Team"}}""", false)]
    [InlineData("{}", """{"Null":{"aws:TagKeys":true,"kms:BypassPolicyLockoutSafetyCheck":true}}""", true)]
    public async Task A_key_is_created_as_the_conditions_ask(string request, string condition, bool allowed)
    {
        KmsClient anna = Anna(Statement("kms:CreateKey\",\"kms:TagResource", ["*"], condition));
        Assert.Equal(allowed ? null : "AccessDeniedException", (await anna.CallAsync("CreateKey", JsonNode.Parse(request)!.AsObject())).ErrorCode);
        Assert.Equal(allowed, _world.Trail.Last.ErrorCode is null);
    }

    [Fact]
    public async Task Tagging_a_new_key_is_a_permission_of_its_own()
    {
        KmsClient anna = Anna(Statement("kms:CreateKey", ["*"]));
        KmsResponse refused = await anna.CallAsync("CreateKey", new() { ["Tags"] = new JsonArray(new JsonObject { ["TagKey"] = "a", ["TagValue"] = "b" }) });
        Assert.Equal(
            $"User: {World.User.Principal.Arn} is not authorized to perform: kms:TagResource on resource: * because no identity-based policy allows the kms:TagResource action",
            refused.ErrorMessage);
        await anna.AnswerAsync("CreateKey", new() { ["Tags"] = new JsonArray() });
    }

    [Theory]
    [InlineData("ScheduleKeyDeletion", """{"KeyId":"KEY","PendingWindowInDays":7}""", """{"NumericGreaterThanEquals":{"kms:ScheduleKeyDeletionPendingWindowInDays":"8"}}""", false)]
    [InlineData("ScheduleKeyDeletion", """{"KeyId":"KEY"}""", """{"NumericEquals":{"kms:ScheduleKeyDeletionPendingWindowInDays":"30"}}""", true)]
    [InlineData("EnableKeyRotation", """{"KeyId":"KEY","RotationPeriodInDays":100}""", """{"NumericEquals":{"kms:RotationPeriodInDays":"100"}}""", true)]
    [InlineData("EnableKeyRotation", """{"KeyId":"KEY"}""", """{"NumericLessThan":{"kms:RotationPeriodInDays":"365"}}""", false)]
    [InlineData("TagResource", """{"KeyId":"KEY","Tags":[{"TagKey":"a","TagValue":"b"}]}""", """{"StringEquals":{"aws:RequestTag/a":"b"},"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}""", true)]
    [InlineData("TagResource", """{"KeyId":"KEY","Tags":[{"TagKey":"a","TagValue":"b"},{"TagKey":"c","TagValue":"b"}]}""", """{"StringEquals":{"aws:RequestTag/a":"b"},"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}""", false)]
    [InlineData("UntagResource", """{"KeyId":"KEY","TagKeys":["a"]}""", """{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}""", true)]
    [InlineData("UntagResource", """{"KeyId":"KEY","TagKeys":["a","b"]}""", """{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}""", false)]
    public async Task A_key_is_changed_as_the_conditions_ask(string operation, string request, string condition, bool allowed)
    {
        string id = await _root.CreateKeyAsync();
        KmsClient anna = Anna(Statement("kms:" + operation, ["*"], condition));
        KmsResponse response = await anna.CallAsync(operation, JsonNode.Parse(request.Replace("KEY\"", id + '"', StringComparison.Ordinal))!.AsObject());
        Assert.Equal(allowed ? null : "AccessDeniedException", response.ErrorCode);
    }

    [Theory]
    [InlineData("ImportKeyMaterial", """{"NumericLessThanEquals":{"kms:ValidTo":"1772452801"}}""", 0, true)]
    [InlineData("ImportKeyMaterial", """{"NumericLessThanEquals":{"kms:ValidTo":"1772452801"}}""", 1, false)]
    [InlineData("ImportKeyMaterial", """{"DateLessThanEquals":{"kms:ValidTo":"2026-03-02T12:00:01Z"}}""", 0, true)]
    [InlineData("ImportKeyMaterial", """{"DateLessThanEquals":{"kms:ValidTo":"2026-03-02T12:00:01Z"}}""", 1, false)]
    [InlineData("ImportKeyMaterial", """{"NumericLessThanEquals":{"kms:ValidTo":"1772452801"}}""", null, false)]
    [InlineData("ImportKeyMaterial", """{"StringEquals":{"kms:ExpirationModel":"KEY_MATERIAL_EXPIRES"}}""", 0, true)]
    [InlineData("ImportKeyMaterial", """{"StringEquals":{"kms:ExpirationModel":"KEY_MATERIAL_EXPIRES"}}""", null, false)]
    [InlineData("GetParametersForImport", """{"StringEquals":{"kms:WrappingAlgorithm":"RSAES_OAEP_SHA_256","kms:WrappingKeySpec":"RSA_2048"}}""", null, true)]
    [InlineData("GetParametersForImport", """{"StringEquals":{"kms:WrappingAlgorithm":"RSAES_OAEP_SHA_1"}}""", null, false)]
    [InlineData("GetParametersForImport", """{"StringEquals":{"kms:WrappingKeySpec":"RSA_4096"}}""", null, false)]
    public async Task Material_is_imported_as_the_conditions_ask(string operation, string condition, int? milliseconds, bool allowed)
    {
        KmsClient anna = Anna(Statement("kms:" + operation, ["*"], condition));
        var owner = new MaterialOwner((name, request) => (name == operation ? anna : _root).CallAsync(name, request));
        string id = await owner.CreateKeyAsync();
        KmsResponse response;
        if (operation == "GetParametersForImport")
        {
            response = await anna.CallAsync(operation, new() { ["KeyId"] = id, ["WrappingAlgorithm"] = "RSAES_OAEP_SHA_256", ["WrappingKeySpec"] = "RSA_2048" });
        }
        else
        {
            // A day and a second, or a little more.
            double expiry = _world.Time.GetUtcNow().AddDays(1).ToUnixTimeSeconds() + 1 + (milliseconds.GetValueOrDefault() / 1000.0);
            response = await owner.ImportAsync(id, RandomNumberGenerator.GetBytes(32), milliseconds is null ? null : new() { ["ValidTo"] = expiry });
        }

        Assert.Equal(allowed ? null : "AccessDeniedException", response.ErrorCode);
    }

    [Fact]
    public async Task What_no_key_governs_is_for_the_users_own_policies()
    {
        (string Operation, JsonObject Request, string Resource)[] calls =
        [
            ("ListKeys", [], "*"),
            ("ListAliases", [], "*"),
            ("GenerateRandom", new() { ["NumberOfBytes"] = 8 }, "*"),
            ("ListRetirableGrants", new() { ["RetiringPrincipal"] = World.User.Principal.Arn }, World.User.Principal.Arn),
        ];
        foreach ((string operation, JsonObject request, string resource) in calls)
        {
            KmsResponse refused = await Anna(Statement("s3:*", ["*"])).CallAsync(operation, request.DeepClone().AsObject());
            Assert.Equal(
                $"User: {World.User.Principal.Arn} is not authorized to perform: kms:{operation} on resource: {resource} because no identity-based policy allows the kms:{operation} action",
                refused.ErrorMessage);
            AuditEvent record = _world.Trail.Last;
            Assert.Equal((operation, "AccessDeniedException", refused.ErrorMessage), (record.EventName, record.ErrorCode, record.ErrorMessage));
            await Anna(Statement("kms:" + operation, [resource])).AnswerAsync(operation, request);
        }
    }

    public void Dispose() => _world.Dispose();

    private static Policy Statement(string action, string[] resources, string condition = "{}") => Policy.ForIdentity(
        $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["{{{action}}}"],"Resource":["{{{string.Join("\",\"", resources)}}}"],"Condition":{{{condition}}} } }""");

    private KmsClient Anna(Policy policy) => new(_world, _instance) { Signer = World.User.Principal, Policies = [policy] };
}
