namespace Serverless.Keys;

/// <summary>A key's state, named as KMS names it (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html).</summary>
public enum KeyState { Enabled, Disabled, PendingDeletion, PendingImport }

/// <summary>Where a key's material comes from, named as KMS names it in capitals: <c>AWS_KMS</c>, made here, or <c>EXTERNAL</c>, imported by the customer.</summary>
public enum KeyOrigin { AwsKms, External }

/// <summary>What a key is for and how large it is, named as KMS names it in capitals: <c>SYMMETRIC_DEFAULT</c> (AES-256-GCM), or HMAC keys of 224 to 512 bits.</summary>
public enum KeySpec { SymmetricDefault, Hmac224, Hmac256, Hmac384, Hmac512 }

/// <summary>Who manages a key: a service for its users, or a customer. Named as KMS names it, in capitals on the wire.</summary>
public enum KeyManager { Aws, Customer }

/// <summary>Why a key got new material, named as KMS names it in capitals: by its schedule, or because somebody asked for it.</summary>
public enum KeyRotationType { Automatic, OnDemand }

/// <summary>A tag of a key.</summary>
public sealed record KeyTag(string Key, string Value);

/// <summary>A KMS key, without its material.</summary>
public sealed record KmsKey
{
    /// <summary>The rotation period of the keys that a service manages, and of others where none is asked for, in days.</summary>
    public const int YearInDays = 365;

    /// <summary>The one Region in which the key exists.</summary>
    public required string Region { get; init; }

    public required string AccountId { get; init; }

    /// <summary>A UUID in lower case.</summary>
    public required string Id { get; init; }

    /// <summary>At most 8192 characters.</summary>
    public string Description { get; init; } = "";

    public KeySpec Spec { get; init; } = KeySpec.SymmetricDefault;

    public KeyOrigin Origin { get; init; } = KeyOrigin.AwsKms;

    public KeyState State { get; init; } = KeyState.Enabled;

    public KeyManager Manager { get; init; } = KeyManager.Customer;

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the key will be deleted, while it is <see cref="KeyState.PendingDeletion"/>.</summary>
    public DateTimeOffset? DeletionDate { get; init; }

    /// <summary>The version that encrypts; the versions before it only decrypt. 0 before the first import of material.</summary>
    public uint CurrentVersion { get; init; } = 1;

    /// <summary>The current version's KeyMaterialId; empty while there is no current version.</summary>
    public required string CurrentMaterialId { get; init; }

    /// <summary>How often RotateKeyOnDemand was called for the key.</summary>
    public int OnDemandRotations { get; init; }

    /// <summary>The time between two rotations by schedule, in days; null while there is no schedule.</summary>
    public int? RotationPeriodInDays { get; init; }

    /// <summary>When the schedule rotates the key next; null while there is no schedule.</summary>
    public DateTimeOffset? NextRotation { get; init; }

    /// <summary>The highest number that new imported material has got: none is given twice, also when material goes before it was ever current.</summary>
    public uint LastImport { get; init; }

    /// <summary>Whether imported material that belongs to the key for good, what is or was current, is missing. True before the first import.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The earliest time at which imported material that belongs to the key for good expires.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>When the imported material that waits for a rotation expires.</summary>
    public DateTimeOffset? PendingValidTo { get; init; }

    public IReadOnlyList<KeyTag> Tags { get; init; } = [];

    /// <summary>The key policy, a JSON document of at most 32 KiB; empty for the default policy, which lets the account's own policies decide.</summary>
    public string Policy { get; init; } = "";

    /// <summary>How many grants the key has, so that a key without grants is known to have none.</summary>
    public int GrantCount { get; init; }

    /// <summary>What the store compares when the key is replaced; empty in a new key.</summary>
    public string ETag { get; init; } = "";

    /// <summary>Where the key was in its Region's schedule when the store read it; the store moves it from there when the key is replaced.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }

    public string Arn => ArnOf(Region, AccountId, Id);

    /// <summary>When the next thing is due that happens to the key by itself: its deletion, its rotation, the expiry of its material. Null when nothing is.</summary>
    public DateTimeOffset? DueAt => Earliest(
        ValidTo,
        PendingValidTo,
        State switch { KeyState.PendingDeletion => DeletionDate, KeyState.Enabled => NextRotation, _ => null });

