using System.Text;

namespace Serverless.Access;

/// <summary>A policy document is refused. The message names the element, in the words of the API where they are known.</summary>
public sealed class PolicyException(string message) : Exception(message)
{
    private const int MaxQuoted = 128;

    /// <summary>What a document says, for a message about it: cut, and without the characters that an XML answer could not carry.</summary>
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (quoted.Length >= MaxQuoted)
            {
                return quoted.Append('…').ToString();
            }
            quoted.Append(Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF ? "?" : rune.ToString());
        }
        return quoted.ToString();
    }
}
