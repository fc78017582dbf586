using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>GetParametersForImport and ImportKeyMaterial; what becomes of the material later is elsewhere.</summary>
public sealed class ImportApiTests : IDisposable
{
    private const string IncorrectMaterial =
        "The key material is not of the size that the key takes, not the material that was imported before, or not new where new material is expected.";

    private readonly World _world = new();
    private readonly KmsClient _api;
    private readonly MaterialOwner _owner;

    public ImportApiTests()
    {
        _api = new KmsClient(_world, _world.NewInstance());
        _owner = new MaterialOwner(_api);
    }

    [Theory]
    [InlineData("RSAES_OAEP_SHA_1", "RSA_2048", 2048)]
    [InlineData("RSAES_OAEP_SHA_256", "RSA_3072", 3072)]
    [InlineData("RSA_AES_KEY_WRAP_SHA_1", "RSA_2048", 2048)]
    [InlineData("RSA_AES_KEY_WRAP_SHA_256", "RSA_4096", 4096)]
    public async Task Material_that_is_wrapped_as_agreed_is_imported_and_encrypts(string algorithm, string spec, int bits)
    {
        string id = await _owner.CreateKeyAsync();
        JsonNode parameters = await _owner.ParametersAsync(id, algorithm, spec);
        Assert.Equal(["ImportToken", "KeyId", "ParametersValidTo", "PublicKey"], parameters.AsObject().Select(member => member.Key));
        Assert.Equal(Arn(id), (string)parameters["KeyId"]!);
        Assert.Equal(_world.Time.GetUtcNow().AddHours(24).ToUnixTimeSeconds(), (long)parameters["ParametersValidTo"]!);
        Assert.InRange(Convert.FromBase64String((string)parameters["ImportToken"]!).Length, 1, 6144);
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String((string)parameters["PublicKey"]!), out _);
        Assert.Equal(bits, rsa.KeySize);

