namespace Serverless.Access;

/// <summary>
/// Matching an ARN part by part, so that a wildcard in one of the first five does not reach into the next
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN).
/// What follows the fifth colon is one part. Parts that a pattern leaves out at its end are <c>*</c>
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
/// </summary>
internal static class ArnMatch
{
    private const int Separators = 5;

    public static bool Matches(ReadOnlySpan<int> pattern, ReadOnlySpan<char> text)
    {
        for (var part = 0; part < Separators; part++)
        {
            var (end, textEnd) = (pattern.IndexOf(':'), text.IndexOf(':'));
            if (textEnd < 0)
            {
                return false;
            }
            if (end < 0)
            {
                return WildcardMatch.Matches(pattern, text[..textEnd], ignoreCase: false) && text.Count(':') >= Separators - part;
            }
            if (!WildcardMatch.Matches(pattern[..end], text[..textEnd], ignoreCase: false))
            {
                return false;
            }
            pattern = pattern[(end + 1)..];
            text = text[(textEnd + 1)..];
        }
        return WildcardMatch.Matches(pattern, text, ignoreCase: false);
    }
}
