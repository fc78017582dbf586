using System.Xml;

namespace Serverless.Access;

/// <summary>Text for XML documents.</summary>
public static class XmlSafeText
{
    /// <summary>The text with U+FFFD in place of each character that XML cannot carry: what clients send may hold any.</summary>
    public static string Of(string text)
    {
        if (text.All(XmlConvert.IsXmlChar)) return text;
        return string.Create(text.Length, text, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = XmlConvert.IsXmlChar(source[i]) || char.IsSurrogate(source[i]) ? source[i] : '\uFFFD';
            }
        });
    }
}
