namespace Serverless.Access;

/// <summary>A statement's Action, NotAction, Resource or NotResource: what one of several patterns matches, or what none does.</summary>
/// <param name="Patterns">The patterns, at least one.</param>
/// <param name="IsNegated">Whether it is the element with Not.</param>
internal sealed record PatternSet(Pattern[] Patterns, bool IsNegated)
{
    public bool Applies(string value, IConditionKeys keys)
    {
        foreach (var pattern in Patterns)
        {
            if (pattern.Text == "*" || pattern.Matches(value, keys))
            {
                return !IsNegated;
            }
        }
        return IsNegated;
    }
}
