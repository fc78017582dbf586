using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Keys;

/// <summary>Descriptions, tags, aliases and rotation, by the SDK's own client.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class KeyManagementTests(ServiceFixture service)
{
    [Fact]
    public async Task A_key_is_described_and_tagged_anew()
    {
        var arn = await service.NewKeyAsync();
        await service.Kms.UpdateKeyDescriptionAsync(arn, "another");
        Assert.Equal("another", (await service.Kms.DescribeKeyAsync(arn)).KeyMetadata.Description);

        await service.Kms.TagResourceAsync(new() { KeyId = arn, Tags = [new() { TagKey = "a", TagValue = "1" }, new() { TagKey = "b", TagValue = "2" }, new() { TagKey = "ключ", TagValue = "" }] });
        await service.Kms.TagResourceAsync(new() { KeyId = arn, Tags = [new() { TagKey = "b", TagValue = "3" }] });
        await service.Kms.UntagResourceAsync(new() { KeyId = arn, TagKeys = ["a"] });
        Assert.Equal([("b", "3"), ("ключ", "")], await TagsAsync(arn));
        await Assert.ThrowsAsync<TagException>(() => service.Kms.TagResourceAsync(new() { KeyId = arn, Tags = [new() { TagKey = "aws:a", TagValue = "1" }] }));
    }

    [Fact]
    public async Task An_alias_moves_to_another_key_of_its_kind()
    {
        var (one, two) = (await service.NewKeyAsync(), await service.NewKeyAsync());
        var mac = (await service.Kms.CreateKeyAsync(new() { KeySpec = KeySpec.HMAC_256, KeyUsage = KeyUsageType.GENERATE_VERIFY_MAC })).KeyMetadata;
        Assert.Equal([MacAlgorithmSpec.HMAC_SHA_256.Value], mac.MacAlgorithms);
        var alias = $"alias/{Guid.NewGuid():N}";
        await service.Kms.CreateAliasAsync(alias, one);
        await service.Kms.UpdateAliasAsync(alias, two);
        Assert.Equal(two, (await service.Kms.DescribeKeyAsync(alias)).KeyMetadata.Arn);
        await Assert.ThrowsAsync<AmazonKeyManagementServiceException>(() => service.Kms.UpdateAliasAsync(alias, mac.Arn));
        var listed = Assert.Single((await service.Kms.ListAliasesAsync(new ListAliasesRequest { KeyId = two })).Aliases);
        Assert.True(listed.LastUpdatedDate >= listed.CreationDate);
        await service.Kms.DeleteAliasAsync(alias);
        await Assert.ThrowsAsync<NotFoundException>(() => service.Kms.DescribeKeyAsync(alias));
    }

    [Fact]
    public async Task Rotation_is_scheduled_done_on_demand_and_listed()
    {
        var arn = await service.NewKeyAsync();
        Assert.False((await service.Kms.GetKeyRotationStatusAsync(arn)).KeyRotationEnabled);
        await service.Kms.EnableKeyRotationAsync(new EnableKeyRotationRequest { KeyId = arn, RotationPeriodInDays = 180 });
        var status = await service.Kms.GetKeyRotationStatusAsync(arn);
        Assert.Equal((true, 180), (status.KeyRotationEnabled, status.RotationPeriodInDays));
        Assert.InRange(status.NextRotationDate!.Value.ToUniversalTime(), DateTime.UtcNow.AddDays(180).AddMinutes(-5), DateTime.UtcNow.AddDays(180).AddMinutes(5));

        for (var rotation = 0; rotation < 3; rotation++) await service.Kms.RotateKeyOnDemandAsync(new() { KeyId = arn });
        var materials = new List<string>();
        await foreach (var rotation in service.Kms.Paginators.ListKeyRotations(new() { KeyId = arn, Limit = 2 }).Rotations)
        {
            Assert.Equal(RotationType.ON_DEMAND, rotation.RotationType);
            materials.Add(rotation.KeyMaterialId);
        }
        Assert.Equal(3, materials.Distinct().Count());
        Assert.Equal(materials[^1], (await service.Kms.DescribeKeyAsync(arn)).KeyMetadata.CurrentKeyMaterialId);
        var all = await service.Kms.ListKeyRotationsAsync(new() { KeyId = arn, IncludeKeyMaterial = IncludeKeyMaterial.ALL_KEY_MATERIAL });
        Assert.Equal(4, all.Rotations.Count);
        Assert.Equal(KeyMaterialState.CURRENT, all.Rotations[^1].KeyMaterialState);

        await service.Kms.DisableKeyRotationAsync(arn);
        Assert.False((await service.Kms.GetKeyRotationStatusAsync(arn)).KeyRotationEnabled);
    }

    [Fact]
    public async Task Lists_are_walked_by_the_SDKs_paginators()
    {
        var arn = await service.NewKeyAsync();
        var names = Enumerable.Range(0, 5).Select(_ => $"alias/{Guid.NewGuid():N}").Order(StringComparer.Ordinal).ToArray();
        foreach (var name in names) await service.Kms.CreateAliasAsync(name, arn);
        await service.Kms.TagResourceAsync(new() { KeyId = arn, Tags = [.. names.Select(name => new Tag { TagKey = name, TagValue = "v" })] });

        var aliases = new List<string>();
        await foreach (var alias in service.Kms.Paginators.ListAliases(new() { KeyId = arn, Limit = 2 }).Aliases) aliases.Add(alias.AliasName);
        Assert.Equal(names, aliases);
        var tags = new List<string>();
        await foreach (var tag in service.Kms.Paginators.ListResourceTags(new() { KeyId = arn, Limit = 2 }).Tags) tags.Add(tag.TagKey);
        Assert.Equal(names, tags);
        var keys = new List<string>();
        await foreach (var key in service.Kms.Paginators.ListKeys(new() { Limit = 1 }).Keys) keys.Add(key.KeyArn);
        Assert.Contains(arn, keys);
        Assert.Distinct(keys);
        await Assert.ThrowsAsync<InvalidMarkerException>(() => service.Kms.ListKeysAsync(new() { Marker = "none of ours" }));
    }

    [Fact]
    public async Task The_managed_key_is_there_for_who_asks_and_rotates_every_year()
    {
        var key = (await service.Kms.DescribeKeyAsync("alias/aws/s3")).KeyMetadata;
        Assert.Equal(KeyManagerType.AWS, key.KeyManager);
        Assert.Equal((true, 365), ((await service.Kms.GetKeyRotationStatusAsync(key.Arn)).KeyRotationEnabled, (await service.Kms.GetKeyRotationStatusAsync(key.Arn)).RotationPeriodInDays));
        var refused = await Assert.ThrowsAnyAsync<AmazonKeyManagementServiceException>(() => service.Kms.ScheduleKeyDeletionAsync(key.Arn, 7));
        Assert.Equal("AccessDeniedException", refused.ErrorCode);
    }

    private async Task<IReadOnlyList<(string, string)>> TagsAsync(string arn) =>
        [.. (await service.Kms.ListResourceTagsAsync(new() { KeyId = arn })).Tags.Select(tag => (tag.TagKey, tag.TagValue))];
}
