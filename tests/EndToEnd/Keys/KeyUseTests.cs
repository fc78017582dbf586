using System.Security.Cryptography;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Keys;

/// <summary>What keys are used for, by the SDK's own client, as the account's root.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class KeyUseTests(ServiceFixture service)
{
    private static readonly Dictionary<string, string> Before = new() { ["purpose"] = "before" };
    private static readonly Dictionary<string, string> After = new() { ["purpose"] = "after" };

    [Fact]
    public async Task A_ciphertext_moves_to_another_key_and_context_and_the_trail_names_both_keys()
    {
        var (source, destination) = (await service.NewKeyAsync(), await service.NewKeyAsync());
        var encrypted = await service.Kms.EncryptAsync(new() { KeyId = source, Plaintext = Text("secret"), EncryptionContext = Before });
        var moved = await service.Kms.ReEncryptAsync(new()
        {
            CiphertextBlob = encrypted.CiphertextBlob,
            SourceEncryptionContext = Before,
            DestinationKeyId = destination,
            DestinationEncryptionContext = After,
        });
        Assert.Equal((source, destination), (moved.SourceKeyId, moved.KeyId));
        Assert.Equal((EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT, EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT), (moved.SourceEncryptionAlgorithm, moved.DestinationEncryptionAlgorithm));
        await service.Kms.DisableKeyAsync(source);
        var decrypted = await service.Kms.DecryptAsync(new() { CiphertextBlob = moved.CiphertextBlob, EncryptionContext = After });
        Assert.Equal((destination, "secret"), (decrypted.KeyId, System.Text.Encoding.UTF8.GetString(decrypted.Plaintext.ToArray())));

        var records = await Eventually.GetAsync(
            async () => await service.CloudTrail.LookupAsync("ResourceName", source) is { } found && found.Any(IsReEncrypt) ? found : null, "the ReEncrypt is looked up");
        Assert.Equal([source, destination], records.Single(IsReEncrypt)["resources"]!.AsArray().Select(resource => (string)resource!["ARN"]!));

        static bool IsReEncrypt(System.Text.Json.Nodes.JsonObject record) => (string?)record["eventName"] == "ReEncrypt";
    }

    [Fact]
    public async Task A_data_key_comes_without_its_plaintext()
    {
        var arn = await service.NewKeyAsync();
        var generated = await service.Kms.GenerateDataKeyWithoutPlaintextAsync(new() { KeyId = arn, NumberOfBytes = 100, EncryptionContext = Before });
        Assert.Equal(arn, generated.KeyId);
        Assert.Equal(100, (await service.Kms.DecryptAsync(new() { CiphertextBlob = generated.CiphertextBlob, EncryptionContext = Before })).Plaintext.Length);
    }

    [Fact]
    public async Task Random_bytes_are_as_many_as_asked_for()
    {
        foreach (var size in new[] { 1, 32, 1024 })
            Assert.Equal(size, (await service.Kms.GenerateRandomAsync(size)).Plaintext.Length);
        Assert.NotEqual((await service.Kms.GenerateRandomAsync(32)).Plaintext.ToArray(), (await service.Kms.GenerateRandomAsync(32)).Plaintext.ToArray());
        var refused = await Assert.ThrowsAnyAsync<AmazonKeyManagementServiceException>(() => service.Kms.GenerateRandomAsync(1025));
        Assert.Equal("ValidationException", refused.ErrorCode);
    }

    [Theory]
    [InlineData("HMAC_224", "HMAC_SHA_224", 28)]
    [InlineData("HMAC_256", "HMAC_SHA_256", 32)]
    [InlineData("HMAC_384", "HMAC_SHA_384", 48)]
    [InlineData("HMAC_512", "HMAC_SHA_512", 64)]
    public async Task A_MAC_is_of_its_key_its_message_and_its_algorithm(string spec, string algorithm, int size)
    {
        var arn = (await service.Kms.CreateKeyAsync(new() { KeySpec = spec, KeyUsage = KeyUsageType.GENERATE_VERIFY_MAC })).KeyMetadata.Arn;
        var mac = (await service.Kms.GenerateMacAsync(new() { KeyId = arn, MacAlgorithm = algorithm, Message = Text("message") })).Mac.ToArray();
        Assert.Equal(size, mac.Length);
        var verified = await service.Kms.VerifyMacAsync(Verify(arn, algorithm, "message", mac));
        Assert.True(verified.MacValid);
        await Assert.ThrowsAsync<KMSInvalidMacException>(() => service.Kms.VerifyMacAsync(Verify(arn, algorithm, "massage", mac)));
        mac[0] ^= 1;
        await Assert.ThrowsAsync<KMSInvalidMacException>(() => service.Kms.VerifyMacAsync(Verify(arn, algorithm, "message", mac)));
        await Assert.ThrowsAsync<InvalidKeyUsageException>(() => service.Kms.EncryptAsync(new() { KeyId = arn, Plaintext = Text("secret") }));
    }

    [Fact]
    public async Task An_imported_MAC_key_makes_the_MACs_that_are_made_elsewhere()
    {
        var arn = (await service.Kms.CreateKeyAsync(new() { KeySpec = KeySpec.HMAC_384, KeyUsage = KeyUsageType.GENERATE_VERIFY_MAC, Origin = OriginType.EXTERNAL })).KeyMetadata.Arn;
        var parameters = await service.Kms.GetParametersForImportAsync(
            new GetParametersForImportRequest { KeyId = arn, WrappingAlgorithm = AlgorithmSpec.RSAES_OAEP_SHA_256, WrappingKeySpec = WrappingKeySpec.RSA_2048 });
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(parameters.PublicKey.ToArray(), out _);
        var material = RandomNumberGenerator.GetBytes(48);
        await service.Kms.ImportKeyMaterialAsync(new()
        {
            KeyId = arn,
            ImportToken = parameters.ImportToken,
            EncryptedKeyMaterial = new(rsa.Encrypt(material, RSAEncryptionPadding.OaepSHA256)),
            ExpirationModel = ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE,
        });
        Assert.True((await service.Kms.VerifyMacAsync(Verify(arn, "HMAC_SHA_384", "message", HMACSHA384.HashData(material, "message"u8)))).MacValid);
    }

    [Fact]
    public async Task A_dry_run_tells_whether_the_call_would_succeed()
    {
        var arn = await service.NewKeyAsync();
        var encrypted = await service.Kms.EncryptAsync(new() { KeyId = arn, Plaintext = Text("secret") });
        await Assert.ThrowsAsync<DryRunOperationException>(() => service.Kms.EncryptAsync(new() { KeyId = arn, Plaintext = Text("secret"), DryRun = true }));
        await Assert.ThrowsAsync<DryRunOperationException>(() => service.Kms.DecryptAsync(new() { CiphertextBlob = encrypted.CiphertextBlob, DryRun = true }));
        await Assert.ThrowsAsync<DryRunOperationException>(() => service.Kms.GenerateDataKeyAsync(new() { KeyId = arn, KeySpec = DataKeySpec.AES_256, DryRun = true }));
        await service.Kms.DisableKeyAsync(arn);
        await Assert.ThrowsAsync<DisabledException>(() => service.Kms.EncryptAsync(new() { KeyId = arn, Plaintext = Text("secret"), DryRun = true }));
    }

    [Fact]
    public async Task What_this_service_has_not_is_said_to_be_unsupported()
    {
        var arn = await service.NewKeyAsync();
        Func<Task>[] calls =
        [
            () => service.Kms.SignAsync(new() { KeyId = arn, Message = Text("message"), SigningAlgorithm = SigningAlgorithmSpec.ECDSA_SHA_256 }),
            () => service.Kms.GetPublicKeyAsync(new() { KeyId = arn }),
            () => service.Kms.GenerateDataKeyPairAsync(new() { KeyId = arn, KeyPairSpec = DataKeyPairSpec.RSA_2048 }),
            () => service.Kms.ReplicateKeyAsync(new() { KeyId = arn, ReplicaRegion = TestAccount.OtherRegion }),
            () => service.Kms.DescribeCustomKeyStoresAsync(new()),
        ];
        foreach (var call in calls)
            Assert.Equal("UnsupportedOperationException", (await Assert.ThrowsAnyAsync<AmazonKeyManagementServiceException>(call)).ErrorCode);
    }

    private static MemoryStream Text(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    private static VerifyMacRequest Verify(string key, string algorithm, string message, byte[] mac) =>
        new() { KeyId = key, MacAlgorithm = algorithm, Message = Text(message), Mac = new([.. mac]) };
}
