using System.Net;
using System.Security.Cryptography;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.Keys.Tests;

namespace Serverless.EndToEnd.Keys;

/// <summary>Key material that its owner brings, by the SDK's own client; and objects under it.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class ImportTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";

    [Fact]
    public async Task Objects_under_imported_material_are_readable_as_long_as_it_is_there()
    {
        var bucket = await service.NewBucketAsync();
        var key = (await service.Kms.CreateKeyAsync(new() { Origin = OriginType.EXTERNAL })).KeyMetadata;
        Assert.Equal(KeyState.PendingImport, key.KeyState);
        (await PutAsync(bucket, "early", key.Arn)).MustBeError(400, "KMS.KMSInvalidStateException", $"{key.Arn} is pending import.");

        var first = RandomNumberGenerator.GetBytes(32);
        var firstId = await ImportAsync(key.KeyId, first, AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256, WrappingKeySpec.RSA_3072);
        (await PutAsync(bucket, "old", key.Arn)).MustBe(HttpStatusCode.OK);

        // Other material follows, and both are needed from then on.
        var secondId = await ImportAsync(key.KeyId, RandomNumberGenerator.GetBytes(32), AlgorithmSpec.RSAES_OAEP_SHA_256, WrappingKeySpec.RSA_2048, ImportType.NEW_KEY_MATERIAL);
        await service.Kms.RotateKeyOnDemandAsync(new() { KeyId = key.KeyId });
        Assert.Equal(secondId, (await service.Kms.DescribeKeyAsync(key.Arn)).KeyMetadata.CurrentKeyMaterialId);
        (await PutAsync(bucket, "new", key.Arn)).MustBe(HttpStatusCode.OK);
        foreach (var name in new[] { "old", "new" }) Assert.Equal(name, (await GetAsync(bucket, name)).MustBe(HttpStatusCode.OK).Text);

        await service.Kms.DeleteImportedKeyMaterialAsync(new() { KeyId = key.KeyId, KeyMaterialId = firstId });
        foreach (var name in new[] { "old", "new" })
            (await GetAsync(bucket, name)).MustBeError(400, "KMS.KMSInvalidStateException", $"{key.Arn} is pending import.");
        var missing = Assert.Single(
            (await service.Kms.ListKeyRotationsAsync(new() { KeyId = key.KeyId, IncludeKeyMaterial = IncludeKeyMaterial.ALL_KEY_MATERIAL })).Rotations,
            rotation => rotation.ImportState == ImportState.PENDING_IMPORT);
        Assert.Equal(firstId, missing.KeyMaterialId);

        Assert.Equal(firstId, await ImportAsync(key.KeyId, first, AlgorithmSpec.RSAES_OAEP_SHA_1, WrappingKeySpec.RSA_2048));
        foreach (var name in new[] { "old", "new" }) Assert.Equal(name, (await GetAsync(bucket, name)).MustBe(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task It_is_the_owners_material_that_authenticates()
    {
        var key = (await service.Kms.CreateKeyAsync(new() { Origin = OriginType.EXTERNAL, KeySpec = KeySpec.HMAC_512, KeyUsage = KeyUsageType.GENERATE_VERIFY_MAC })).KeyMetadata;
        var material = RandomNumberGenerator.GetBytes(64);
        await ImportAsync(key.KeyId, material, AlgorithmSpec.RSAES_OAEP_SHA_256, WrappingKeySpec.RSA_2048);
        var mac = await service.Kms.GenerateMacAsync(new() { KeyId = key.KeyId, Message = new MemoryStream("hello"u8.ToArray()), MacAlgorithm = MacAlgorithmSpec.HMAC_SHA_512 });
        Assert.Equal(HMACSHA512.HashData(material, "hello"u8), mac.Mac.ToArray());
    }

    [Fact]
    public async Task What_goes_wrong_has_the_SDKs_own_exceptions()
    {
        var key = (await service.Kms.CreateKeyAsync(new() { Origin = OriginType.EXTERNAL })).KeyMetadata.KeyId;
        var other = (await service.Kms.CreateKeyAsync(new() { Origin = OriginType.EXTERNAL })).KeyMetadata.KeyId;
        var parameters = await ParametersAsync(key, AlgorithmSpec.RSAES_OAEP_SHA_256, WrappingKeySpec.RSA_2048);
        var wrapped = WrappedMaterial.Of(parameters.PublicKey.ToArray(), AlgorithmSpec.RSAES_OAEP_SHA_256.Value, RandomNumberGenerator.GetBytes(32));
        await Assert.ThrowsAsync<InvalidImportTokenException>(() => SendAsync(other, parameters, wrapped));
        await Assert.ThrowsAsync<InvalidCiphertextException>(() => SendAsync(key, parameters, RandomNumberGenerator.GetBytes(256)));
        var tooShort = WrappedMaterial.Of(parameters.PublicKey.ToArray(), AlgorithmSpec.RSAES_OAEP_SHA_256.Value, RandomNumberGenerator.GetBytes(16));
        await Assert.ThrowsAsync<IncorrectKeyMaterialException>(() => SendAsync(key, parameters, tooShort));
        await SendAsync(key, parameters, wrapped);
        await Assert.ThrowsAsync<UnsupportedOperationException>(() => ParametersAsync(key, AlgorithmSpec.RSAES_PKCS1_V1_5, WrappingKeySpec.RSA_2048));
        var ours = await service.NewKeyAsync();
        await Assert.ThrowsAsync<UnsupportedOperationException>(() => ParametersAsync(ours, AlgorithmSpec.RSAES_OAEP_SHA_256, WrappingKeySpec.RSA_2048));
    }

    private async Task<string> ImportAsync(string keyId, byte[] material, AlgorithmSpec algorithm, WrappingKeySpec spec, ImportType? type = null)
    {
        var parameters = await ParametersAsync(keyId, algorithm, spec);
        return (await SendAsync(keyId, parameters, WrappedMaterial.Of(parameters.PublicKey.ToArray(), algorithm.Value, material), type)).KeyMaterialId;
    }

    private Task<GetParametersForImportResponse> ParametersAsync(string keyId, AlgorithmSpec algorithm, WrappingKeySpec spec) =>
        service.Kms.GetParametersForImportAsync(new() { KeyId = keyId, WrappingAlgorithm = algorithm, WrappingKeySpec = spec });

    private Task<ImportKeyMaterialResponse> SendAsync(string keyId, GetParametersForImportResponse parameters, byte[] wrapped, ImportType? type = null) =>
        service.Kms.ImportKeyMaterialAsync(new()
        {
            KeyId = keyId,
            ImportToken = new MemoryStream(parameters.ImportToken.ToArray()),
            EncryptedKeyMaterial = new MemoryStream(wrapped),
            ExpirationModel = ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE,
            ImportType = type,
        });

    private Task<RawAnswer> PutAsync(string bucket, string name, string arn) => service.Http.SendAsync(
        RawRequest.Put(bucket, name, System.Text.Encoding.UTF8.GetBytes(name), (Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", arn)));

    private Task<RawAnswer> GetAsync(string bucket, string name) => service.Http.SendAsync(RawRequest.Get(bucket, name));
}
