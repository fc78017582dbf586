using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Keys.Tests;

/// <summary>What becomes of imported material: used, rotated, expired, deleted and imported again.</summary>
public sealed class ImportedMaterialTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;
    private readonly MaterialOwner _owner;

    public ImportedMaterialTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
        _owner = new MaterialOwner(_api);
    }

    [Fact]
    public async Task Material_expires_to_the_millisecond_and_comes_back_as_it_was()
    {
        string id = await _owner.CreateKeyAsync();
        byte[] material = Material();
        DateTimeOffset expiry = _world.Time.GetUtcNow().AddDays(30).AddMilliseconds(123);
        await ImportAsync(id, material, Expiring(expiry));
        JsonNode key = await DescribeAsync(id);
        Assert.Equal(("KEY_MATERIAL_EXPIRES", expiry.ToUnixTimeMilliseconds() / 1000m), ((string)key["ExpirationModel"]!, (decimal)key["ValidTo"]!));
        string blob = await EncryptAsync(id);

        _world.Time.Advance(expiry - _world.Time.GetUtcNow() - TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, (await DecryptAsync(blob)).Status);
        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(("KMSInvalidStateException", $"{Arn(id)} is pending import."), Error(await DecryptAsync(blob)));
        key = await DescribeAsync(id);
        Assert.Equal(("PendingImport", false, null, null), ((string)key["KeyState"]!, (bool)key["Enabled"]!, key["ExpirationModel"], key["ValidTo"]));
        Assert.Equal("PENDING_IMPORT", (string)(await RotationsAsync(id))[0]!["ImportState"]!);

        await ImportAsync(id, material);
        Assert.Equal("KEY_MATERIAL_DOES_NOT_EXPIRE", (string)(await DescribeAsync(id))["ExpirationModel"]!);
        Assert.Equal(200, (await DecryptAsync(blob)).Status);
    }

    [Fact]
    public async Task Deleted_material_is_gone_from_the_store_and_comes_back_as_it_was()
    {
        string id = await _owner.CreateKeyAsync();
        byte[] material = Material();
        string materialId = await ImportAsync(id, material);
        string blob = await EncryptAsync(id);
        Assert.Equal(
            $$"""{"KeyId":"{{Arn(id)}}","KeyMaterialId":"{{materialId}}"}""",
            (await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id }))!.ToJsonString());
        Assert.Equal($$"""{"keyMaterialId":"{{materialId}}","keyId":"{{Arn(id)}}"}""", _world.Trail.Last.ResponseElements!.ToJsonString());
        Assert.Empty((await _world.KmsStore.ReadVersionAsync(World.Region, id, 1, default))!.Wrapped);
        Assert.Equal("PendingImport", (string)(await DescribeAsync(id))["KeyState"]!);
        Assert.Equal("KMSInvalidStateException", (await DecryptAsync(blob)).ErrorCode);
        // Again, it does nothing.
        await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id, ["KeyMaterialId"] = materialId });
        Assert.Equal("IncorrectKeyMaterialException", (await _owner.ImportAsync(id, Material())).ErrorCode);
        Assert.Equal(materialId, await ImportAsync(id, material));
        Assert.Equal(200, (await DecryptAsync(blob)).Status);
    }

    [Fact]
    public async Task Deleting_what_was_never_imported_does_nothing()
    {
        string id = await _owner.CreateKeyAsync();
        Assert.Equal($$"""{"KeyId":"{{Arn(id)}}"}""", (await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id }))!.ToJsonString());
        string unknown = new('a', 64);
        Assert.Equal(
            ("NotFoundException", $"Key material '{unknown}' is not associated with key '{Arn(id)}'"),
            Error(await _api.CallAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id, ["KeyMaterialId"] = unknown })));
    }

    [Fact]
    public async Task Other_instances_use_deleted_material_no_longer_than_they_know_the_keys_state()
    {
        string id = await _owner.CreateKeyAsync();
        await ImportAsync(id, Material());
        IServiceProvider elsewhere = _world.NewInstance();
        IKmsKeys keys = elsewhere.GetRequiredService<IKmsKeys>();
        WrappedDataKey dataKey = await keys.GenerateDataKeyAsync(id, World.Context, World.ViaS3, default);
        await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id });
        _world.Time.Advance(TimeSpan.FromSeconds(5));
        KmsException refused = await Assert.ThrowsAsync<KmsException>(() => keys.DecryptDataKeyAsync(dataKey.Wrapped, World.Context, World.ViaS3, default).AsTask());
        Assert.Equal($"{Arn(id)} is pending import.", refused.Error.Message);

        // And it is not in that instance's memory any more: what is held now is read from the store, where there is nothing.
        KmsKey key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        Assert.Null(await elsewhere.GetRequiredService<KmsBackingKeys>().HoldAsync(key, 1, default));
    }

    [Fact]
    public async Task An_instance_that_has_not_noticed_yet_says_what_it_finds()
    {
        string id = await _owner.CreateKeyAsync();
        await ImportAsync(id, Material());
        KmsClient elsewhere = new(_world, _world.NewInstance());
        await elsewhere.AnswerAsync("DescribeKey", new() { ["KeyId"] = id });
        await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id });
        Assert.Equal(
            ("KMSInvalidStateException", $"{Arn(id)} is pending import."),
            Error(await elsewhere.CallAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "c2VjcmV0" })));
    }

    [Fact]
    public async Task New_material_waits_for_a_rotation_and_all_of_it_is_needed_afterwards()
    {
        string id = await _owner.CreateKeyAsync();
        (byte[] first, byte[] second) = (Material(), Material());
        string firstId = await ImportAsync(id, first, new() { ["KeyMaterialDescription"] = "first" });
        string oldBlob = await EncryptAsync(id);
        string secondId = await ImportAsync(id, second, New(_world.Time.GetUtcNow().AddDays(300)));
        Assert.Equal(firstId, (string)(await DescribeAsync(id))["CurrentKeyMaterialId"]!);
        Assert.Equal(
            $$"""
            [{"ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE","ImportState":"IMPORTED","KeyId":"{{Arn(id)}}","KeyMaterialDescription":"first","KeyMaterialId":"{{firstId}}","KeyMaterialState":"CURRENT"},
            {"ExpirationModel":"KEY_MATERIAL_EXPIRES","ImportState":"IMPORTED","KeyId":"{{Arn(id)}}","KeyMaterialId":"{{secondId}}","KeyMaterialState":"PENDING_ROTATION","ValidTo":{{_world.Time.GetUtcNow().AddDays(300).ToUnixTimeSeconds()}}}]
            """.ReplaceLineEndings(""),
            (await RotationsAsync(id)).ToJsonString());

        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        Assert.Equal(secondId, (string)(await DescribeAsync(id))["CurrentKeyMaterialId"]!);
        JsonArray rotations = await RotationsAsync(id);
        Assert.Equal(("NON_CURRENT", null), ((string)rotations[0]!["KeyMaterialState"]!, rotations[0]!["RotationType"]));
        Assert.Equal(("CURRENT", "ON_DEMAND"), ((string)rotations[1]!["KeyMaterialState"]!, (string)rotations[1]!["RotationType"]!));
        Assert.Equal(200, (await DecryptAsync(oldBlob)).Status);
        string newBlob = await EncryptAsync(id);
        Assert.Equal("KMSInvalidStateException", (await _api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id })).ErrorCode);

        // The older material, too, belongs to the key for good.
        await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id, ["KeyMaterialId"] = firstId });
        Assert.Equal("KMSInvalidStateException", (await DecryptAsync(newBlob)).ErrorCode);
        await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id });
        await ImportAsync(id, first);
        Assert.Equal("PendingImport", (string)(await DescribeAsync(id))["KeyState"]!);
        await ImportAsync(id, second);
        Assert.Equal("Enabled", (string)(await DescribeAsync(id))["KeyState"]!);
        Assert.Equal(200, (await DecryptAsync(oldBlob)).Status);
        Assert.Equal(200, (await DecryptAsync(newBlob)).Status);
        Assert.Equal("first", (string)(await RotationsAsync(id))[0]!["KeyMaterialDescription"]!);
    }

    [Fact]
    public async Task Pending_material_can_go_and_other_material_come_in_its_place()
    {
        string id = await _owner.CreateKeyAsync();
        await ImportAsync(id, Material());
        string dropped = await ImportAsync(id, Material(), New());
        await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id, ["KeyMaterialId"] = dropped });
        Assert.Equal("Enabled", (string)(await DescribeAsync(id))["KeyState"]!);
        Assert.Equal("KMSInvalidStateException", (await _api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id })).ErrorCode);

        // What expires while it waits gives way as well.
        await ImportAsync(id, Material(), New(_world.Time.GetUtcNow().AddDays(1)));
        _world.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("Enabled", (string)(await DescribeAsync(id))["KeyState"]!);
        Assert.Equal("KMSInvalidStateException", (await _api.CallAsync("RotateKeyOnDemand", new() { ["KeyId"] = id })).ErrorCode);
        string taken = await ImportAsync(id, Material(), New());
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        Assert.Equal(taken, (string)(await DescribeAsync(id))["CurrentKeyMaterialId"]!);
        // No number was given twice: a wrap names its material for ever.
        Assert.Equal([1u, 4u], (await _world.KmsStore.ListVersionsAsync(World.Region, id, default)).Select(version => version.Version));
        Assert.Equal(200, (await DecryptAsync(await EncryptAsync(id))).Status);
    }

    [Fact]
    public async Task The_earliest_expiry_of_the_materials_is_the_keys()
    {
        string id = await _owner.CreateKeyAsync();
        DateTimeOffset now = _world.Time.GetUtcNow();
        byte[] first = Material();
        await ImportAsync(id, first, Expiring(now.AddDays(20)));
        await ImportAsync(id, Material(), New(now.AddDays(10)));
        Assert.Equal(now.AddDays(20).ToUnixTimeSeconds(), (long)(await DescribeAsync(id))["ValidTo"]!);
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        Assert.Equal(now.AddDays(10).ToUnixTimeSeconds(), (long)(await DescribeAsync(id))["ValidTo"]!);
        await ImportAsync(id, first, Expiring(now.AddDays(5)));
        Assert.Equal(now.AddDays(5).ToUnixTimeSeconds(), (long)(await DescribeAsync(id))["ValidTo"]!);
    }

    [Fact]
    public async Task A_disabled_key_stays_disabled_over_an_import_but_not_over_the_loss_of_its_material()
    {
        string id = await _owner.CreateKeyAsync();
        byte[] material = Material();
        await ImportAsync(id, material);
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        await ImportAsync(id, material, Expiring(_world.Time.GetUtcNow().AddDays(1)));
        Assert.Equal("Disabled", (string)(await DescribeAsync(id))["KeyState"]!);
        await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id });
        Assert.Equal(("KMSInvalidStateException", $"{Arn(id)} is pending import."), Error(await _api.CallAsync("EnableKey", new() { ["KeyId"] = id })));
        await ImportAsync(id, material);
        Assert.Equal("Enabled", (string)(await DescribeAsync(id))["KeyState"]!);
    }

    [Fact]
    public async Task A_key_that_is_rescued_from_deletion_without_its_material_is_pending_import()
    {
        string id = await _owner.CreateKeyAsync();
        byte[] material = Material();
        await ImportAsync(id, material);
        await _api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = id });
        await _api.AnswerAsync("DeleteImportedKeyMaterial", new() { ["KeyId"] = id });
        Assert.Equal("PendingDeletion", (string)(await DescribeAsync(id))["KeyState"]!);
        Assert.Equal(("KMSInvalidStateException", $"{Arn(id)} is pending deletion."), Error(await _api.CallAsync(
            "GetParametersForImport", new() { ["KeyId"] = id, ["WrappingAlgorithm"] = "RSAES_OAEP_SHA_256", ["WrappingKeySpec"] = "RSA_2048" })));
        await _api.AnswerAsync("CancelKeyDeletion", new() { ["KeyId"] = id });
        Assert.Equal("PendingImport", (string)(await DescribeAsync(id))["KeyState"]!);
        await ImportAsync(id, material);
        Assert.Equal("Enabled", (string)(await DescribeAsync(id))["KeyState"]!);
    }

    [Fact]
    public async Task Imported_keys_have_no_schedule()
    {
        string id = await _owner.CreateKeyAsync();
        foreach (bool imported in new[] { false, true })
        {
            foreach (string operation in new[] { "EnableKeyRotation", "DisableKeyRotation", "GetKeyRotationStatus" })
            {
                Assert.Equal(
                    ("UnsupportedOperationException", $"{Arn(id)} origin is EXTERNAL which is not valid for this operation."),
                    Error(await _api.CallAsync(operation, new() { ["KeyId"] = id })));
            }

            if (!imported)
            {
                await ImportAsync(id, Material());
            }
        }
    }

    public void Dispose() => _world.Dispose();

    private static string Arn(string id) => KmsKey.ArnOf(World.Region, World.Account, id);

    private static byte[] Material() => RandomNumberGenerator.GetBytes(32);

    private static (string?, string?) Error(KmsResponse response) => (response.ErrorCode, response.ErrorMessage);

    private static JsonObject Expiring(DateTimeOffset validTo) => new() { ["ValidTo"] = validTo.ToUnixTimeMilliseconds() / 1000m };

    private static JsonObject New(DateTimeOffset? validTo = null)
    {
        JsonObject members = validTo is { } some ? Expiring(some) : [];
        members["ImportType"] = "NEW_KEY_MATERIAL";
        return members;
    }

    private async Task<string> ImportAsync(string id, byte[] material, JsonObject? more = null)
    {
        KmsResponse imported = await _owner.ImportAsync(id, material, more);
        Assert.True(imported.Status == 200, imported.Body?.ToJsonString());
        return (string)imported.Body!["KeyMaterialId"]!;
    }

    private async Task<JsonNode> DescribeAsync(string id) => (await _api.AnswerAsync("DescribeKey", new() { ["KeyId"] = id }))!["KeyMetadata"]!;

    private async Task<JsonArray> RotationsAsync(string id) =>
        (await _api.AnswerAsync("ListKeyRotations", new() { ["KeyId"] = id, ["IncludeKeyMaterial"] = "ALL_KEY_MATERIAL" }))!["Rotations"]!.AsArray();

    private async Task<string> EncryptAsync(string id) => (string)(await _api.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "c2VjcmV0" }))!["CiphertextBlob"]!;

    private Task<KmsResponse> DecryptAsync(string blob) => _api.CallAsync("Decrypt", new() { ["CiphertextBlob"] = blob });
}
