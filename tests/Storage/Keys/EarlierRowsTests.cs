using Azure.Data.Tables;
using Serverless.Keys;

namespace Serverless.Storage.Tests;

/// <summary>Rows that earlier versions of the service have written, without the properties that came since.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class EarlierRowsTests(AzuriteFixture azurite)
{
    private const string Region = "eu-central-1";
    private const string Id = "12345678-1234-1234-1234-123456789012";
    private static readonly DateTimeOffset Now = new(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);

    [Fact]
    public async Task A_pointer_of_before_does_not_say_since_when_and_can_be_moved()
    {
        await azurite.Account.Tables.DeleteTableAsync(TableMasterKeyStore.TableName);
        var table = azurite.Account.Tables.GetTableClient(TableMasterKeyStore.TableName);
        await table.CreateIfNotExistsAsync();
        await table.AddEntityAsync(new TableEntity("master", "current") { ["Version"] = 3L });

        var store = new TableMasterKeyStore(azurite.Account);
        var pointer = (await store.ReadCurrentAsync(default))!;
        Assert.Equal((3u, null), (pointer.Version, pointer.Since));
        Assert.True(await store.TryMoveCurrentAsync(pointer, 3, Now, default));
        Assert.Equal(Now, (await store.ReadCurrentAsync(default))!.Since);
    }

    [Fact]
    public async Task A_key_of_before_is_symmetric_has_rotated_on_demand_and_can_be_put_on_the_schedule()
    {
        await azurite.Account.Tables.DeleteTableAsync(TableKmsKeyStore.TableName);
        var table = azurite.Account.Tables.GetTableClient(TableKmsKeyStore.TableName);
        await table.CreateIfNotExistsAsync();
        await table.AddEntityAsync(new TableEntity(Region, $"key:{Id}")
        {
            ["AccountId"] = "111111111111",
            ["Description"] = "of before",
            ["State"] = "Enabled",
            ["Manager"] = "Customer",
            ["CreatedAt"] = Now,
            ["CurrentVersion"] = 2L,
            ["CurrentMaterialId"] = "b",
            ["OnDemandRotations"] = 1,
            ["Tags"] = """[{"Key":"b","Value":"2"},{"Key":"empty","Value":""},{"Key":"end","Value":"of line\n"}]"""u8.ToArray(),
        });
        for (var version = 1; version <= 2; version++)
            await table.AddEntityAsync(new TableEntity(Region, $"version:{Id}:{version}") { ["MaterialId"] = $"m{version}", ["Wrapped"] = new byte[] { 1, 2, 3 }, ["CreatedAt"] = Now.AddDays(version) });
        await table.AddEntityAsync(new TableEntity(Region, "alias:alias.mine") { ["Name"] = "alias/mine", ["KeyId"] = Id, ["CreatedAt"] = Now });

        var store = new TableKmsKeyStore(azurite.Account);
        var key = (await store.ReadKeyAsync(Region, Id, default))!;
        Assert.Equal((KeySpec.SymmetricDefault, KeyOrigin.AwsKms, false, null, null), (key.Spec, key.Origin, key.IsIncomplete, key.RotationPeriodInDays, key.DueAt));
        Assert.Equal([new("b", "2"), new("empty", ""), new("end", "of line")], key.Tags);
        Assert.Equal(
            [(null, null), (KeyRotationType.OnDemand, Now.AddDays(2))],
            (await store.ListVersionsAsync(Region, Id, default)).Select(version => ((KeyRotationType?, DateTimeOffset?))(version.Rotation, version.RotatedAt)));
        var alias = (await store.ReadAliasAsync(Region, "alias/mine", default))!;
        Assert.Equal(Now, alias.UpdatedAt);
        Assert.True(await store.TryReplaceAliasAsync(alias with { UpdatedAt = Now.AddDays(1) }, default));

        Assert.True(await store.TryReplaceKeyAsync(key with { State = KeyState.PendingDeletion, DeletionDate = Now.AddDays(7) }, null, default));
        Assert.Equal(key.Tags, (await store.ReadKeyAsync(Region, Id, default))!.Tags);
        Assert.Equal([Region], await store.ListRegionsAsync(null, 10, default));
        Assert.Equal(Id, Assert.Single(await store.ListDueAsync(Region, Now.AddDays(7), null, 10, default)).KeyId);
    }
}
