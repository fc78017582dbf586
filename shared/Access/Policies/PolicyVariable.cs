namespace Serverless.Access;

/// <summary>
/// A place in a policy that takes the value of a condition key: <c>${aws:username}</c> or <c>${aws:username, 'nobody'}</c>
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
/// </summary>
/// <param name="Key">The condition key, in lower case.</param>
/// <param name="Default">What stands for a key that the request does not have, or null.</param>
internal readonly record struct PolicyVariable(string Key, string? Default)
{
    /// <summary>The value in a request; null where it has none, or several, and there is no default.</summary>
    public string? Resolve(IConditionKeys keys) => keys.Find(Key) is { Count: 1 } value ? value[0] : Default;

    /// <param name="text">What is between <c>${</c> and <c>}</c>.</param>
    /// <param name="variable">The variable.</param>
    /// <returns>False where it has not that form; whether there is such a key is not judged.</returns>
    public static bool TryParse(string text, out PolicyVariable variable)
    {
        var comma = text.IndexOf(',');
        var name = comma < 0 ? text : text[..comma];
        string? substitute = null;
        if (comma >= 0)
        {
            var quoted = text.AsSpan(comma + 1).Trim(' ');
            if (quoted.Length < 2 || quoted[0] != '\'' || quoted[^1] != '\'')
            {
                variable = default;
                return false;
            }
            substitute = quoted[1..^1].ToString();
        }
        variable = new(name.ToLowerInvariant(), substitute);
        return name.Length > 0 && !name.AsSpan().ContainsAny("{$'");
    }

    /// <summary>Where the variable that starts after <c>${</c> at <paramref name="start"/> ends, its <c>}</c>; -1 where it does not end. A quoted default may contain <c>}</c>.</summary>
    public static int End(ReadOnlySpan<char> text, int start)
    {
        var isQuoted = false;
        for (var at = start; at < text.Length; at++)
        {
            if (text[at] == '\'')
            {
                isQuoted = !isQuoted;
            }
            else if (text[at] == '}' && !isQuoted)
            {
                return at;
            }
        }
        return -1;
    }
}
