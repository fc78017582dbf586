using System.Net;
using System.Text;
using System.Xml.Linq;

namespace Serverless.EndToEnd.Clients;

/// <summary>An answer with everything that came, names of headers in lower case.</summary>
internal sealed record RawAnswer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>S3's error document; null where the body is none.</summary>
    public XElement? Error => Headers.GetValueOrDefault("content-type") == "application/xml" && Text.Contains("<Error>", StringComparison.Ordinal) ? XElement.Parse(Text) : null;

    public string? ErrorCode => ErrorField("Code");

    public string? this[string header] => Headers.GetValueOrDefault(header);

    public string? ErrorField(string name) => Error?.Element(name)?.Value;

    /// <summary>The headers that tell of encryption, in their order.</summary>
    public IReadOnlyList<string> EncryptionHeaders =>
        [.. Headers.Keys.Where(name => name.StartsWith("x-amz-server-side-encryption", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public RawAnswer MustBe(HttpStatusCode status)
    {
        Assert.True(Status == status, $"Expected {(int)status}, got {(int)Status}: {Text[..Math.Min(Text.Length, 2000)]}");
        return this;
    }

    public RawAnswer MustBeError(int status, string code, string? message = null)
    {
        Assert.True((int)Status == status && ErrorCode == code, $"Expected {status} {code}, got {(int)Status}: {Text[..Math.Min(Text.Length, 2000)]}");
        if (message is not null) Assert.Equal(message, ErrorField("Message"));
        return this;
    }
}
