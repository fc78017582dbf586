using System.Text.Json.Nodes;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

public sealed class ReEncryptApiTests : IDisposable
{
    private readonly World _world = new();
    private readonly KmsClient _api;

    public ReEncryptApiTests() => _api = new KmsClient(_world, _world.NewInstance());

    [Fact]
    public async Task What_is_re_encrypted_opens_under_the_new_key_and_context_only()
    {
        (string source, string destination) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        JsonNode answer = (await _api.AnswerAsync("ReEncrypt", Request(await EncryptAsync(source, "a"), "a", destination, "b")))!;
        Assert.Equal(
            ["CiphertextBlob", "DestinationEncryptionAlgorithm", "DestinationKeyMaterialId", "KeyId", "SourceEncryptionAlgorithm", "SourceKeyId", "SourceKeyMaterialId"],
            answer.AsObject().Select(member => member.Key));
        Assert.Equal((Arn(source), Arn(destination)), ((string)answer["SourceKeyId"]!, (string)answer["KeyId"]!));
        Assert.Equal((await MaterialAsync(source), await MaterialAsync(destination)), ((string)answer["SourceKeyMaterialId"]!, (string)answer["DestinationKeyMaterialId"]!));

        JsonNode opened = (await _api.AnswerAsync("Decrypt", Decrypt(answer, "b")))!;
        Assert.Equal(("aGVsbG8=", Arn(destination)), ((string)opened["Plaintext"]!, (string)opened["KeyId"]!));
        Assert.Equal("InvalidCiphertextException", (await _api.CallAsync("Decrypt", Decrypt(answer, "a"))).ErrorCode);
    }

    [Fact]
    public async Task One_key_may_be_both_and_gives_its_current_version()
    {
        string id = await _api.CreateKeyAsync();
        string before = await EncryptAsync(id, "a");
        string first = await MaterialAsync(id);
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        JsonNode answer = (await _api.AnswerAsync("ReEncrypt", Request(before, "a", id, "a")))!;
        Assert.Equal((first, await MaterialAsync(id)), ((string)answer["SourceKeyMaterialId"]!, (string)answer["DestinationKeyMaterialId"]!));
        Assert.Equal([new AuditResource("AWS::KMS::Key", Arn(id))], _world.Trail.Named("ReEncrypt")[^1].Resources);
    }

    [Fact]
    public async Task The_trail_names_both_keys_and_both_contexts()
    {
        (string source, string destination) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        await _api.AnswerAsync("ReEncrypt", Request(await EncryptAsync(source, "a"), "a", destination, "b"));
        AuditEvent use = _world.Trail.Last;
        Assert.Equal(("ReEncrypt", true), (use.EventName, use.ReadOnly));
        Assert.Equal([new("AWS::KMS::Key", Arn(source)), new("AWS::KMS::Key", Arn(destination))], use.Resources);
        Assert.Equal(
            $$$"""{"sourceEncryptionContext":{"purpose":"a"},"destinationKeyId":"{{{destination}}}","destinationEncryptionContext":{"purpose":"b"}}""",
            use.RequestParameters!.ToJsonString());
    }

    [Fact]
    public async Task The_source_may_be_named_and_must_then_be_the_right_one()
    {
        (string source, string other) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        JsonObject request = Request(await EncryptAsync(source, "a"), "a", other, "a");
        request["SourceKeyId"] = source;
        await _api.AnswerAsync("ReEncrypt", request);
        request["SourceKeyId"] = other;
        Assert.Equal("IncorrectKeyException", (await _api.CallAsync("ReEncrypt", request)).ErrorCode);
    }

    [Fact]
    public async Task Both_keys_must_be_enabled()
    {
        (string source, string destination) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        JsonObject request = Request(await EncryptAsync(source, "a"), "a", destination, "b");
        foreach (string disabled in new[] { source, destination })
        {
            await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = disabled });
            KmsResponse refused = await _api.CallAsync("ReEncrypt", request);
            Assert.Equal(("DisabledException", $"{Arn(disabled)} is disabled."), (refused.ErrorCode, refused.ErrorMessage));
            Assert.Equal(("ReEncrypt", "DisabledException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
            await _api.AnswerAsync("EnableKey", new() { ["KeyId"] = disabled });
        }
    }

    [Theory]
    [InlineData("SourceEncryptionContext", """{"purpose":"z"}""", "InvalidCiphertextException")]
    [InlineData("SourceEncryptionAlgorithm", "\"RSAES_OAEP_SHA_256\"", "InvalidKeyUsageException")]
    [InlineData("DestinationEncryptionAlgorithm", "\"RSAES_OAEP_SHA_256\"", "InvalidKeyUsageException")]
    [InlineData("DestinationEncryptionAlgorithm", "\"ROT13\"", "ValidationException")]
    [InlineData("DestinationKeyId", "null", "ValidationException")]
    [InlineData("DestinationKeyId", "\"no-key\"", "NotFoundException")]
    [InlineData("CiphertextBlob", "\"AAAA\"", "InvalidCiphertextException")]
    public async Task What_does_not_fit_is_refused(string member, string value, string code)
    {
        string id = await _api.CreateKeyAsync();
        JsonObject request = Request(await EncryptAsync(id, "a"), "a", id, "b");
        request[member] = JsonNode.Parse(value);
        Assert.Equal(code, (await _api.CallAsync("ReEncrypt", request)).ErrorCode);
    }

    public void Dispose() => _world.Dispose();

    private static string Arn(string id) => KmsKey.ArnOf(World.Region, World.Account, id);

    private static JsonObject Request(string ciphertext, string sourcePurpose, string destination, string destinationPurpose) => new()
    {
        ["CiphertextBlob"] = ciphertext,
        ["SourceEncryptionContext"] = new JsonObject { ["purpose"] = sourcePurpose },
        ["DestinationKeyId"] = destination,
        ["DestinationEncryptionContext"] = new JsonObject { ["purpose"] = destinationPurpose },
    };

    private static JsonObject Decrypt(JsonNode answer, string purpose) =>
        new() { ["CiphertextBlob"] = (string)answer["CiphertextBlob"]!, ["EncryptionContext"] = new JsonObject { ["purpose"] = purpose } };

    private async Task<string> EncryptAsync(string id, string purpose) => (string)(await _api.AnswerAsync(
        "Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "aGVsbG8=", ["EncryptionContext"] = new JsonObject { ["purpose"] = purpose } }))!["CiphertextBlob"]!;

    private async Task<string> MaterialAsync(string id) =>
        (string)(await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!["CurrentKeyMaterialId"]!;
}