        KmsResponse imported = await _owner.ImportAsync(id, Material(), algorithm: algorithm, parameters: parameters);
        Assert.Equal(200, imported.Status);
        Assert.Equal(["KeyId", "KeyMaterialId"], imported.Body!.AsObject().Select(member => member.Key));
        JsonNode key = await DescribeAsync(id);
        Assert.Equal(("Enabled", (string)imported.Body["KeyMaterialId"]!), ((string)key["KeyState"]!, (string)key["CurrentKeyMaterialId"]!));
        JsonNode encrypted = (await _api.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "c2VjcmV0" }))!;
        Assert.Equal("c2VjcmV0", (string)(await _api.AnswerAsync("Decrypt", new() { ["CiphertextBlob"] = (string)encrypted["CiphertextBlob"]! }))!["Plaintext"]!);
    }

    [Theory]
    [InlineData("HMAC_224", "HMAC_SHA_224", 28)]
    [InlineData("HMAC_256", "HMAC_SHA_256", 32)]
    [InlineData("HMAC_384", "HMAC_SHA_384", 48)]
    [InlineData("HMAC_512", "HMAC_SHA_512", 64)]
    public async Task It_is_the_imported_material_that_is_used(string spec, string algorithm, int size)
    {
        string id = await _owner.CreateKeyAsync(new() { ["KeySpec"] = spec, ["KeyUsage"] = "GENERATE_VERIFY_MAC" });
        byte[] material = RandomNumberGenerator.GetBytes(size);
        KmsResponse imported = await _owner.ImportAsync(id, material, algorithm: "RSA_AES_KEY_WRAP_SHA_256");
        Assert.Equal($$"""{"KeyId":"{{Arn(id)}}"}""", imported.Body!.ToJsonString());
        JsonNode mac = (await _api.AnswerAsync("GenerateMac", new() { ["KeyId"] = id, ["Message"] = "aGVsbG8=", ["MacAlgorithm"] = algorithm }))!;
        byte[] expected = spec switch
        {
            "HMAC_224" => Encryption.Hmac.Compute(Encryption.HmacAlgorithm.Sha224, material, "hello"u8),
            "HMAC_256" => HMACSHA256.HashData(material, "hello"u8),
            "HMAC_384" => HMACSHA384.HashData(material, "hello"u8),
            _ => HMACSHA512.HashData(material, "hello"u8),
        };
        Assert.Equal(expected, Convert.FromBase64String((string)mac["Mac"]!));
        Assert.Equal(200, (await _owner.ImportAsync(id, material)).Status);
        Assert.Equal(("IncorrectKeyMaterialException", IncorrectMaterial), Error(await _owner.ImportAsync(id, RandomNumberGenerator.GetBytes(size))));
        Assert.Equal("UnsupportedOperationException", (await _owner.ImportAsync(id, material, new() { ["ImportType"] = "EXISTING_KEY_MATERIAL" })).ErrorCode);
    }

    [Fact]
    public async Task Any_instance_finishes_an_import_and_nothing_is_stored_meanwhile()
    {
        string id = await _owner.CreateKeyAsync();
        _world.KmsStore.Calls.Clear();
        JsonNode parameters = await _owner.ParametersAsync(id);
        Assert.All(_world.KmsStore.Calls, call => Assert.StartsWith("Read", call, StringComparison.Ordinal));
        var elsewhere = new MaterialOwner(new KmsClient(_world, _world.NewInstance()));
        Assert.Equal(200, (await elsewhere.ImportAsync(id, Material(), parameters: parameters)).Status);
    }

    [Fact]
    public async Task A_token_is_good_for_its_key_and_unchanged_only()
    {
        (string id, string other) = (await _owner.CreateKeyAsync(), await _owner.CreateKeyAsync());
        JsonNode parameters = await _owner.ParametersAsync(id);
        var invalid = ("InvalidImportTokenException", "The import token is invalid or is associated with a different KMS key.");
        Assert.Equal(invalid, Error(await _owner.ImportAsync(other, Material(), parameters: parameters)));
        byte[] token = Convert.FromBase64String((string)parameters["ImportToken"]!);
        for (int i = 0; i < token.Length; i += 41)
        {
            byte[] changed = [.. token];
            changed[i] ^= 1;
            Assert.Equal(invalid, await TryAsync(changed));
        }

        Assert.Equal(invalid, await TryAsync(token[..^1]));
        Assert.Equal(invalid, await TryAsync([.. token, 0]));
        Assert.Equal(invalid, await TryAsync([1]));
        // Its expiry is not the holder's to move.
        Assert.Equal(invalid, await TryAsync([.. token[..2], .. token[2..10].Select(b => (byte)0x7f), .. token[10..]]));
        Assert.Equal(200, (await _owner.ImportAsync(id, Material(), parameters: parameters)).Status);

        async Task<(string?, string?)> TryAsync(byte[] changed)
        {
            JsonNode tampered = parameters.DeepClone();
            tampered["ImportToken"] = Convert.ToBase64String(changed);
            return Error(await _owner.ImportAsync(id, Material(), parameters: tampered));
        }
    }

    [Fact]
    public async Task A_token_is_good_for_24_hours()
    {
        string id = await _owner.CreateKeyAsync();
        JsonNode parameters = await _owner.ParametersAsync(id);
        byte[] material = Material();
        _world.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, (await _owner.ImportAsync(id, material, parameters: parameters)).Status);
        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("ExpiredImportTokenException", (await _owner.ImportAsync(id, material, parameters: parameters)).ErrorCode);
    }

    [Fact]
    public async Task What_was_not_wrapped_as_agreed_is_not_imported()
    {
        string id = await _owner.CreateKeyAsync();
        JsonNode parameters = await _owner.ParametersAsync(id);
        byte[] publicKey = Convert.FromBase64String((string)parameters["PublicKey"]!);
        byte[] otherKey = Convert.FromBase64String((string)(await _owner.ParametersAsync(id))["PublicKey"]!);
        foreach (byte[] wrapped in new[] { WrappedMaterial.Of(publicKey, "RSAES_OAEP_SHA_1", Material()), WrappedMaterial.Of(otherKey, "RSAES_OAEP_SHA_256", Material()), new byte[256], [1, 2, 3] })
        {
            KmsResponse response = await _owner.ImportAsync(id, [], new() { ["EncryptedKeyMaterial"] = Convert.ToBase64String(wrapped) }, parameters: parameters);
            Assert.Equal("InvalidCiphertextException", response.ErrorCode);
            Assert.NotEmpty(response.ErrorMessage!);
        }

        Assert.Equal("PendingImport", (string)(await DescribeAsync(id))["KeyState"]!);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public async Task A_symmetric_keys_material_has_32_bytes(int size) =>
        Assert.Equal(("IncorrectKeyMaterialException", IncorrectMaterial), Error(await _owner.ImportAsync(await _owner.CreateKeyAsync(), RandomNumberGenerator.GetBytes(size))));

    [Theory]
    [InlineData("""{"WrappingAlgorithm":"RSAES_PKCS1_V1_5","WrappingKeySpec":"RSA_2048"}""", "UnsupportedOperationException", "WrappingAlgorithm RSAES_PKCS1_V1_5 is not supported.")]
    [InlineData("""{"WrappingAlgorithm":"SM2PKE","WrappingKeySpec":"SM2"}""", "UnsupportedOperationException", "WrappingAlgorithm SM2PKE is not supported.")]
    [InlineData("""{"WrappingAlgorithm":"RSAES_OAEP_SHA_256","WrappingKeySpec":"SM2"}""", "UnsupportedOperationException", "WrappingKeySpec SM2 is not supported.")]
    [InlineData("""{"WrappingKeySpec":"RSA_2048"}""", "ValidationException", "1 validation error detected: Value null at 'wrappingAlgorithm' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"WrappingAlgorithm":"RSAES_OAEP_SHA_256"}""", "ValidationException", "1 validation error detected: Value null at 'wrappingKeySpec' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"WrappingAlgorithm":"RSAES_OAEP_SHA_256","WrappingKeySpec":"RSA_1024"}""", "ValidationException", "1 validation error detected: Value 'RSA_1024' at 'wrappingKeySpec' failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096, SM2]")]
    public async Task A_wrapping_that_is_not_here_is_refused(string members, string code, string message)
    {
        JsonObject request = JsonNode.Parse(members)!.AsObject();
        request["KeyId"] = await _owner.CreateKeyAsync();
        Assert.Equal((code, message), Error(await _api.CallAsync("GetParametersForImport", request)));
    }

    [Theory]
    [InlineData("""{"ExpirationModel":"KEY_MATERIAL_EXPIRES"}""", null, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")]
    [InlineData("""{"ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE"}""", 1.0, "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE")]
    [InlineData("{}", 0.0, "ValidTo must be in the future")]
    [InlineData("{}", 365.0001, "ValidTo must not be more than 365 days in the future")]
    [InlineData("""{"ExpirationModel":"NEVER"}""", null, "1 validation error detected: Value 'NEVER' at 'expirationModel' failed to satisfy constraint: Member must satisfy enum value set: [KEY_MATERIAL_DOES_NOT_EXPIRE, KEY_MATERIAL_EXPIRES]")]
    [InlineData("""{"ImportType":"NEW_KEY_MATERIAL","ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE","KeyMaterialId":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}""", null, "You cannot specify a KeyMaterialId with ImportType NEW_KEY_MATERIAL")]
    [InlineData("""{"ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE","KeyMaterialId":"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"}""", null, "1 validation error detected: Value '0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef' at 'keyMaterialId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-f0-9]+$")]
    [InlineData("""{"ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE","KeyMaterialDescription":"what?"}""", null, "1 validation error detected: Value 'what?' at 'keyMaterialDescription' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_\\s.-]+$")]
    public async Task What_an_import_cannot_be_is_refused(string members, double? days, string message)
    {
        JsonObject more = JsonNode.Parse(members)!.AsObject();
        more["ValidTo"] = days is { } some ? _world.Time.GetUtcNow().AddDays(some).ToUnixTimeMilliseconds() / 1000.0 : null;
        Assert.Equal(("ValidationException", message), Error(await _owner.ImportAsync(await _owner.CreateKeyAsync(), Material(), more)));
    }

    [Fact]
    public async Task Material_is_known_again_in_the_same_key_only()
    {
        (string one, string two) = (await _owner.CreateKeyAsync(), await _owner.CreateKeyAsync());
        (byte[] material, byte[] other) = (Material(), Material());
        string id = (string)(await _owner.ImportAsync(one, material)).Body!["KeyMaterialId"]!;
        Assert.Equal(id, (string)(await _owner.ImportAsync(one, material)).Body!["KeyMaterialId"]!);
        Assert.Equal(id, (string)(await _owner.ImportAsync(one, material, new() { ["KeyMaterialId"] = id, ["ImportType"] = "EXISTING_KEY_MATERIAL" })).Body!["KeyMaterialId"]!);
        Assert.NotEqual(id, (string)(await _owner.ImportAsync(two, material)).Body!["KeyMaterialId"]!);

        var incorrect = ("IncorrectKeyMaterialException", IncorrectMaterial);
        Assert.Equal(incorrect, Error(await _owner.ImportAsync(one, other)));
        Assert.Equal(incorrect, Error(await _owner.ImportAsync(one, material, new() { ["KeyMaterialId"] = new string('a', 64) })));
        Assert.Equal(incorrect, Error(await _owner.ImportAsync(one, material, new() { ["ImportType"] = "NEW_KEY_MATERIAL" })));
        Assert.Equal(incorrect, Error(await _owner.ImportAsync(await _owner.CreateKeyAsync(), material, new() { ["ImportType"] = "EXISTING_KEY_MATERIAL" })));
    }

    [Theory]
    [InlineData("GetParametersForImport")]
    [InlineData("ImportKeyMaterial")]
    [InlineData("DeleteImportedKeyMaterial")]
    public async Task Keys_with_the_services_own_material_take_no_other(string operation)
    {
        string id = await _api.CreateKeyAsync();
        JsonNode parameters = await _owner.ParametersAsync(await _owner.CreateKeyAsync());
        KmsResponse response = operation == "ImportKeyMaterial" ? await _owner.ImportAsync(id, Material(), parameters: parameters) : await _api.CallAsync(
            operation, new() { ["KeyId"] = id, ["WrappingAlgorithm"] = "RSAES_OAEP_SHA_256", ["WrappingKeySpec"] = "RSA_2048" });
        Assert.Equal(("UnsupportedOperationException", $"{Arn(id)} origin is AWS_KMS which is not valid for this operation."), Error(response));
    }

    [Fact]
    public async Task An_import_is_on_the_trail_without_what_it_carried()
    {
        string id = await _owner.CreateKeyAsync();
        JsonNode parameters = await _owner.ParametersAsync(id);
        AuditEvent asked = _world.Trail.Last;
        Assert.True(asked.ReadOnly);
        Assert.Equal($$"""{"keyId":"{{id}}","wrappingAlgorithm":"RSAES_OAEP_SHA_256","wrappingKeySpec":"RSA_2048"}""", asked.RequestParameters!.ToJsonString());
        KmsResponse imported = await _owner.ImportAsync(id, Material(), new() { ["KeyMaterialDescription"] = "of 2026" }, parameters: parameters);
        AuditEvent event_ = _world.Trail.Last;
        Assert.Equal(
            $$"""{"expirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE","keyMaterialDescription":"of 2026","keyId":"{{id}}"}""", event_.RequestParameters!.ToJsonString());
        Assert.Equal($$"""{"keyMaterialId":"{{(string)imported.Body!["KeyMaterialId"]!}}","keyId":"{{Arn(id)}}"}""", event_.ResponseElements!.ToJsonString());

        _world.Trail.IsUnavailable = true;
        Assert.Equal("DependencyTimeoutException", (await _owner.ImportAsync(id, Material(), new() { ["ImportType"] = "NEW_KEY_MATERIAL" }, parameters: parameters)).ErrorCode);
        Assert.Single(await _world.KmsStore.ListVersionsAsync(World.Region, id, default));
    }

    [Fact]
    public async Task An_import_that_another_one_overtakes_is_judged_by_what_is_true_then()
    {
        string id = await _owner.CreateKeyAsync();
        (JsonNode ours, JsonNode theirs) = (await _owner.ParametersAsync(id), await _owner.ParametersAsync(id));
        bool overtaken = false;
        _world.KmsStore.Before = async call =>
        {
            if (call == nameof(IKmsKeyStore.ListVersionsAsync) && !overtaken)
            {
                overtaken = true;
                Assert.Equal(200, (await _owner.ImportAsync(id, Material(), parameters: theirs)).Status);
            }
        };
        Assert.Equal(("IncorrectKeyMaterialException", IncorrectMaterial), Error(await _owner.ImportAsync(id, Material(), parameters: ours)));
        Assert.True(overtaken);
    }

    [Fact]
    public async Task Of_imports_at_once_one_is_first()
    {
        string id = await _owner.CreateKeyAsync();
        JsonNode parameters = await _owner.ParametersAsync(id);
        KmsResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => _owner.ImportAsync(id, Material(), parameters: parameters))));
        Assert.Single(responses, response => response.Status == 200);
        Assert.All(responses.Where(response => response.Status != 200), response => Assert.Equal("IncorrectKeyMaterialException", response.ErrorCode));
        Assert.Single(await _world.KmsStore.ListVersionsAsync(World.Region, id, default));
    }

    public void Dispose() => _world.Dispose();

    private static string Arn(string id) => KmsKey.ArnOf(World.Region, World.Account, id);

    private static byte[] Material() => RandomNumberGenerator.GetBytes(32);

    private static (string?, string?) Error(KmsResponse response) => (response.ErrorCode, response.ErrorMessage);

    private async Task<JsonNode> DescribeAsync(string id) => (await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!;
}
