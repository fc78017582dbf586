using System.Xml;

namespace Serverless.Access;

/// <summary>Text for XML documents.</summary>
public static class XmlSafeText
{
    /// <summary>The text with U+FFFD in place of each character that XML cannot carry: what clients send may hold any.</summary>
    public static string Of(string text) => IsSafe(text) ? text : string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = IsSafe(source[i]) ? source[i] : '\uFFFD';
        }
    });

    /// <summary>Whether XML can carry the text as it is.</summary>
    public static bool IsSafe(string text) => text.All(IsSafe);

    private static bool IsSafe(char character) => XmlConvert.IsXmlChar(character) || char.IsSurrogate(character);
}
