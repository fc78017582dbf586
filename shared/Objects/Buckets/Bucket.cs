using System.Collections.Frozen;
using Serverless.Objects.Cors;
using Serverless.Objects.Store;

namespace Serverless.Objects.Buckets;

/// <summary>A bucket as the bucket table records it.</summary>
/// <param name="Name">The bucket's name.</param>
/// <param name="Region">The Region that it was created in; its KMS keys are of this Region.</param>
/// <param name="Container">The container that holds its objects: a name of the store's own, since bucket names are not container names.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="BlocksCustomerKeys">Whether uploads with SSE-C are refused, as they are on new buckets by default.</param>
public sealed record Bucket(string Name, string Region, string Container, DateTimeOffset CreatedAt, bool BlocksCustomerKeys)
{
    public string Arn => $"arn:aws:s3:::{Name}";

    /// <summary>Its policy, or null.</summary>
    public BucketPolicy? Policy { get; init; }

    /// <summary>Its public access block; null where it has none, and so blocks nothing.</summary>
    public PublicAccessBlocks? PublicAccessBlock { get; init; } = PublicAccessBlocks.All;

    /// <summary>The store's tag of this state, which a change is conditional on.</summary>
    public string Version { get; init; } = "";

    /// <summary>Its configured default encryption; null where none was configured.</summary>
    public BucketEncryption? ConfiguredEncryption { get; init; }

    /// <summary>Which requests of other origins' pages it takes; null for none.</summary>
    public CorsConfiguration? Cors { get; init; }

    /// <summary>How objects are encrypted whose requests do not say.</summary>
    public BucketEncryption DefaultEncryption => ConfiguredEncryption ?? BucketEncryption.Initial;

    /// <summary>Its tags, in the order of their keys.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Whether it has ownership controls: those that the bucket's owner owns all objects by, and no ACL counts. A bucket from which they were removed has them all the same in effect.</summary>
    public bool HasOwnershipControls { get; init; } = true;

    /// <summary>Whether it keeps versions.</summary>
    public BucketVersioning Versioning { get; init; }

    /// <summary>Whether it has or had versioning, so that there may be versions beside the current ones.</summary>
    public bool HasVersions => Versioning is not BucketVersioning.Unversioned;

    /// <summary>Whether an object of this bucket is kept as a version when it is overwritten or deleted.</summary>
    public bool Keeps(StoredObject stored) => Versioning is BucketVersioning.Enabled || (Versioning is BucketVersioning.Suspended && !stored.Description.VersionId.IsNull);

    public string ObjectArn(string key) => $"arn:aws:s3:::{Name}/{key}";

    /// <summary>Where the object of this key is.</summary>
    public ObjectPlace At(string key) => new(this, key);

    public bool Blocks(PublicAccessBlocks block) => ((PublicAccessBlock ?? PublicAccessBlocks.None) & block) == block;
}

/// <summary>A bucket to be created.</summary>
/// <param name="Name">The bucket's name.</param>
/// <param name="Region">The Region of its KMS keys.</param>
/// <param name="BlocksCustomerKeys">Whether it refuses uploads with SSE-C.</param>
/// <param name="PublicAccessBlock">Its public access block; null for none.</param>
public sealed record NewBucket(
    string Name, string Region, bool BlocksCustomerKeys = false, PublicAccessBlocks? PublicAccessBlock = PublicAccessBlocks.All)
{
    /// <summary>The tags that it is created with, in the order of their keys.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = FrozenDictionary<string, string>.Empty;
}
