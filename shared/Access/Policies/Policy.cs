namespace Serverless.Access;

/// <summary>
/// A policy document of the language that user, bucket and key policies share, parsed once and evaluated often
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). Immutable, and safe for concurrent use.
/// </summary>
public sealed class Policy
{
    /// <summary>A user's policy: statements without a principal.</summary>
    /// <exception cref="PolicyException">The document is malformed or uses something that this engine does not know; the message names the element.</exception>
    public static Policy ForIdentity(string json) => throw new NotImplementedException(json);

    /// <summary>A bucket's policy: statements with principals, about S3 actions on that bucket and its objects.</summary>
    /// <exception cref="PolicyException">As above, in S3's words where they are known.</exception>
    public static Policy ForBucket(string json, string bucketArn) => throw new NotImplementedException(json + bucketArn);

    /// <summary>A KMS key's policy: statements with principals, about KMS actions on that key.</summary>
    /// <exception cref="PolicyException">As above.</exception>
    public static Policy ForKey(string json) => throw new NotImplementedException(json);

    /// <summary>The document as it was given.</summary>
    public string Json { get; } = "";

    /// <summary>
    /// Whether the policy allows everybody something without a condition that confines it
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status).
    /// </summary>
    public bool IsPublic => throw new NotImplementedException();

    /// <summary>Whether a condition or a policy variable mentions this condition key (lower case), so that a value that is dear is found only where it is needed.</summary>
    public bool Mentions(string conditionKey) => throw new NotImplementedException(conditionKey);

    /// <summary>What the policy says of a request.</summary>
    public PolicyVerdict Evaluate(PolicyRequest request) => throw new NotImplementedException(request.Action);
}

/// <summary>A policy document is refused. The message names the element, in the words of the API where they are known.</summary>
public sealed class PolicyException(string message) : Exception(message);
