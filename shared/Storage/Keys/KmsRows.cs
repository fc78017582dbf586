using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Serverless.Keys;

namespace Serverless.Storage;

/// <summary>
/// KMS keys, their versions and their aliases as table rows. A Region is a partition, so that a key, its version and its alias change in one transaction:
/// <c>key:ID</c>, <c>version:ID:N</c>, <c>alias:NAME</c>.
/// </summary>
internal static class KmsRows
{
    public const string KeyPrefix = "key:";
    public const string AliasPrefix = "alias:";

    /// <summary>Ends the range of a prefix: the character after its colon.</summary>
    public const char AfterColon = ';';

    // Keeps any script's letters as they are: 50 tags of 384 characters fit a property of 64 KiB.
    private static readonly JsonSerializerOptions TagJson = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string KeyRow(string id) => KeyPrefix + id;

    public static string VersionRow(string keyId, uint version) => string.Create(CultureInfo.InvariantCulture, $"version:{keyId}:{version}");

    // A row's key may hold no slash, an alias no dot.
    public static string AliasRow(string name) => AliasPrefix + name.Replace('/', '.');

    public static TableEntity ToRow(KmsKey key)
    {
        var row = new TableEntity(key.Region, KeyRow(key.Id))
        {
            ["AccountId"] = key.AccountId,
            ["Description"] = key.Description,
            ["Spec"] = key.Spec.ToString(),
            ["Origin"] = key.Origin.ToString(),
            ["State"] = key.State.ToString(),
            ["Manager"] = key.Manager.ToString(),
            ["CreatedAt"] = key.CreatedAt,
            ["CurrentVersion"] = (long)key.CurrentVersion,
            ["CurrentMaterialId"] = key.CurrentMaterialId,
            ["OnDemandRotations"] = key.OnDemandRotations,
            ["Policy"] = key.Policy,
            ["Tags"] = JsonSerializer.SerializeToUtf8Bytes(key.Tags, TagJson),
            ETag = new ETag(key.ETag),
        };
        if (key.DeletionDate is { } deletion)
        {
            row["DeletionDate"] = deletion;
        }

        return row;
    }

    public static KmsKey ToKey(TableEntity row) => new()
    {
        Region = row.PartitionKey,
        AccountId = row.GetString("AccountId"),
        Id = row.RowKey[KeyPrefix.Length..],
        Description = row.GetString("Description"),
        // Keys of before these properties were kept are symmetric, made here, and have the default policy.
        Spec = row.GetString("Spec") is { } spec ? Enum.Parse<KeySpec>(spec) : KeySpec.SymmetricDefault,
        Origin = row.GetString("Origin") is { } origin ? Enum.Parse<KeyOrigin>(origin) : KeyOrigin.AwsKms,
        Policy = row.GetString("Policy") ?? "",
        State = Enum.Parse<KeyState>(row.GetString("State")),
        Manager = Enum.Parse<KeyManager>(row.GetString("Manager")),
        CreatedAt = row.GetDateTimeOffset("CreatedAt")!.Value,
        DeletionDate = row.GetDateTimeOffset("DeletionDate"),
        CurrentVersion = (uint)row.GetInt64("CurrentVersion")!.Value,
        CurrentMaterialId = row.GetString("CurrentMaterialId"),
        OnDemandRotations = row.GetInt32("OnDemandRotations")!.Value,
        Tags = JsonSerializer.Deserialize<KeyTag[]>(row.GetBinary("Tags"))!,
        ETag = row.ETag.ToString(),
    };

    public static TableEntity ToRow(KmsKeyVersion version) => new(version.Region, VersionRow(version.KeyId, version.Version))
    {
        ["MaterialId"] = version.MaterialId,
        ["Wrapped"] = version.Wrapped,
        ["CreatedAt"] = version.CreatedAt,
    };

    public static KmsKeyVersion ToVersion(TableEntity row, string keyId, uint version) =>
        new(row.PartitionKey, keyId, version, row.GetString("MaterialId"), row.GetBinary("Wrapped")!, row.GetDateTimeOffset("CreatedAt")!.Value);

    public static TableEntity ToRow(KmsAlias alias) => new(alias.Region, AliasRow(alias.Name))
    {
        ["Name"] = alias.Name,
        ["KeyId"] = alias.KeyId,
        ["CreatedAt"] = alias.CreatedAt,
    };

    public static KmsAlias ToAlias(TableEntity row) =>
        new(row.PartitionKey, row.GetString("Name"), row.GetString("KeyId"), row.GetDateTimeOffset("CreatedAt")!.Value);
}
