using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>GenerateMac and VerifyMac.</summary>
public sealed class MacApiTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;

    public MacApiTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    public static TheoryData<string, string, int> Kinds => new()
    {
        { "HMAC_224", "HMAC_SHA_224", 28 },
        { "HMAC_256", "HMAC_SHA_256", 32 },
        { "HMAC_384", "HMAC_SHA_384", 48 },
        { "HMAC_512", "HMAC_SHA_512", 64 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_MAC_is_of_its_algorithms_size_and_verifies(string spec, string algorithm, int size)
    {
        string id = await _api.CreateMacKeyAsync(spec);
        JsonNode made = (await _api.AnswerAsync("GenerateMac", Request(id, algorithm)))!;
        Assert.Equal(["KeyId", "Mac", "MacAlgorithm"], made.AsObject().Select(member => member.Key));
        Assert.Equal((KmsKey.ArnOf(World.Region, World.Account, id), algorithm), ((string)made["KeyId"]!, (string)made["MacAlgorithm"]!));
        byte[] mac = Convert.FromBase64String((string)made["Mac"]!);
        Assert.Equal(size, mac.Length);
        Assert.Equal(
            $$"""{"KeyId":"{{made["KeyId"]}}","MacAlgorithm":"{{algorithm}}","MacValid":true}""",
            (await _api.AnswerAsync("VerifyMac", Request(id, algorithm, mac)))!.ToJsonString());

        // Another instance, whose key came from the store, makes the same one.
        JsonNode again = (await new KmsClient(_world, _world.NewInstance()).AnswerAsync("GenerateMac", Request(id, algorithm)))!;
        Assert.Equal((string)made["Mac"]!, (string)again["Mac"]!);
    }

    [Fact]
    public async Task A_MAC_of_another_message_or_key_is_refused()
    {
        (string id, string other) = (await _api.CreateMacKeyAsync("HMAC_256"), await _api.CreateMacKeyAsync("HMAC_256"));
        byte[] mac = Convert.FromBase64String((string)(await _api.AnswerAsync("GenerateMac", Request(id, "HMAC_SHA_256")))!["Mac"]!);
        JsonObject changed = Request(id, "HMAC_SHA_256", mac);
        changed["Message"] = "aGVsbG9v";
        foreach (JsonObject request in new[] { changed, Request(other, "HMAC_SHA_256", mac), Request(id, "HMAC_SHA_256", mac[..^1]) })
        {
            KmsResponse refused = await _api.CallAsync("VerifyMac", request);
            Assert.Equal((400, "KMSInvalidMacException"), (refused.Status, refused.ErrorCode));
            Assert.NotEmpty(refused.ErrorMessage!);
            Assert.Equal(("VerifyMac", "KMSInvalidMacException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_key_has_one_algorithm(string spec, string algorithm, int size)
    {
        string id = await _api.CreateMacKeyAsync(spec);
        foreach (string other in Kinds.Select(kind => (string)kind[1]).Where(other => other != algorithm))
        {
            KmsResponse refused = await _api.CallAsync("GenerateMac", Request(id, other));
            Assert.Equal(("InvalidKeyUsageException", $"Algorithm {other} is incompatible with key spec {spec}."), (refused.ErrorCode, refused.ErrorMessage));
            Assert.Equal("InvalidKeyUsageException", (await _api.CallAsync("VerifyMac", Request(id, other, new byte[size]))).ErrorCode);
        }
    }

    [Theory]
    [InlineData("Message", "\"\"", "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length greater than or equal to 1")]
    [InlineData("Message", "4097", "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096")]
    [InlineData("Message", "null", "1 validation error detected: Value null at 'message' failed to satisfy constraint: Member must not be null")]
    [InlineData("KeyId", "null", "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null")]
    [InlineData("MacAlgorithm", "null", "1 validation error detected: Value null at 'macAlgorithm' failed to satisfy constraint: Member must not be null")]
    [InlineData("MacAlgorithm", "\"HMAC_MD5\"", "1 validation error detected: Value 'HMAC_MD5' at 'macAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [HMAC_SHA_224, HMAC_SHA_256, HMAC_SHA_384, HMAC_SHA_512]")]
    public async Task A_request_is_of_the_APIs_shape(string member, string value, string message)
    {
        JsonObject request = Request(await _api.CreateMacKeyAsync("HMAC_256"), "HMAC_SHA_256");
        request[member] = value == "4097" ? Convert.ToBase64String(new byte[4097]) : JsonNode.Parse(value);
        KmsResponse refused = await _api.CallAsync("GenerateMac", request);
        Assert.Equal(("ValidationException", message), (refused.ErrorCode, refused.ErrorMessage));
    }

    [Theory]
    [InlineData("Encrypt", """{"Plaintext":"AAAA"}""")]
    [InlineData("Decrypt", """{"CiphertextBlob":"AAAA"}""")]
    [InlineData("GenerateDataKey", """{"KeySpec":"AES_256"}""")]
    [InlineData("GenerateDataKeyWithoutPlaintext", """{"KeySpec":"AES_256"}""")]
    public async Task A_key_for_MACs_encrypts_nothing(string operation, string members)
    {
        string id = await _api.CreateMacKeyAsync("HMAC_384");
        JsonObject request = JsonNode.Parse(members)!.AsObject();
        request["KeyId"] = id;
        KmsResponse refused = await _api.CallAsync(operation, request);
        Assert.Equal(
            ("InvalidKeyUsageException", $"{KmsKey.ArnOf(World.Region, World.Account, id)} key usage is GENERATE_VERIFY_MAC which is not valid for {operation}."),
            (refused.ErrorCode, refused.ErrorMessage));
        KmsException s3 = await Assert.ThrowsAsync<KmsException>(
            async () => await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(id, World.Context, World.ViaS3, default));
        Assert.Equal("InvalidKeyUsageException", s3.Error.Code);
    }

    [Fact]
    public async Task A_key_that_encrypts_makes_no_MACs()
    {
        string id = await _api.CreateKeyAsync();
        foreach (string operation in new[] { "GenerateMac", "VerifyMac" })
        {
            KmsResponse refused = await _api.CallAsync(operation, Request(id, "HMAC_SHA_256", new byte[32]));
            Assert.Equal(
                ("InvalidKeyUsageException", $"{KmsKey.ArnOf(World.Region, World.Account, id)} key usage is ENCRYPT_DECRYPT which is not valid for {operation}."),
                (refused.ErrorCode, refused.ErrorMessage));
        }
    }

    [Fact]
    public async Task The_trail_tells_the_algorithm_and_neither_message_nor_MAC()
    {
        string id = await _api.CreateMacKeyAsync("HMAC_256");
        await _api.AnswerAsync("GenerateMac", Request(id, "HMAC_SHA_256"));
        AuditEvent use = _world.Trail.Last;
        Assert.Equal(("GenerateMac", true), (use.EventName, use.ReadOnly));
        Assert.Equal($$"""{"keyId":"{{id}}","macAlgorithm":"HMAC_SHA_256"}""", use.RequestParameters!.ToJsonString());
        Assert.Null(use.ResponseElements);
    }

    [Fact]
    public async Task A_disabled_key_makes_no_MACs()
    {
        string id = await _api.CreateMacKeyAsync("HMAC_256");
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        Assert.Equal("DisabledException", (await _api.CallAsync("GenerateMac", Request(id, "HMAC_SHA_256"))).ErrorCode);
    }

    public void Dispose() => _world.Dispose();

    private static JsonObject Request(string id, string algorithm, byte[]? mac = null)
    {
        var request = new JsonObject { ["KeyId"] = id, ["MacAlgorithm"] = algorithm, ["Message"] = "aGVsbG8=" };
        if (mac is not null)
        {
            request["Mac"] = Convert.ToBase64String(mac);
        }

        return request;
    }
}
