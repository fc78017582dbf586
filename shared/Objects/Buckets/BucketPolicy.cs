using Serverless.Access;

namespace Serverless.Objects.Buckets;

/// <summary>A bucket's policy as it was given; parsed once, when it is first asked.</summary>
/// <param name="json">The document.</param>
/// <param name="bucketArn">The bucket that it is of.</param>
public sealed class BucketPolicy(string json, string bucketArn)
{
    /// <summary>The largest document, in bytes (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html).</summary>
    public const int MaxSize = 20 * 1024;

    private readonly Lazy<Policy?> _statements = new(() => Parse(json, bucketArn));

    /// <summary>The document as it was given.</summary>
    public string Json => json;

    /// <summary>What the document says; null where this version does not understand what is stored, so that nothing is to be allowed.</summary>
    public Policy? Statements => _statements.Value;

    private static Policy? Parse(string json, string bucketArn)
    {
        try
        {
            return Policy.ForBucket(json, bucketArn);
        }
        catch (PolicyException)
        {
            return null;
        }
    }
}
