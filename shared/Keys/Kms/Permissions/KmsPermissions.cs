using Serverless.Access;

namespace Serverless.Keys;

/// <summary>
/// Who may do what: a key's policy, the caller's own policies and the key's grants decide together
/// (https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html). The service itself may do everything, an anonymous caller nothing.
/// </summary>
internal sealed class KmsPermissions(KeyPolicies policies, KeyGrants grants, KeyAliases aliases, TimeProvider time)
{
    /// <summary>Why the caller may not do with a key what the call asks for; null when it may.</summary>
    /// <exception cref="KmsException">The call has a grant token that is not valid.</exception>
    public async ValueTask<KmsError?> RefusalAsync(KmsCall call, KmsKey key, KeyAccess access, CancellationToken cancellationToken)
    {
        Caller caller = call.Use.Caller;
        IReadOnlyList<KmsGrant> named = await grants.NamedAsync(call, cancellationToken).ConfigureAwait(false);
        // The default policy lets the account's root do everything. It is asked for so often that it is not evaluated.
        if (caller.Principal.Type == PrincipalType.AWSService || (caller.Principal.Type == PrincipalType.Root && KeyPolicies.HasDefault(key)))
        {
            return null;
        }

        Policy policy = policies.Of(key);
        IReadOnlyList<string>? names = Mentions(policy, caller, KmsConditionKeys.ResourceAliases)
            ? await aliases.OfAsync(key, cancellationToken).ConfigureAwait(false)
            : null;
        PolicyRequest request = RequestOf(call, access, key.Arn, new KmsConditionKeys(call, access, key, names, time.GetUtcNow()));
        AccessDecision decision = Decide(request, caller, policy, granted: false);
        if (!decision.IsAllowed && await IsGrantedAsync(request, caller, key, access, named, cancellationToken).ConfigureAwait(false))
        {
            decision = Decide(request, caller, policy, granted: true);
        }

        return RefusalOf(decision, request);
    }

    /// <summary>Why the caller may not do what no key's policy governs; null when it may.</summary>
    public KmsError? Refusal(KmsCall call, KeyAccess access, string resource)
    {
        Caller caller = call.Use.Caller;
        if (caller.Principal.Type is PrincipalType.AWSService or PrincipalType.Root)
        {
            return null;
        }

        PolicyRequest request = RequestOf(call, access, resource, new KmsConditionKeys(call, access, null, null, time.GetUtcNow()));
        return RefusalOf(AccessDecision.ByIdentity(request, caller.Policies), request);
    }

    /// <summary>
    /// Why the caller may not retire a grant; null when it may: who the grant says, the account, and whom the account's own policies let. A key's policy has no say
    /// (https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html).
    /// </summary>
    public KmsError? RetireRefusal(KmsCall call, KmsKey key, KmsGrant grant)
    {
        Caller caller = call.Use.Caller;
        KeyAccess access = call.Access;
        bool granted = grant.Retiring?.Is(caller.Principal) == true || (grant.Grantee.Is(caller.Principal) && GrantRules.Allows(grant, access));
        PolicyRequest request = RequestOf(call, access, key.Arn, new KmsConditionKeys(call, access, key, null, time.GetUtcNow()));
        return RefusalOf(Decide(request, caller, policies.DefaultOf(key.AccountId), granted), request);
    }

    private static PolicyRequest RequestOf(KmsCall call, KeyAccess access, string resource, KmsConditionKeys conditions) =>
        new(call.Use.Caller.Principal, "kms:" + access.Action, resource, conditions);

    // A policy that allows everybody does not mean those who do not say who they are.
    private static AccessDecision Decide(PolicyRequest request, Caller caller, Policy policy, bool granted) =>
        caller.Principal.Type == PrincipalType.Anonymous
            ? AccessDecision.ByIdentity(request, [])
            : AccessDecision.ByResource(request, caller.Policies, policy, granted);

    private static KmsError? RefusalOf(AccessDecision decision, PolicyRequest request)
    {
        Principal principal = request.Principal;
        return decision.IsAllowed ? null
            : KmsErrors.AccessDenied(principal.Arn is "" ? principal.UserName : principal.Arn, request.Action, request.Resource, decision.Reason);
    }

    private static bool Mentions(Policy policy, Caller caller, string conditionKey)
    {
        bool mentioned = policy.Mentions(conditionKey);
        for (int i = 0; i < caller.Policies.Count && !mentioned; i++)
        {
            mentioned = caller.Policies[i].Mentions(conditionKey);
        }

        return mentioned;
    }

    // A grant to the account is for those whom the account's own policies let, as its root in a key's policy is.
    private async ValueTask<bool> IsGrantedAsync(
        PolicyRequest request, Caller caller, KmsKey key, KeyAccess access, IReadOnlyList<KmsGrant> named, CancellationToken cancellationToken)
    {
        if (caller.Principal.Type == PrincipalType.Anonymous)
        {
            return false;
        }

        IReadOnlyList<KmsGrant> own = await grants.OfAsync(key, caller.Principal.Arn, cancellationToken).ConfigureAwait(false);
        if (Allow(own, caller.Principal) || Allow(named, caller.Principal))
        {
            return true;
        }

        Principal account = Principal.Root(key.AccountId, null);
        return AccessDecision.ByIdentity(request, caller.Policies).IsAllowed
            && (Allow(named, account) || Allow(await grants.OfAsync(key, account.Arn, cancellationToken).ConfigureAwait(false), account));

        bool Allow(IReadOnlyList<KmsGrant> some, Principal principal) =>
            some.Any(grant => grant.KeyId == key.Id && grant.Grantee.Is(principal) && GrantRules.Allows(grant, access));
    }
}
