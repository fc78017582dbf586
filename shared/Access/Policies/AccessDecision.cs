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
    private const string Identity = "identity-based", OfResource = "resource-based";

    private static AccessDecision Allowed => new(true, "");

    /// <summary>For what no resource's policy governs: the caller's own policies decide.</summary>
    public static AccessDecision ByIdentity(PolicyRequest request, IReadOnlyList<Policy> identity) => OfIdentity(request, identity) switch
    {
        PolicyVerdict.Denies => Denied(Identity),
        PolicyVerdict.Allows => Allowed,
        _ => NotAllowed(Identity, request),
    };

    /// <summary>For buckets and their objects: within the account either side's allow is enough.</summary>
    public static AccessDecision ByEither(PolicyRequest request, IReadOnlyList<Policy> identity, Policy? resource) =>
        (OfIdentity(request, identity), resource?.Evaluate(request) ?? PolicyVerdict.None) switch
        {
            (PolicyVerdict.Denies, _) => Denied(Identity),
            (_, PolicyVerdict.Denies) => Denied(OfResource),
            (PolicyVerdict.Allows, _) or (_, PolicyVerdict.Allows) => Allowed,
            _ => NotAllowed(request.Principal.Type is PrincipalType.Anonymous ? OfResource : Identity, request),
        };

    /// <summary>For KMS keys: the key's policy must allow the caller, or the caller's account (then the caller's own policies decide), or a grant must.</summary>
    public static AccessDecision ByResource(PolicyRequest request, IReadOnlyList<Policy> identity, Policy resource, bool granted) =>
        (OfIdentity(request, identity), resource.Evaluate(request)) switch
        {
            (PolicyVerdict.Denies, _) => Denied(Identity),
            (_, PolicyVerdict.Denies) => Denied(OfResource),
            (_, PolicyVerdict.Allows) or (PolicyVerdict.Allows, PolicyVerdict.AllowsAccount) => Allowed,
            _ when granted => Allowed,
            (_, PolicyVerdict.AllowsAccount) => NotAllowed(Identity, request),
            _ => NotAllowed(OfResource, request),
        };

    private static PolicyVerdict OfIdentity(PolicyRequest request, IReadOnlyList<Policy> identity)
    {
        var verdict = request.Principal.Type is PrincipalType.Root ? PolicyVerdict.Allows : PolicyVerdict.None;
        for (var i = 0; i < identity.Count && verdict is not PolicyVerdict.Denies; i++)
        {
            var said = identity[i].Evaluate(request);
            verdict = said > verdict ? said : verdict;
        }
        return verdict;
    }

    private static AccessDecision Denied(string kind) => new(false, $"with an explicit deny in {(kind == Identity ? "an" : "a")} {kind} policy");

    private static AccessDecision NotAllowed(string kind, PolicyRequest request) => new(false, $"because no {kind} policy allows the {request.Action} action");
}