    /// <summary>From when the period is counted whose end is the next rotation; null while no rotation is due by itself.</summary>
    public DateTimeOffset? RotationCountedFrom => State == KeyState.Enabled && RotationPeriodInDays is { } days ? NextRotation?.AddDays(-days) : null;

    /// <summary>The key as it is at a time: without material that has not expired there is nothing to use, whether or not the expired material is gone yet.</summary>
    public KmsKey AsOf(DateTimeOffset now) =>
        Origin == KeyOrigin.External && State != KeyState.PendingDeletion && (IsIncomplete || ValidTo <= now) ? this with { State = KeyState.PendingImport } : this;

    /// <summary>The earliest of some times, null when there is none.</summary>
    public static DateTimeOffset? Earliest(params IEnumerable<DateTimeOffset?> times) => times.Min();

    /// <summary>The ARN of the key with an id, whether it exists or not.</summary>
    public static string ArnOf(string region, string accountId, string id) => $"arn:aws:kms:{region}:{accountId}:key/{id}";
}

/// <summary>
/// One version of a KMS key. Its number, its identity and its material's bytes never change once it is made: imported material can only go, and come back as it was.
/// </summary>
/// <param name="Version">1, 2, 3, …</param>
/// <param name="MaterialId">KMS's KeyMaterialId: 64 hexadecimal digits, random or, of imported material, derived from it.</param>
/// <param name="Wrapped">The version's material, of its key's <see cref="KeySpecs.MaterialSize"/>, under the root key; empty while imported material is not there.</param>
/// <param name="CreatedAt">When it was made or first imported.</param>
public sealed record KmsKeyVersion(string Region, string KeyId, uint Version, string MaterialId, byte[] Wrapped, DateTimeOffset CreatedAt)
{
    /// <summary>Why it became current; null for the first version, and for one that is not current yet.</summary>
    public KeyRotationType? Rotation { get; init; }

    /// <summary>When it became current; null for the first version, and for one that is not current yet.</summary>
    public DateTimeOffset? RotatedAt { get; init; }

    /// <summary>When the imported material expires; null for never.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>What the customer says about the imported material, at most 256 characters.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether the material is there, expired or not.</summary>
    public bool HasMaterial => Wrapped.Length > 0;

    /// <summary>Whether the material is there and has not expired.</summary>
    public bool IsThereAt(DateTimeOffset now) => HasMaterial && !(ValidTo <= now);
}

/// <summary>What happens to versions while their key is replaced.</summary>
/// <param name="Written">Versions that are new, or known ones as they are now.</param>
/// <param name="Removed">The number of a version that goes, or null.</param>
public sealed record KmsVersionChange(IReadOnlyList<KmsKeyVersion> Written, uint? Removed = null);

/// <summary>A key's place in its Region's schedule (<see cref="KmsKey.DueAt"/>).</summary>
public sealed record KmsDueKey(string Region, DateTimeOffset At, string KeyId);

/// <summary>Another name of a key.</summary>
/// <param name="Name">With its prefix, <c>alias/…</c>; letters, digits, <c>/</c>, <c>_</c> and <c>-</c>.</param>
/// <param name="KeyId">The key's id.</param>
public sealed record KmsAlias(string Region, string Name, string KeyId, DateTimeOffset CreatedAt)
{
    /// <summary>When it was last made to name a key.</summary>
    public DateTimeOffset UpdatedAt { get; init; } = CreatedAt;

    /// <summary>What the store compares when the alias is replaced or deleted; empty in a new alias.</summary>
    public string ETag { get; init; } = "";

    /// <summary>The prefix of every alias.</summary>
    public const string Prefix = "alias/";

    /// <summary>The prefix of aliases that only the service makes.</summary>
    public const string ReservedPrefix = "alias/aws/";

    /// <summary>The alias of the managed key for S3 objects.</summary>
    public const string ManagedS3 = "alias/aws/s3";

    /// <summary>The ARN of the alias with a name, whether it exists or not.</summary>
    public static string ArnOf(string region, string accountId, string name) => $"arn:aws:kms:{region}:{accountId}:{name}";
}
