using System.Collections.Frozen;

namespace Serverless.Access;

/// <summary>
/// A policy document of the language that user, bucket and key policies share, parsed once and evaluated often
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). Immutable, and safe for concurrent use.
/// </summary>
public sealed class Policy
{
    private readonly Statement[] statements;
    private readonly FrozenSet<string> keys;

    private Policy(string json, PolicyRules rules)
    {
        statements = PolicyReader.Read(json, rules);
        keys = statements.SelectMany(statement => statement.Keys).ToFrozenSet();
        Json = json;
        IsPublic = statements.Any(PublicAccess.IsGrantedBy);
        Principals = [.. statements.SelectMany(statement => statement.Principal?.Named ?? []).Distinct()];
    }

    /// <summary>A user's policy: statements without a principal.</summary>
    /// <exception cref="PolicyException">The document is malformed or uses something that this engine does not know; the message names the element.</exception>
    public static Policy ForIdentity(string json) => new(json, IdentityPolicyRules.Instance);

    /// <summary>A bucket's policy: statements with principals, about S3 actions on that bucket and its objects.</summary>
    /// <exception cref="PolicyException">As above, in S3's words where they are known.</exception>
    public static Policy ForBucket(string json, string bucketArn) => new(json, new BucketPolicyRules(bucketArn));

    /// <summary>A KMS key's policy: statements with principals, about KMS actions on that key.</summary>
    /// <exception cref="PolicyException">As above.</exception>
    public static Policy ForKey(string json) => new(json, KeyPolicyRules.Instance);

    /// <summary>The document as it was given.</summary>
    public string Json { get; }

    /// <summary>
    /// Whether the policy allows everybody something without a condition that confines it
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status).
    /// </summary>
    public bool IsPublic { get; }

    /// <summary>
    /// The principals of the kind <c>AWS</c> that the policy names: account ids, ARNs and <c>*</c>, each once. Their form is right;
    /// that they exist is for the API to check, which refuses the policy otherwise.
    /// </summary>
    public IReadOnlyList<string> Principals { get; }

    /// <summary>
    /// Whether a condition or a policy variable mentions this condition key (lower case), so that a value that is dear is found only where it is needed.
    /// A name that ends in <c>/</c> or <c>:</c> stands for all keys that begin with it, as <c>s3:existingobjecttag/</c>.
    /// </summary>
    public bool Mentions(string conditionKey) =>
        conditionKey.EndsWith('/') || conditionKey.EndsWith(':')
            ? keys.Any(key => key.StartsWith(conditionKey, StringComparison.Ordinal))
            : keys.Contains(conditionKey);

    /// <summary>What the policy says of a request.</summary>
    public PolicyVerdict Evaluate(PolicyRequest request)
    {
        var verdict = PolicyVerdict.None;
        foreach (var statement in statements)
        {
            var said = statement.Evaluate(request);
            if (said is PolicyVerdict.Denies)
            {
                return said;
            }
            verdict = said > verdict ? said : verdict;
        }
        return verdict;
    }
}
