using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>CreateKey: the kinds of keys that there are, and those that there are not.</summary>
public sealed class KeyCreationTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;

    public KeyCreationTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    [Fact]
    public async Task A_new_key_is_enabled_and_its_customers()
    {
        JsonNode created = (await _api.AnswerAsync("CreateKey", new() { ["Description"] = "mine" }))!;
        JsonNode key = created["KeyMetadata"]!;
        string id = (string)key["KeyId"]!;
        string material = (string)key["CurrentKeyMaterialId"]!;
        Assert.Matches("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", id);
        Assert.Matches("^[0-9a-f]{64}$", material);
        Assert.Equal(
            $$$"""
            {"KeyMetadata":{"AWSAccountId":"111111111111","Arn":"arn:aws:kms:eu-central-1:111111111111:key/{{{id}}}","CreationDate":{{{_world.Time.GetUtcNow().ToUnixTimeSeconds()}}},
            "CurrentKeyMaterialId":"{{{material}}}","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","Description":"mine","Enabled":true,"EncryptionAlgorithms":["SYMMETRIC_DEFAULT"],
            "KeyId":"{{{id}}}","KeyManager":"CUSTOMER","KeySpec":"SYMMETRIC_DEFAULT","KeyState":"Enabled","KeyUsage":"ENCRYPT_DECRYPT","MultiRegion":false,"Origin":"AWS_KMS"}}
            """.ReplaceLineEndings(""),
            created.ToJsonString());
        Assert.Equal(created.ToJsonString(), (await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"KeyUsage":"SIGN_VERIFY"}""", "KeyUsage SIGN_VERIFY is not supported.")]
    [InlineData("""{"KeySpec":"RSA_2048"}""", "KeySpec RSA_2048 is not supported.")]
    [InlineData("""{"CustomerMasterKeySpec":"RSA_2048"}""", "CustomerMasterKeySpec RSA_2048 is not supported.")]
    [InlineData("""{"KeySpec":"ML_DSA_65","KeyUsage":"SIGN_VERIFY"}""", "KeySpec ML_DSA_65 is not supported.")]
    [InlineData("""{"KeyUsage":"KEY_AGREEMENT"}""", "KeyUsage KEY_AGREEMENT is not supported.")]
    [InlineData("""{"Origin":"AWS_CLOUDHSM"}""", "Origin AWS_CLOUDHSM is not supported.")]
    [InlineData("""{"Origin":"EXTERNAL_KEY_STORE","XksKeyId":"k"}""", "Origin EXTERNAL_KEY_STORE is not supported.")]
    [InlineData("""{"MultiRegion":true}""", "MultiRegion is not supported.")]
    [InlineData("""{"CustomKeyStoreId":"cks-1"}""", "CustomKeyStoreId is not supported.")]
    public async Task What_a_key_cannot_be_here_is_refused_rather_than_ignored(string members, string message)
    {
        KmsResponse response = await _api.CallAsync("CreateKey", JsonNode.Parse(members)!.AsObject());
        Assert.Equal((400, "UnsupportedOperationException", message), (response.Status, response.ErrorCode, response.ErrorMessage));
        Assert.Empty((await _api.AnswerAsync("ListKeys"))!["Keys"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"KeySpec":"AES_256"}""", "1 validation error detected: Value 'AES_256' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048, ECC_NIST_P384, ECC_NIST_P256, ECC_NIST_P521, HMAC_384, RSA_3072, ECC_SECG_P256K1, RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, HMAC_512, SM2, ML_DSA_44, ML_DSA_65, ML_DSA_87, ECC_NIST_EDWARDS25519]")]
    [InlineData("""{"KeyUsage":"encrypt"}""", "1 validation error detected: Value 'encrypt' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT]")]
    [InlineData("""{"Origin":"HERE"}""", "1 validation error detected: Value 'HERE' at 'origin' failed to satisfy constraint: Member must satisfy enum value set: [EXTERNAL, AWS_CLOUDHSM, AWS_KMS, EXTERNAL_KEY_STORE]")]
    [InlineData("""{"KeySpec":"HMAC_256"}""", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")]
    [InlineData("""{"KeySpec":"HMAC_256","KeyUsage":"ENCRYPT_DECRYPT"}""", "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec HMAC_256")]
    [InlineData("""{"KeyUsage":"GENERATE_VERIFY_MAC"}""", "KeyUsage GENERATE_VERIFY_MAC is not compatible with KeySpec SYMMETRIC_DEFAULT")]
    [InlineData("""{"KeySpec":"SYMMETRIC_DEFAULT","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT"}""", "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.")]
    public async Task A_kind_of_key_that_cannot_be_is_refused_in_AWSs_words(string members, string message)
    {
        KmsResponse response = await _api.CallAsync("CreateKey", JsonNode.Parse(members)!.AsObject());
        Assert.Equal((400, "ValidationException", message), (response.Status, response.ErrorCode, response.ErrorMessage));
        Assert.Empty((await _api.AnswerAsync("ListKeys"))!["Keys"]!.AsArray());
    }

    [Theory]
    [InlineData("KeySpec", "HMAC_224", "HMAC_SHA_224", 28)]
    [InlineData("KeySpec", "HMAC_256", "HMAC_SHA_256", 32)]
    [InlineData("CustomerMasterKeySpec", "HMAC_384", "HMAC_SHA_384", 48)]
    [InlineData("KeySpec", "HMAC_512", "HMAC_SHA_512", 64)]
    public async Task An_HMAC_key_shows_what_it_is_and_has_as_many_bytes_as_its_hash(string member, string spec, string algorithm, int size)
    {
        JsonNode key = (await _api.AnswerAsync("CreateKey", new() { [member] = spec, ["KeyUsage"] = "GENERATE_VERIFY_MAC" }))!["KeyMetadata"]!;
        string id = (string)key["KeyId"]!;
        Assert.Equal(
            $$$"""
            {"AWSAccountId":"111111111111","Arn":"arn:aws:kms:eu-central-1:111111111111:key/{{{id}}}","CreationDate":{{{_world.Time.GetUtcNow().ToUnixTimeSeconds()}}},
            "CustomerMasterKeySpec":"{{{spec}}}","Description":"","Enabled":true,"KeyId":"{{{id}}}","KeyManager":"CUSTOMER","KeySpec":"{{{spec}}}","KeyState":"Enabled",
            "KeyUsage":"GENERATE_VERIFY_MAC","MacAlgorithms":["{{{algorithm}}}"],"MultiRegion":false,"Origin":"AWS_KMS"}
            """.ReplaceLineEndings(""),
            key.ToJsonString());
        KmsKeyVersion version = (await _world.KmsStore.ReadVersionAsync(World.Region, id, 1, default))!;
        Assert.True(KeyWrap.TryReadHeader(version.Wrapped, out WrapHeader header));
        Assert.Equal(size, header.PlaintextLength);
        KmsKey kept = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        using BackingKey? opened = await _instance.GetRequiredService<KmsBackingKeys>().HoldAsync(kept, 1, default);
        Assert.NotNull(opened);
    }

    [Fact]
    public async Task A_key_for_imported_material_waits_for_it_and_is_used_for_nothing()
    {
        string id = (string)(await _api.AnswerAsync("CreateKey", new() { ["Origin"] = "EXTERNAL" }))!["KeyMetadata"]!["KeyId"]!;
        JsonNode key = (await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!;
        Assert.Equal(("PendingImport", false, "EXTERNAL", null), ((string)key["KeyState"]!, (bool)key["Enabled"]!, (string)key["Origin"]!, key["CurrentKeyMaterialId"]));
        Assert.Equal(
            ("KMSInvalidStateException", $"{KmsKey.ArnOf(World.Region, World.Account, id)} is pending import."),
            Error(await _api.CallAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "AA==" })));
    }

    [Fact]
    public async Task The_defaults_may_be_said_aloud() => await _api.AnswerAsync("CreateKey", new()
    {
        ["KeyUsage"] = "ENCRYPT_DECRYPT",
        ["KeySpec"] = "SYMMETRIC_DEFAULT",
        ["Origin"] = "AWS_KMS",
        ["MultiRegion"] = false,
        ["Description"] = new string('d', 8192),
        ["Tags"] = new JsonArray(new JsonObject { ["TagKey"] = "a", ["TagValue"] = "" }),
    });

    [Theory]
    [InlineData("aws:a", "Tags beginning with aws: are reserved")]
    [InlineData("AWS:a", "Tags beginning with aws: are reserved")]
    public async Task Tag_keys_of_AWS_are_reserved(string key, string message)
    {
        KmsResponse response = await CreateTaggedAsync(key);
        Assert.Equal(("TagException", message), (response.ErrorCode, response.ErrorMessage));
    }

    [Fact]
    public async Task Tags_are_limited_in_number_size_and_characters()
    {
        Assert.Equal(("TagException", "Too many tags"), Error(await CreateTaggedAsync([.. Enumerable.Range(0, 51).Select(i => $"k{i}")])));
        Assert.Equal(("TagException", "Duplicate tag keys"), Error(await CreateTaggedAsync("a", "a")));
        string tooLong = new('a', 129);
        Assert.Equal(
            ("ValidationException", $"1 validation error detected: Value '{tooLong}' at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128"),
            Error(await CreateTaggedAsync("a", tooLong)));
        Assert.Equal("ValidationException", (await CreateTaggedAsync("")).ErrorCode);
        Assert.Equal("ValidationException", (await CreateTaggedAsync("a\u0001")).ErrorCode);
        Assert.Equal(StatusCodes.Status200OK, (await CreateTaggedAsync([.. Enumerable.Range(0, 50).Select(i => $"ключ {i}")])).Status);
    }

    public void Dispose() => _world.Dispose();

    private static (string?, string?) Error(KmsResponse response) => (response.ErrorCode, response.ErrorMessage);

    private Task<KmsResponse> CreateTaggedAsync(params string[] keys) => _api.CallAsync(
        "CreateKey", new() { ["Tags"] = new JsonArray([.. keys.Select(key => new JsonObject { ["TagKey"] = key, ["TagValue"] = "v" })]) });
}
