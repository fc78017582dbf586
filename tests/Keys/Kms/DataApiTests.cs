using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Keys.Tests;

/// <summary>GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom, Encrypt and Decrypt.</summary>
public sealed class DataApiTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;

    public DataApiTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(4096)]
    public async Task What_is_encrypted_comes_back(int size)
    {
        string id = await _api.CreateKeyAsync();
        byte[] plaintext = [.. Enumerable.Range(0, size).Select(i => (byte)i)];
        JsonNode encrypted = (await _api.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = Base64(plaintext), ["EncryptionContext"] = Context("a") }))!;
        Assert.Equal(["CiphertextBlob", "EncryptionAlgorithm", "KeyId"], encrypted.AsObject().Select(member => member.Key));
        JsonNode decrypted = (await _api.AnswerAsync("Decrypt", Decrypt(encrypted, Context("a"))))!;
        Assert.Equal(["EncryptionAlgorithm", "KeyId", "KeyMaterialId", "Plaintext"], decrypted.AsObject().Select(member => member.Key));
        Assert.Equal(KmsKey.ArnOf(World.Region, World.Account, id), (string)decrypted["KeyId"]!);
        Assert.Equal("SYMMETRIC_DEFAULT", (string)decrypted["EncryptionAlgorithm"]!);
        Assert.Equal(plaintext, Convert.FromBase64String((string)decrypted["Plaintext"]!));
    }

    [Theory]
    [InlineData("""{"KeySpec":"AES_256"}""", 32)]
    [InlineData("""{"KeySpec":"AES_128"}""", 16)]
    [InlineData("""{"NumberOfBytes":1}""", 1)]
    [InlineData("""{"NumberOfBytes":1024}""", 1024)]
    public async Task A_data_key_of_the_size_asked_for_decrypts_to_itself(string size, int length)
    {
        JsonObject request = JsonNode.Parse(size)!.AsObject();
        request["KeyId"] = await _api.CreateKeyAsync();
        JsonNode made = (await _api.AnswerAsync("GenerateDataKey", request))!;
        Assert.Equal(["CiphertextBlob", "KeyId", "KeyMaterialId", "Plaintext"], made.AsObject().Select(member => member.Key));
        Assert.Equal(length, Convert.FromBase64String((string)made["Plaintext"]!).Length);
        Assert.Equal((string)made["Plaintext"]!, (string)(await _api.AnswerAsync("Decrypt", Decrypt(made)))!["Plaintext"]!);
    }

    [Fact]
    public async Task A_data_key_without_plaintext_is_only_wrapped()
    {
        string id = await _api.CreateKeyAsync();
        JsonNode made = (await _api.AnswerAsync("GenerateDataKeyWithoutPlaintext", new() { ["KeyId"] = id, ["NumberOfBytes"] = 64, ["EncryptionContext"] = Context("a") }))!;
        Assert.Equal(["CiphertextBlob", "KeyId", "KeyMaterialId"], made.AsObject().Select(member => member.Key));
        Assert.Equal("GenerateDataKeyWithoutPlaintext", _world.Trail.Last.EventName);
        Assert.Equal(64, Convert.FromBase64String((string)(await _api.AnswerAsync("Decrypt", Decrypt(made, Context("a"))))!["Plaintext"]!).Length);
    }

    [Fact]
    public async Task Random_bytes_are_as_many_as_asked_for_and_never_the_same()
    {
        JsonNode first = (await _api.AnswerAsync("GenerateRandom", new() { ["NumberOfBytes"] = 32 }))!;
        Assert.Equal(["Plaintext"], first.AsObject().Select(member => member.Key));
        Assert.Equal(32, Convert.FromBase64String((string)first["Plaintext"]!).Length);
        Assert.NotEqual((string)first["Plaintext"]!, (string)(await _api.AnswerAsync("GenerateRandom", new() { ["NumberOfBytes"] = 32 }))!["Plaintext"]!);
        Assert.Equal(("GenerateRandom", true), (_world.Trail.Last.EventName, _world.Trail.Last.ReadOnly));
        Assert.Empty(_world.Trail.Last.Resources);
        await ExpectAsync("GenerateRandom", new() { ["NumberOfBytes"] = 32, ["CustomKeyStoreId"] = "cks-1" }, "UnsupportedOperationException", "CustomKeyStoreId is not supported.");
    }

    [Theory]
    [InlineData("{}", "Please specify either number of bytes or key spec.")]
    [InlineData("""{"KeySpec":"AES_256","NumberOfBytes":32}""", "Please specify either number of bytes or key spec.")]
    [InlineData("""{"KeySpec":"AES_512"}""", "1 validation error detected: Value 'AES_512' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]")]
    [InlineData("""{"NumberOfBytes":0}""", "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1")]
    [InlineData("""{"NumberOfBytes":1025}""", "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024")]
    public async Task A_data_key_has_exactly_one_size(string members, string message)
    {
        JsonObject request = JsonNode.Parse(members)!.AsObject();
        request["KeyId"] = await _api.CreateKeyAsync();
        await ExpectAsync("GenerateDataKey", request, "ValidationException", message);
    }

    [Theory]
    [InlineData(0, "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1")]
    [InlineData(4097, "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096")]
    public async Task A_plaintext_has_1_to_4096_bytes_and_is_not_shown(int size, string message) => await ExpectAsync(
        "Encrypt", new() { ["KeyId"] = await _api.CreateKeyAsync(), ["Plaintext"] = Base64(new byte[size]) }, "ValidationException", message);

    [Fact]
    public async Task Another_context_another_byte_and_no_ciphertext_at_all_are_one_error()
    {
        JsonNode encrypted = await EncryptAsync(await _api.CreateKeyAsync(), Context("a"));
        byte[] blob = Convert.FromBase64String((string)encrypted["CiphertextBlob"]!);
        blob[^1] ^= 1;
        JsonObject[] bad =
        [
            Decrypt(encrypted), Decrypt(encrypted, Context("b")), new() { ["CiphertextBlob"] = Base64(blob), ["EncryptionContext"] = Context("a") },
            new() { ["CiphertextBlob"] = Base64(new byte[100]) },
        ];
        foreach (JsonObject request in bad)
        {
            await ExpectAsync("Decrypt", request, "InvalidCiphertextException", KmsErrors.InvalidCiphertext.Message);
        }
    }

    [Fact]
    public async Task The_key_may_be_named_and_must_then_be_the_right_one()
    {
        (string id, string other) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = id });
        JsonNode encrypted = await EncryptAsync(id);
        await _api.AnswerAsync("Decrypt", With(Decrypt(encrypted), "KeyId", "alias/mine"));
        await ExpectAsync(
            "Decrypt", With(Decrypt(encrypted), "KeyId", other), "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
        await ExpectAsync("Decrypt", With(Decrypt(encrypted), "KeyId", "no-key"), "NotFoundException", "Invalid keyId 'no-key'");
    }

    [Fact]
    public async Task A_ciphertext_of_another_Region_tells_nothing_of_its_key()
    {
        JsonNode encrypted = await EncryptAsync(await _api.CreateKeyAsync());
        var elsewhere = new KmsClient(_world, _instance) { Region = "us-east-1" };
        KmsResponse response = await elsewhere.CallAsync("Decrypt", Decrypt(encrypted));
        Assert.Equal(
            ("AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access."),
            (response.ErrorCode, response.ErrorMessage));
    }

    [Fact]
    public async Task A_managed_key_is_used_through_its_service_only()
    {
        using WrappedDataKey managed = await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(null, World.Context, World.ViaS3, default);
        var context = new JsonObject { ["aws:s3:arn"] = "arn:aws:s3:::bucket/key" };
        Assert.Equal("AccessDeniedException", (await _api.CallAsync("Encrypt", new() { ["KeyId"] = "alias/aws/s3", ["Plaintext"] = "AAAA" })).ErrorCode);
        Assert.Equal("AccessDeniedException", (await _api.CallAsync("GenerateDataKey", new() { ["KeyId"] = managed.KeyArn, ["KeySpec"] = "AES_256" })).ErrorCode);
        Assert.Equal(
            "AccessDeniedException", (await _api.CallAsync("Decrypt", new() { ["CiphertextBlob"] = Base64(managed.Wrapped), ["EncryptionContext"] = context })).ErrorCode);
    }

    [Fact]
    public async Task S3_opens_what_the_API_wrapped_and_the_API_what_S3_wrapped()
    {
        string id = await _api.CreateKeyAsync();
        IKmsKeys s3 = _instance.GetRequiredService<IKmsKeys>();
        var context = new JsonObject { ["aws:s3:arn"] = "arn:aws:s3:::bucket/key" };
        using WrappedDataKey made = await s3.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default);
        JsonNode opened = (await _api.AnswerAsync("Decrypt", new() { ["CiphertextBlob"] = Base64(made.Wrapped), ["EncryptionContext"] = context.DeepClone() }))!;
        Assert.Equal(Base64(made.Plaintext.Bytes.ToArray()), (string)opened["Plaintext"]!);

        JsonNode short_ = (await _api.AnswerAsync("GenerateDataKey", new() { ["KeyId"] = id, ["KeySpec"] = "AES_128", ["EncryptionContext"] = context }))!;
        KmsException refused = await Assert.ThrowsAsync<KmsException>(
            async () => await s3.DecryptDataKeyAsync(Convert.FromBase64String((string)short_["CiphertextBlob"]!), World.Context, World.ViaS3, default));
        Assert.Equal(KmsErrors.InvalidCiphertext, refused.Error);
    }

    [Fact]
    public async Task A_ciphertext_of_an_old_version_decrypts_and_names_its_material()
    {
        string id = await _api.CreateKeyAsync();
        JsonNode encrypted = await EncryptAsync(id);
        string first = (string)(await _api.AnswerAsync("Decrypt", Decrypt(encrypted)))!["KeyMaterialId"]!;
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        Assert.Equal(first, (string)(await _api.AnswerAsync("Decrypt", Decrypt(encrypted)))!["KeyMaterialId"]!);
        Assert.NotEqual(first, (string)(await _api.AnswerAsync("Decrypt", Decrypt(await EncryptAsync(id))))!["KeyMaterialId"]!);
    }

    [Theory]
    [InlineData("Recipient", "{}", "UnsupportedOperationException")]
    [InlineData("EncryptionAlgorithm", "\"RSAES_OAEP_SHA_1\"", "InvalidKeyUsageException")]
    [InlineData("EncryptionAlgorithm", "\"ROT13\"", "ValidationException")]
    [InlineData("DryRun", "false", null)]
    [InlineData("EncryptionAlgorithm", "\"SYMMETRIC_DEFAULT\"", null)]
    [InlineData("GrantTokens", "[]", null)]
    public async Task What_a_decryption_cannot_do_here_is_refused_rather_than_ignored(string member, string value, string? code) => Assert.Equal(
        code, (await _api.CallAsync("Decrypt", With(Decrypt(await EncryptAsync(await _api.CreateKeyAsync())), member, JsonNode.Parse(value)))).ErrorCode);

    [Theory]
    [InlineData("Encrypt", """{"Plaintext":"AAAA"}""")]
    [InlineData("GenerateDataKey", """{"KeySpec":"AES_256"}""")]
    public async Task A_disabled_key_is_of_no_use(string operation, string members)
    {
        string id = await _api.CreateKeyAsync();
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        string arn = KmsKey.ArnOf(World.Region, World.Account, id);
        await ExpectAsync(operation, With(JsonNode.Parse(members)!.AsObject(), "KeyId", id), "DisabledException", $"{arn} is disabled.");
        Assert.Equal((operation, "DisabledException", arn), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode, _world.Trail.Last.Resources[0].Arn));
    }

    [Fact]
    public async Task No_record_holds_a_plaintext_or_a_ciphertext()
    {
        string id = await _api.CreateKeyAsync();
        JsonNode encrypted = await EncryptAsync(id);
        await _api.AnswerAsync("Decrypt", Decrypt(encrypted));
        JsonNode made = (await _api.AnswerAsync("GenerateDataKey", new() { ["KeyId"] = id, ["KeySpec"] = "AES_256" }))!;
        string records = string.Join('\n', _world.Trail.Events.Select(e => $"{e} {e.RequestParameters?.ToJsonString()} {e.ResponseElements?.ToJsonString()}"));
        Assert.Contains(id, records, StringComparison.Ordinal);
        foreach (JsonNode? secret in new[] { encrypted["CiphertextBlob"], made["Plaintext"], made["CiphertextBlob"], (JsonNode)"aGVsbG8gd29ybGQ=" })
        {
            Assert.DoesNotContain((string)secret!, records, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_the_trail_nothing_is_decrypted()
    {
        JsonNode encrypted = await EncryptAsync(await _api.CreateKeyAsync());
        _world.Trail.IsUnavailable = true;
        KmsResponse response = await _api.CallAsync("Decrypt", Decrypt(encrypted));
        Assert.Equal((503, "DependencyTimeoutException"), (response.Status, response.ErrorCode));
        Assert.Equal(["__type", "message"], response.Body!.AsObject().Select(member => member.Key));
    }

    public void Dispose() => _world.Dispose();

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes);

    private static JsonObject Context(string value) => new() { ["purpose"] = value };

    private static JsonObject Decrypt(JsonNode encrypted, JsonObject? context = null) =>
        new() { ["CiphertextBlob"] = (string)encrypted["CiphertextBlob"]!, ["EncryptionContext"] = context };

    private static JsonObject With(JsonObject request, string member, JsonNode? value)
    {
        request[member] = value;
        return request;
    }

    private async Task<JsonNode> EncryptAsync(string id, JsonObject? context = null) =>
        (await _api.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "aGVsbG8gd29ybGQ=", ["EncryptionContext"] = context }))!;

    private async Task ExpectAsync(string operation, JsonObject request, string code, string message)
    {
        KmsResponse response = await _api.CallAsync(operation, request);
        Assert.Equal((400, code, message), (response.Status, response.ErrorCode, response.ErrorMessage));
    }
}
