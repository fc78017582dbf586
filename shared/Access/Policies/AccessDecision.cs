namespace Serverless.Access;

/// <summary>
/// Whether a request is allowed, and if not, why. An explicit deny in any policy wins; without an allow the answer is no; the account's root principal needs no identity policy
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
/// </summary>
/// <param name="IsAllowed">Whether the request may go on.</param>
/// <param name="Reason">
/// Why it may not, as AWS words it: <c>because no identity-based policy allows the s3:GetObject action</c>, <c>with an explicit deny in a resource-based policy</c>; "" where it may.
/// </param>
public readonly record struct AccessDecision(bool IsAllowed, string Reason)
{
    /// <summary>For what no resource's policy governs: the caller's own policies decide.</summary>
    public static AccessDecision ByIdentity(PolicyRequest request, IReadOnlyList<Policy> identity) => throw new NotImplementedException(request.Action + identity.Count);

    /// <summary>For buckets and their objects: within the account either side's allow is enough.</summary>
    public static AccessDecision ByEither(PolicyRequest request, IReadOnlyList<Policy> identity, Policy? resource) =>
        throw new NotImplementedException(request.Action + identity.Count + resource?.Json);

    /// <summary>For KMS keys: the key's policy must allow the caller, or the caller's account (then the caller's own policies decide), or a grant must.</summary>
    public static AccessDecision ByResource(PolicyRequest request, IReadOnlyList<Policy> identity, Policy resource, bool granted) =>
        throw new NotImplementedException(request.Action + identity.Count + resource.Json + granted);
}
