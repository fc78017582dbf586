using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;

namespace Serverless.Keys.Tests;

/// <summary>KMS's condition keys, as the statement of a key's policy sees them that is all that lets anna in.</summary>
public sealed class ConditionKeyTests : IDisposable
{
    private const string Encrypt = """{"KeyId":"KEY","Plaintext":"AAAA","EncryptionContext":{"Purpose":"a","b":"2"}}""";
    private const string CreateGrant = """{"KeyId":"KEY","GranteePrincipal":"111111111111","Operations":["Decrypt","Encrypt"],"Constraints":{"EncryptionContextSubset":{"Purpose":"a"}}}""";

    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _root;
    private readonly KmsClient _anna;

    public ConditionKeyTests()
    {
        _instance = _world.NewInstance();
        _root = new KmsClient(_world, _instance);
        _anna = new KmsClient(_world, _instance) { Signer = World.User.Principal };
    }

    [Theory]
    [InlineData("Encrypt", Encrypt, """{"StringEquals":{"kms:CallerAccount":"111111111111"}}""", true)]
    [InlineData("Encrypt", Encrypt, """{"StringEquals":{"kms:CallerAccount":"222222222222"}}""", false)]
    [InlineData("Encrypt", Encrypt, """{"Null":{"kms:ViaService":true}}""", true)]
    [InlineData("Encrypt", Encrypt, """{"StringEquals":{"kms:EncryptionContext:purpose":"a"}}""", true)]
    [InlineData("Encrypt", Encrypt, """{"StringEquals":{"kms:EncryptionContext:purpose":"A"}}""", false)]
    [InlineData("Encrypt", Encrypt, """{"StringEquals":{"kms:EncryptionContext:other":"a"}}""", false)]
    [InlineData("Encrypt", Encrypt, """{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["Purpose","b"]}}""", true)]
    [InlineData("Encrypt", Encrypt, """{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["purpose","b"]}}""", false)]
    [InlineData("Encrypt", Encrypt, """{"ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":"b"}}""", true)]
    [InlineData("Encrypt", """{"KeyId":"KEY","Plaintext":"AAAA"}""", """{"Null":{"kms:EncryptionContextKeys":true}}""", true)]
    [InlineData("Encrypt", Encrypt, """{"StringEquals":{"kms:EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}}""", true)]
    [InlineData("GenerateDataKey", """{"KeyId":"KEY","KeySpec":"AES_256"}""", """{"StringEquals":{"kms:EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}}""", true)]
    [InlineData("DescribeKey", """{"KeyId":"KEY"}""", """{"Null":{"kms:EncryptionAlgorithm":true}}""", true)]
    [InlineData("DescribeKey", """{"KeyId":"KEY"}""", """{"StringEquals":{"kms:KeySpec":"SYMMETRIC_DEFAULT","kms:KeyUsage":"ENCRYPT_DECRYPT","kms:KeyOrigin":"AWS_KMS"},"Bool":{"kms:MultiRegion":false}}""", true)]
    [InlineData("DescribeKey", """{"KeyId":"KEY"}""", """{"StringEquals":{"kms:KeySpec":"HMAC_256"}}""", false)]
    [InlineData("DescribeKey", """{"KeyId":"alias/mine"}""", """{"StringEquals":{"kms:RequestAlias":"alias/mine"}}""", true)]
    [InlineData("DescribeKey", """{"KeyId":"arn:aws:kms:eu-central-1:111111111111:alias/mine"}""", """{"StringLike":{"kms:RequestAlias":"alias/m*"}}""", true)]
    [InlineData("DescribeKey", """{"KeyId":"KEY"}""", """{"StringEquals":{"kms:RequestAlias":"alias/mine"}}""", false)]
    [InlineData("DescribeKey", """{"KeyId":"KEY"}""", """{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/mine"}}""", true)]
    [InlineData("DescribeKey", """{"KeyId":"KEY"}""", """{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/other"}}""", false)]
    [InlineData("DescribeKey", """{"KeyId":"KEY"}""", """{"StringEquals":{"aws:ResourceTag/Team":"${aws:username}"}}""", true)]
    [InlineData("DescribeKey", """{"KeyId":"KEY"}""", """{"StringEquals":{"aws:ResourceTag/team":"bob"}}""", false)]
    [InlineData("DescribeKey", """{"KeyId":"KEY"}""", """{"StringEquals":{"aws:RequestedRegion":"eu-central-1","aws:ResourceAccount":"111111111111"},"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}""", false)]
    [InlineData("CreateGrant", CreateGrant, """{"ForAllValues:StringEquals":{"kms:GrantOperations":["Decrypt","Encrypt"]}}""", true)]
    [InlineData("CreateGrant", CreateGrant, """{"ForAllValues:StringEquals":{"kms:GrantOperations":["Decrypt"]}}""", false)]
    [InlineData("CreateGrant", CreateGrant, """{"StringEquals":{"kms:GranteePrincipal":"arn:aws:iam::111111111111:root","kms:GrantConstraintType":"EncryptionContextSubset","kms:EncryptionContext:Purpose":"a"}}""", true)]
    [InlineData("CreateGrant", CreateGrant, """{"StringEquals":{"kms:RetiringPrincipal":"arn:aws:iam::111111111111:root"}}""", false)]
    [InlineData("CreateGrant", CreateGrant, """{"Bool":{"kms:GrantIsForAWSResource":true}}""", false)]
    [InlineData("CreateGrant", CreateGrant, """{"Bool":{"kms:GrantIsForAWSResource":false}}""", true)]
    [InlineData("PutKeyPolicy", """{"KeyId":"KEY","Policy":"POLICY"}""", """{"Null":{"kms:BypassPolicyLockoutSafetyCheck":true}}""", true)]
    [InlineData("PutKeyPolicy", """{"KeyId":"KEY","Policy":"POLICY","BypassPolicyLockoutSafetyCheck":true}""", """{"Bool":{"kms:BypassPolicyLockoutSafetyCheck":false}}""", false)]
    [InlineData("ReEncrypt", """{"CiphertextBlob":"CIPHERTEXT","DestinationKeyId":"KEY"}""", """{"Bool":{"kms:ReEncryptOnSameKey":true}}""", true)]
    [InlineData("ReEncrypt", """{"CiphertextBlob":"CIPHERTEXT","DestinationKeyId":"KEY","SourceEncryptionAlgorithm":"SM2PKE"}""", """{"StringEquals":{"kms:EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}}""", false)]
    [InlineData("ReEncrypt", """{"CiphertextBlob":"CIPHERTEXT","DestinationKeyId":"KEY","DestinationEncryptionAlgorithm":"SM2PKE"}""", """{"StringEquals":{"kms:EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}}""", false)]
    [InlineData("ReEncrypt", """{"CiphertextBlob":"CIPHERTEXT","DestinationKeyId":"KEY"}""", """{"Bool":{"kms:ReEncryptOnSameKey":false}}""", false)]
    public async Task A_condition_is_about_the_request_and_its_key(string operation, string request, string condition, bool allowed)
    {
        string id = (string)(await _root.AnswerAsync(
            "CreateKey", new() { ["Tags"] = new JsonArray(new JsonObject { ["TagKey"] = "Team", ["TagValue"] = "anna" }) }))!["KeyMetadata"]!["KeyId"]!;
        await _root.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = id });
        string ciphertext = (string)(await _root.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "AAAA" }))!["CiphertextBlob"]!;
        string policy = PolicyWith(JsonNode.Parse(condition)!);
        await _root.AnswerAsync("PutKeyPolicy", new() { ["KeyId"] = id, ["Policy"] = policy });
        JsonObject members = JsonNode.Parse(request
            .Replace("KEY", id, StringComparison.Ordinal)
            .Replace("CIPHERTEXT", ciphertext, StringComparison.Ordinal))!.AsObject();
        if (members["Policy"] is not null)
        {
            members["Policy"] = policy;
        }

        KmsResponse response = await _anna.CallAsync(operation, members);
        // The tests' requests come from no address: what asks for one is not met.
        Assert.Equal(allowed ? null : "AccessDeniedException", response.ErrorCode);
    }

    [Fact]
    public async Task A_change_of_an_alias_counts_at_once_here_for_the_keys_that_have_it()
    {
        (string one, string two) = (await _root.CreateKeyAsync(), await _root.CreateKeyAsync());
        foreach (string id in (string[])[one, two])
        {
            await PutAsync(id, """{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/mine"}}""");
        }

        Assert.Equal((false, false), await AllowedAsync());
        await _root.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = one });
        Assert.Equal((true, false), await AllowedAsync());
        await _root.AnswerAsync("UpdateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = two });
        Assert.Equal((false, true), await AllowedAsync());
        await _root.AnswerAsync("DeleteAlias", new() { ["AliasName"] = "alias/mine" });
        Assert.Equal((false, false), await AllowedAsync());

        async Task<(bool, bool)> AllowedAsync() => (await MayAsync(one), await MayAsync(two));
        async Task<bool> MayAsync(string id) => (await _anna.CallAsync("DescribeKey", new() { ["KeyId"] = id })).ErrorCode is null;
    }

    [Fact]
    public async Task The_algorithm_of_a_MAC_is_a_condition()
    {
        string id = await _root.CreateMacKeyAsync("HMAC_384");
        JsonObject request() => new() { ["KeyId"] = id, ["Message"] = "AAAA", ["MacAlgorithm"] = "HMAC_SHA_384" };
        await PutAsync(id, """{"StringEquals":{"kms:MacAlgorithm":"HMAC_SHA_256"}}""");
        Assert.Equal("AccessDeniedException", (await _anna.CallAsync("GenerateMac", request())).ErrorCode);
        await PutAsync(id, """{"StringEquals":{"kms:MacAlgorithm":"HMAC_SHA_384","kms:KeyUsage":"GENERATE_VERIFY_MAC"}}""");
        await _anna.AnswerAsync("GenerateMac", request());
    }

    [Fact]
    public async Task A_use_through_S3_is_a_condition()
    {
        string id = await _root.CreateKeyAsync();
        await PutAsync(id, $$$"""{"StringEquals":{"kms:ViaService":"s3.{{{World.Region}}}.amazonaws.com","kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::bucket/key"}}""");
        IKmsKeys s3 = _instance.GetRequiredService<IKmsKeys>();
        KeyUse use = World.ViaS3 with { Caller = World.User };
        using WrappedDataKey made = await s3.GenerateDataKeyAsync(id, World.Context, use, default);
        (await s3.DecryptDataKeyAsync(made.Wrapped, World.Context, use, default)).Dispose();
        KmsResponse direct = await _anna.CallAsync(
            "Decrypt", new() { ["CiphertextBlob"] = Convert.ToBase64String(made.Wrapped), ["EncryptionContext"] = new JsonObject { ["aws:s3:arn"] = "arn:aws:s3:::bucket/key" } });
        Assert.Equal("AccessDeniedException", direct.ErrorCode);
    }

    [Fact]
    public async Task Whoever_may_use_S3_may_use_the_managed_key_through_it_and_the_account_sees_it()
    {
        IKmsKeys s3 = _instance.GetRequiredService<IKmsKeys>();
        using WrappedDataKey managed = await s3.GenerateDataKeyAsync(null, World.Context, World.ViaS3 with { Caller = World.User }, default);
        (await s3.DecryptDataKeyAsync(managed.Wrapped, World.Context, World.ViaS3 with { Caller = World.User }, default)).Dispose();
        Assert.Equal("AccessDeniedException", (await _anna.CallAsync("GenerateDataKey", new() { ["KeyId"] = managed.KeyArn, ["KeySpec"] = "AES_256" })).ErrorCode);
        Assert.Equal("AccessDeniedException", (await _anna.CallAsync("DescribeKey", new() { ["KeyId"] = managed.KeyArn })).ErrorCode);
        await _root.AnswerAsync("DescribeKey", new() { ["KeyId"] = managed.KeyArn });
        await _root.AnswerAsync("ListGrants", new() { ["KeyId"] = managed.KeyArn });
        KmsResponse refused = await _root.CallAsync("CreateGrant", JsonNode.Parse(CreateGrant.Replace("KEY", managed.KeyArn, StringComparison.Ordinal))!.AsObject());
        Assert.Equal("AccessDeniedException", refused.ErrorCode);

        KmsException anonymous = await Assert.ThrowsAsync<KmsException>(async () => await s3.GenerateDataKeyAsync(
            null, World.Context, World.ViaS3 with { Region = "us-east-1", Caller = World.Root with { Principal = Principal.Anonymous } }, default));
        Assert.Equal("AccessDeniedException", anonymous.Error.Code);
        Assert.Null(await s3.ResolveAsync(null, "us-east-1", default));
    }

    public void Dispose() => _world.Dispose();

    private static string PolicyWith(JsonNode condition) => new JsonObject
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = new JsonArray(
            new JsonObject { ["Effect"] = "Allow", ["Principal"] = new JsonObject { ["AWS"] = World.Account }, ["Action"] = "kms:*", ["Resource"] = "*" },
            new JsonObject
            {
                ["Effect"] = "Allow",
                ["Principal"] = new JsonObject { ["AWS"] = World.User.Principal.Arn },
                ["Action"] = "kms:*",
                ["Resource"] = "*",
                ["Condition"] = condition.DeepClone(),
            }),
    }.ToJsonString();

    private Task<JsonNode?> PutAsync(string id, string condition) =>
        _root.AnswerAsync("PutKeyPolicy", new() { ["KeyId"] = id, ["Policy"] = PolicyWith(JsonNode.Parse(condition)!) });
}
