namespace Serverless.Access;

/// <summary>
/// Matching against a pattern of symbols: a UTF-16 unit that stands for itself, or one of the two wildcards. No pattern takes more than
/// (length of the text + 1) × (length of the pattern + 1) steps: only the last <c>*</c> is ever tried again, which is enough.
/// </summary>
internal static class WildcardMatch
{
    /// <summary><c>*</c>: any characters, or none.</summary>
    public const int AnyRun = -1;

    /// <summary><c>?</c>: exactly one character, of one or two UTF-16 units.</summary>
    public const int AnyOne = -2;

    public static bool Matches(ReadOnlySpan<int> pattern, ReadOnlySpan<char> text, bool ignoreCase) => Matches(pattern, text, ignoreCase, out _);

    /// <param name="pattern">The symbols; in upper case where case is ignored.</param>
    /// <param name="text">What is matched.</param>
    /// <param name="ignoreCase">Whether upper and lower case letters are equal.</param>
    /// <param name="steps">How many symbols were looked at.</param>
    internal static bool Matches(ReadOnlySpan<int> pattern, ReadOnlySpan<char> text, bool ignoreCase, out long steps)
    {
        steps = 0;
        var (at, next, lastRun, resume) = (0, 0, -1, 0);
        while (at < text.Length)
        {
            steps++;
            var symbol = next < pattern.Length ? pattern[next] : int.MinValue;
            if (symbol == AnyRun)
            {
                (lastRun, resume) = (next++, at);
            }
            else if (symbol == AnyOne)
            {
                next++;
                at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
            }
            else if (symbol == (ignoreCase ? char.ToUpperInvariant(text[at]) : text[at]))
            {
                next++;
                at++;
            }
            else if (lastRun >= 0)
            {
                next = lastRun + 1;
                at = ++resume;
            }
            else
            {
                return false;
            }
        }
        return pattern[next..].IndexOfAnyExcept(AnyRun) < 0;
    }
}
