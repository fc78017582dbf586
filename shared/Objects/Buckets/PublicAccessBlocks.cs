namespace Serverless.Objects.Buckets;

/// <summary>
/// What a bucket's public access block blocks (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html).
/// There are no public ACLs here, so that the two settings about them are kept and answered, and have nothing to block.
/// </summary>
[Flags]
public enum PublicAccessBlocks
{
    None = 0,

    /// <summary>Requests with a public ACL fail.</summary>
    BlockPublicAcls = 1,

    /// <summary>Public ACLs grant nothing.</summary>
    IgnorePublicAcls = 2,

    /// <summary>A public bucket policy is not accepted.</summary>
    BlockPublicPolicy = 4,

    /// <summary>A public bucket policy grants nothing to anybody outside the account.</summary>
    RestrictPublicBuckets = 8,

    All = BlockPublicAcls | IgnorePublicAcls | BlockPublicPolicy | RestrictPublicBuckets,
}
