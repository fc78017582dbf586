using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Serverless.Keys;

namespace Serverless.Storage;

/// <summary>
/// KMS keys, their versions and their aliases as table rows. A Region is a partition, so that a key, its version and its alias change in one transaction:
/// <c>key:ID</c>, <c>version:ID:N</c>, <c>alias:NAME</c>, and <c>due:TIME:ID</c> for a key that is on the schedule. The Regions that have a schedule are rows of a partition of their own.
/// </summary>
internal static class KmsRows
{
    public const string KeyPrefix = "key:";
    public const string AliasPrefix = "alias:";
    public const string DuePrefix = "due:";

    /// <summary>The property of a key that counts its grants.</summary>
    public const string GrantCount = "GrantCount";

    /// <summary>The property of a place in the schedule from when the rotation is counted.</summary>
    public const string CountedFrom = "CountedFrom";

    private const string Tags = "Tags";

    /// <summary>The partition of the Regions; no Region is named so, for they have small letters.</summary>
    public const string Regions = "Regions";

    // Ends the range of a prefix: the character after its colon.
    private const char AfterColon = ';';

    private const string DueFormat = "yyyyMMddHHmmssfff";

    /// <summary>Finds the rows of a Region whose keys have a prefix, which ends in a colon: from the first after a row (by default: all) to the last.</summary>
    public static string Range(string region, string prefix, string? after = null) =>
        TableClient.CreateQueryFilter($"PartitionKey eq {region} and RowKey gt {after ?? prefix} and RowKey lt {prefix[..^1] + AfterColon}");

    public static string KeyRow(string id) => KeyPrefix + id;

    /// <summary>Finds all versions of all keys, whatever their Regions.</summary>
    public static string AllVersions { get; } = TableClient.CreateQueryFilter($"RowKey gt {"version:"} and RowKey lt {"version;"}");

    public static string VersionPrefix(string keyId) => $"version:{keyId}:";

    public static string VersionRow(string keyId, uint version) => string.Create(CultureInfo.InvariantCulture, $"{VersionPrefix(keyId)}{version}");

    /// <summary>Precedes the places in the schedule at a time, in milliseconds; ended by a key's id, a place.</summary>
    public static string DuePrefixOf(DateTimeOffset time) => DuePrefix + time.UtcDateTime.ToString(DueFormat, CultureInfo.InvariantCulture) + ":";

    public static string DueRow(DateTimeOffset time, string keyId) => DuePrefixOf(time) + keyId;

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
            ["RotationPeriodInDays"] = key.RotationPeriodInDays,
            ["NextRotation"] = key.NextRotation,
            ["LastImport"] = (long)key.LastImport,
            ["IsIncomplete"] = key.IsIncomplete,
            ["ValidTo"] = key.ValidTo,
            ["PendingValidTo"] = key.PendingValidTo,
            ["DeletionDate"] = key.DeletionDate,
            ["ScheduledAt"] = key.DueAt,
            ["Policy"] = key.Policy,
            [GrantCount] = key.GrantCount,
            [Tags] = TagText.Join(key.Tags.Select(tag => (tag.Key, tag.Value))),
            ETag = new ETag(key.ETag),
        };
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
        GrantCount = row.GetInt32(GrantCount) ?? 0,
        State = Enum.Parse<KeyState>(row.GetString("State")),
        Manager = Enum.Parse<KeyManager>(row.GetString("Manager")),
        CreatedAt = row.GetDateTimeOffset("CreatedAt")!.Value,
        DeletionDate = row.GetDateTimeOffset("DeletionDate"),
        CurrentVersion = (uint)row.GetInt64("CurrentVersion")!.Value,
        CurrentMaterialId = row.GetString("CurrentMaterialId"),
        OnDemandRotations = row.GetInt32("OnDemandRotations")!.Value,
        RotationPeriodInDays = row.GetInt32("RotationPeriodInDays"),
        NextRotation = row.GetDateTimeOffset("NextRotation"),
        LastImport = (uint)(row.GetInt64("LastImport") ?? 0),
        IsIncomplete = row.GetBoolean("IsIncomplete") ?? false,
        ValidTo = row.GetDateTimeOffset("ValidTo"),
        PendingValidTo = row.GetDateTimeOffset("PendingValidTo"),
        ScheduledAt = row.GetDateTimeOffset("ScheduledAt"),
        Tags = ToTags(row),
        ETag = row.ETag.ToString(),
    };

    // Earlier rows have JSON, of tags that could end in a line's end.
    private static KeyTag[] ToTags(TableEntity row) => row[Tags] is string text
        ? [.. TagText.Split(text).Select(tag => new KeyTag(tag.Key, tag.Value))]
        : [.. JsonSerializer.Deserialize<KeyTag[]>(row.GetBinary(Tags))!.Select(tag => new KeyTag(tag.Key.TrimEnd('\n'), tag.Value.TrimEnd('\n')))];

    public static TableEntity ToRow(KmsKeyVersion version) => new(version.Region, VersionRow(version.KeyId, version.Version))
    {
        ["MaterialId"] = version.MaterialId,
        ["Wrapped"] = version.HasMaterial ? version.Wrapped : null,
        ["CreatedAt"] = version.CreatedAt,
        ["Rotation"] = version.Rotation?.ToString() ?? "",
        ["RotatedAt"] = version.RotatedAt,
        ["ValidTo"] = version.ValidTo,
        ["Description"] = version.Description,
    };

    public static KmsKeyVersion ToVersion(TableEntity row)
    {
        string[] name = row.RowKey.Split(':');
        (string keyId, uint version) = (name[1], uint.Parse(name[2], CultureInfo.InvariantCulture));
        DateTimeOffset createdAt = row.GetDateTimeOffset("CreatedAt")!.Value;
        // Versions of before this was kept came by RotateKeyOnDemand, but the first, and were current at once.
        string rotation = row.GetString("Rotation") ?? (version > 1 ? nameof(KeyRotationType.OnDemand) : "");
        return new(row.PartitionKey, keyId, version, row.GetString("MaterialId"), row.GetBinary("Wrapped") ?? [], createdAt)
        {
            Rotation = rotation.Length > 0 ? Enum.Parse<KeyRotationType>(rotation) : null,
            RotatedAt = row.GetDateTimeOffset("RotatedAt") ?? (rotation.Length > 0 ? createdAt : null),
            ValidTo = row.GetDateTimeOffset("ValidTo"),
            Description = row.GetString("Description") ?? "",
        };
    }

    public static TableEntity ToRow(KmsAlias alias) => new(alias.Region, AliasRow(alias.Name))
    {
        ["Name"] = alias.Name,
        ["KeyId"] = alias.KeyId,
        ["CreatedAt"] = alias.CreatedAt,
        ["UpdatedAt"] = alias.UpdatedAt,
        ETag = new ETag(alias.ETag),
    };

    public static KmsAlias ToAlias(TableEntity row)
    {
        DateTimeOffset createdAt = row.GetDateTimeOffset("CreatedAt")!.Value;
        return new(row.PartitionKey, row.GetString("Name"), row.GetString("KeyId"), createdAt)
        {
            UpdatedAt = row.GetDateTimeOffset("UpdatedAt") ?? createdAt,
            ETag = row.ETag.ToString(),
        };
    }

    public static KmsDueKey ToDue(TableEntity row)
    {
        ReadOnlySpan<char> place = row.RowKey.AsSpan(DuePrefix.Length);
        var at = DateTime.ParseExact(place[..DueFormat.Length], DueFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return new(row.PartitionKey, at, place[(DueFormat.Length + 1)..].ToString());
    }
}
