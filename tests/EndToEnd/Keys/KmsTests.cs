using System.Net;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Keys;

/// <summary>KMS by the SDK's own client: the keys that protect objects, and their use by themselves.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class KmsTests(ServiceFixture service)
{
    [Fact]
    public async Task A_key_lives_from_its_creation_to_its_deletion()
    {
        var created = (await service.Kms.CreateKeyAsync(new() { Description = "of a test", Tags = [new() { TagKey = "purpose", TagValue = "test" }] })).KeyMetadata;
        Assert.Equal((KeyState.Enabled, true, "of a test", TestAccount.Id), (created.KeyState, created.Enabled, created.Description, created.AWSAccountId));
        Assert.Equal($"arn:aws:kms:{TestAccount.Region}:{TestAccount.Id}:key/{created.KeyId}", created.Arn);
        Assert.Contains(await AllKeysAsync(), key => key.KeyArn == created.Arn);

        await service.Kms.DisableKeyAsync(created.KeyId);
        Assert.Equal(KeyState.Disabled, await StateAsync(created.Arn));
        await service.Kms.EnableKeyAsync(created.Arn);
        Assert.Equal(KeyState.Enabled, await StateAsync(created.KeyId));

        var scheduled = await service.Kms.ScheduleKeyDeletionAsync(new ScheduleKeyDeletionRequest { KeyId = created.KeyId, PendingWindowInDays = 7 });
        Assert.Equal(KeyState.PendingDeletion, scheduled.KeyState);
        Assert.InRange(scheduled.DeletionDate!.Value.ToUniversalTime(), DateTime.UtcNow.AddDays(7).AddMinutes(-5), DateTime.UtcNow.AddDays(7).AddMinutes(5));
        await Assert.ThrowsAsync<KMSInvalidStateException>(() => service.Kms.EnableKeyAsync(created.KeyId));
        await service.Kms.CancelKeyDeletionAsync(created.KeyId);
        Assert.Equal(KeyState.Disabled, await StateAsync(created.KeyId));
    }

    [Fact]
    public async Task What_a_key_encrypts_it_decrypts_with_the_same_context_and_no_other()
    {
        var arn = await service.NewKeyAsync();
        var context = new Dictionary<string, string> { ["purpose"] = "test", ["owner"] = "somebody" };
        var encrypted = await service.Kms.EncryptAsync(new() { KeyId = arn, Plaintext = new MemoryStream("secret"u8.ToArray()), EncryptionContext = context });

        // Neither the key nor the order of the context's pairs needs to be said.
        var decrypted = await service.Kms.DecryptAsync(new()
        {
            CiphertextBlob = Copy(encrypted.CiphertextBlob),
            EncryptionContext = new() { ["owner"] = "somebody", ["purpose"] = "test" },
        });
        Assert.Equal(("secret", arn), (System.Text.Encoding.UTF8.GetString(decrypted.Plaintext.ToArray()), decrypted.KeyId));

        foreach (var wrong in new Dictionary<string, string>?[] { null, new() { ["purpose"] = "test" }, new() { ["purpose"] = "testowner", ["owner"] = "somebody" } })
        {
            var refused = await Assert.ThrowsAsync<InvalidCiphertextException>(() => service.Kms.DecryptAsync(new() { CiphertextBlob = Copy(encrypted.CiphertextBlob), EncryptionContext = wrong }));
            Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
        }
        var flipped = encrypted.CiphertextBlob.ToArray();
        flipped[^1] ^= 1;
        await Assert.ThrowsAsync<InvalidCiphertextException>(() => service.Kms.DecryptAsync(new() { CiphertextBlob = new(flipped), EncryptionContext = context }));
        await Assert.ThrowsAsync<IncorrectKeyException>(async () =>
            await service.Kms.DecryptAsync(new() { CiphertextBlob = Copy(encrypted.CiphertextBlob), EncryptionContext = context, KeyId = await service.NewKeyAsync() }));
    }

    [Theory]
    [InlineData("AES_256", 32)]
    [InlineData("AES_128", 16)]
    public async Task A_generated_data_key_comes_in_both_forms_that_are_one(string spec, int size)
    {
        var arn = await service.NewKeyAsync();
        var generated = await service.Kms.GenerateDataKeyAsync(new GenerateDataKeyRequest { KeyId = arn, KeySpec = spec });
        Assert.Equal(size, generated.Plaintext.Length);
        var decrypted = await service.Kms.DecryptAsync(new() { CiphertextBlob = generated.CiphertextBlob });
        Assert.Equal(generated.Plaintext.ToArray(), decrypted.Plaintext.ToArray());
    }

    [Fact]
    public async Task A_disabled_key_is_used_for_nothing()
    {
        var arn = await service.NewKeyAsync();
        var encrypted = await service.Kms.EncryptAsync(new() { KeyId = arn, Plaintext = new MemoryStream("secret"u8.ToArray()) });
        await service.Kms.DisableKeyAsync(arn);
        await Assert.ThrowsAsync<DisabledException>(() => service.Kms.EncryptAsync(new() { KeyId = arn, Plaintext = new MemoryStream("secret"u8.ToArray()) }));
        await Assert.ThrowsAsync<DisabledException>(() => service.Kms.GenerateDataKeyAsync(new GenerateDataKeyRequest { KeyId = arn, KeySpec = DataKeySpec.AES_256 }));
        await Assert.ThrowsAsync<DisabledException>(() => service.Kms.DecryptAsync(new() { CiphertextBlob = encrypted.CiphertextBlob }));
    }

    [Fact]
    public async Task A_rotated_key_reads_old_objects_and_writes_new_ones()
    {
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        for (var version = 0; version < 3; version++)
        {
            foreach (var (key, bucketKey) in new[] { ($"plain-{version}", false), ($"bucket-key-{version}", true) })
            {
                await service.S3.PutObjectAsync(new PutObjectRequest
                {
                    BucketName = bucket,
                    Key = key,
                    ContentBody = key,
                    ServerSideEncryptionMethod = Amazon.S3.ServerSideEncryptionMethod.AWSKMS,
                    ServerSideEncryptionKeyManagementServiceKeyId = arn,
                    BucketKeyEnabled = bucketKey,
                });
            }
            await service.Kms.RotateKeyOnDemandAsync(new() { KeyId = arn });
            for (var old = 0; old <= version; old++)
            {
                foreach (var key in new[] { $"plain-{old}", $"bucket-key-{old}" })
                    Assert.Equal(key, (await service.Http.SendAsync(RawRequest.Get(bucket, key))).MustBe(HttpStatusCode.OK).Text);
            }
        }
    }

    [Fact]
    public async Task Aliases_name_keys_and_the_reserved_ones_cannot_be_made()
    {
        var arn = await service.NewKeyAsync();
        var alias = $"alias/test/{Guid.NewGuid():N}";
        await service.Kms.CreateAliasAsync(alias, arn[(arn.LastIndexOf('/') + 1)..]);
        Assert.Equal(arn, (await service.Kms.DescribeKeyAsync(alias)).KeyMetadata.Arn);
        await Assert.ThrowsAsync<AlreadyExistsException>(() => service.Kms.CreateAliasAsync(alias, arn[(arn.LastIndexOf('/') + 1)..]));
        await Assert.ThrowsAnyAsync<AmazonKeyManagementServiceException>(() => service.Kms.CreateAliasAsync("alias/aws/own", arn[(arn.LastIndexOf('/') + 1)..]));
        var listed = Assert.Single((await service.Kms.ListAliasesAsync(new ListAliasesRequest { KeyId = arn })).Aliases);
        Assert.Equal(alias, listed.AliasName);
    }

    [Fact]
    public async Task Keys_are_of_their_Region()
    {
        using var abroad = ServiceClients.NewKms(service.Http.Endpoint, TestAccount.OtherRegion);
        var arn = (await abroad.CreateKeyAsync(new())).KeyMetadata.Arn;
        Assert.StartsWith($"arn:aws:kms:{TestAccount.OtherRegion}:", arn, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotFoundException>(() => service.Kms.DescribeKeyAsync(arn[(arn.LastIndexOf('/') + 1)..]));
    }

    private async Task<KeyState> StateAsync(string key) => (await service.Kms.DescribeKeyAsync(key)).KeyMetadata.KeyState;

    private async Task<IReadOnlyList<KeyListEntry>> AllKeysAsync()
    {
        List<KeyListEntry> keys = [];
        string? marker = null;
        do
        {
            var page = await service.Kms.ListKeysAsync(new() { Limit = 10, Marker = marker });
            keys.AddRange(page.Keys);
            marker = page.NextMarker;
        }
        while (marker is not null);
        return keys;
    }

    private static MemoryStream Copy(MemoryStream stream) => new(stream.ToArray());
}
