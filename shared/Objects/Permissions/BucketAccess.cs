using Serverless.Access;
using Serverless.Objects.Buckets;

namespace Serverless.Objects.Permissions;

/// <summary>
/// Whether the caller's policies and the bucket's allow an action on the bucket or an object in it
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html, access-control-block-public-access.html).
/// </summary>
public static class BucketAccess
{
    /// <param name="needed">What is to be allowed.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="bucket">The bucket; null where there is none yet, so that the caller's policies alone decide.</param>
    /// <param name="conditions">The request's condition keys.</param>
    public static AccessDecision Judge(NeededPermission needed, Caller caller, Bucket? bucket, IConditionKeys conditions)
    {
        var policy = bucket?.Policy?.Statements;
        if (bucket?.Policy is not null && policy is null) return new(false, "because the bucket's policy cannot be read");
        if (caller.Principal.Type is PrincipalType.Anonymous && (policy is null || (bucket!.Blocks(PublicAccessBlocks.RestrictPublicBuckets) && policy.IsPublic)))
            return new(false, "because no resource-based policy allows it to everybody");
        return AccessDecision.ByEither(new(caller.Principal, needed.Action, needed.Resource, conditions), caller.Policies, policy);
    }
}
