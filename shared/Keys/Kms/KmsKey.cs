namespace Serverless.Keys;

/// <summary>A key's state, named as KMS names it (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html).</summary>
public enum KeyState { Enabled, Disabled, PendingDeletion, PendingImport }

/// <summary>Where a key's material comes from, named as KMS names it in capitals: <c>AWS_KMS</c>, made here, or <c>EXTERNAL</c>, imported by the customer.</summary>
public enum KeyOrigin { AwsKms, External }

/// <summary>What a key is for and how large it is, named as KMS names it in capitals: <c>SYMMETRIC_DEFAULT</c> (AES-256-GCM), or HMAC keys of 224 to 512 bits.</summary>
public enum KeySpec { SymmetricDefault, Hmac224, Hmac256, Hmac384, Hmac512 }

/// <summary>Who manages a key: a service for its users, or a customer. Named as KMS names it, in capitals on the wire.</summary>
public enum KeyManager { Aws, Customer }

/// <summary>A tag that a key was created with.</summary>
public sealed record KeyTag(string Key, string Value);

/// <summary>A KMS key, without its material.</summary>
public sealed record KmsKey
{
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

    public IReadOnlyList<KeyTag> Tags { get; init; } = [];

    /// <summary>The key policy, a JSON document of at most 32 KiB; empty for the default policy, which lets the account's own policies decide.</summary>
    public string Policy { get; init; } = "";

    /// <summary>What the store compares when the key is replaced; empty in a new key.</summary>
    public string ETag { get; init; } = "";

    public string Arn => ArnOf(Region, AccountId, Id);

    /// <summary>The ARN of the key with an id, whether it exists or not.</summary>
    public static string ArnOf(string region, string accountId, string id) => $"arn:aws:kms:{region}:{accountId}:key/{id}";
}

/// <summary>One version of a KMS key. It never changes once it is made.</summary>
/// <param name="Version">1, 2, 3, …</param>
/// <param name="MaterialId">KMS's KeyMaterialId: 64 hexadecimal digits, random.</param>
/// <param name="Wrapped">The version's material, of its key's <see cref="KeySpecs.MaterialSize"/>, under the root key.</param>
public sealed record KmsKeyVersion(string Region, string KeyId, uint Version, string MaterialId, byte[] Wrapped, DateTimeOffset CreatedAt);

/// <summary>Another name of a key.</summary>
/// <param name="Name">With its prefix, <c>alias/…</c>; letters, digits, <c>/</c>, <c>_</c> and <c>-</c>.</param>
/// <param name="KeyId">The key's id.</param>
public sealed record KmsAlias(string Region, string Name, string KeyId, DateTimeOffset CreatedAt)
{
    /// <summary>The prefix of every alias.</summary>
    public const string Prefix = "alias/";

    /// <summary>The prefix of aliases that only the service makes.</summary>
    public const string ReservedPrefix = "alias/aws/";

    /// <summary>The alias of the managed key for S3 objects.</summary>
    public const string ManagedS3 = "alias/aws/s3";

    /// <summary>The ARN of the alias with a name, whether it exists or not.</summary>
    public static string ArnOf(string region, string accountId, string name) => $"arn:aws:kms:{region}:{accountId}:{name}";
}
