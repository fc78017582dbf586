namespace Serverless.Access;

/// <summary>One statement of a policy, compiled.</summary>
/// <param name="IsAllow">Whether the effect is Allow; otherwise it is Deny.</param>
/// <param name="Principal">Whom it is about; null in a user's policy, where that is the user.</param>
/// <param name="Actions">Its Action or NotAction.</param>
/// <param name="Resources">Its Resource or NotResource.</param>
/// <param name="Conditions">What must hold besides.</param>
internal sealed record Statement(bool IsAllow, PrincipalElement? Principal, PatternSet Actions, PatternSet Resources, Condition[] Conditions)
{
    /// <summary>The condition keys that it reads, in lower case.</summary>
    public IEnumerable<string> Keys =>
        Resources.Patterns.SelectMany(pattern => pattern.Keys).Concat(Conditions.SelectMany(condition => condition.Keys));

    public PolicyVerdict Evaluate(PolicyRequest request)
    {
        if (!Actions.Applies(request.Action, request.Conditions) || !Resources.Applies(request.Resource, request.Conditions))
        {
            return PolicyVerdict.None;
        }
        var verdict = Principal?.Verdict(request.Principal, IsAllow) ?? (IsAllow ? PolicyVerdict.Allows : PolicyVerdict.Denies);
        if (verdict is not PolicyVerdict.None)
        {
            foreach (var condition in Conditions)
            {
                if (!condition.Holds(request.Conditions))
                {
                    return PolicyVerdict.None;
                }
            }
        }
        return verdict;
    }
}
