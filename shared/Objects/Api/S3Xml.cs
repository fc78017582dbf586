using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Serverless.Access;

namespace Serverless.Objects.Api;

/// <summary>S3's documents, in and out.</summary>
public static class S3Xml
{
    public static XNamespace Namespace { get; } = "http://s3.amazonaws.com/doc/2006-03-01/";

    public const string ContentType = "application/xml";

    /// <summary>Every character that a parser would change, and each that XML cannot carry, is written as a reference.</summary>
    private static readonly XmlWriterSettings WriterSettings =
        new() { Encoding = new UTF8Encoding(false), CheckCharacters = false, NewLineHandling = NewLineHandling.Entitize };

    private static readonly XmlWriterSettings ElementSettings = CloneWithoutDeclaration(WriterSettings);

    private static readonly XmlReaderSettings ReaderSettings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>S3's form of a date: in seconds, with milliseconds that are always zero.</summary>
    public static string Date(DateTimeOffset date) => date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture);

    /// <summary>An element of S3's namespace. Content that is null is none.</summary>
    public static XElement Element(string name, params object?[] content) => new(Namespace + name, content);

    /// <summary>Writes the answer's document, or what is missing of one that has begun (<see cref="SlowAnswer"/>).</summary>
    public static async Task WriteAsync(HttpResponse response, XElement root, CancellationToken cancellationToken)
    {
        var begun = SlowAnswer.HasBegun(response.HttpContext);
        using var document = new MemoryStream();
        using (var writer = XmlWriter.Create(document, begun ? ElementSettings : WriterSettings)) new XDocument(root).WriteTo(writer);
        if (!begun)
        {
            response.ContentType = ContentType;
            response.ContentLength = document.Length;
        }
        await response.Body.WriteAsync(document.GetBuffer().AsMemory(0, (int)document.Length), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An error's document. Characters that XML cannot carry are replaced: a key may hold any.</summary>
    public static Task WriteErrorAsync(HttpResponse response, S3Error error, string resource, string requestId, string hostId)
    {
        var root = new XElement("Error", new XElement("Code", error.Code), new XElement("Message", XmlSafeText.Of(error.Message)));
        foreach (var (name, value) in error.Fields) root.Add(new XElement(name, XmlSafeText.Of(value)));
        root.Add(new XElement("Resource", XmlSafeText.Of(resource)), new XElement("RequestId", requestId), new XElement("HostId", hostId));
        return WriteAsync(response, root, CancellationToken.None);
    }

    /// <summary>A request's document, or null when the body is empty. The namespace is S3's or none, as clients differ.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static XElement? Parse(ReadOnlyMemory<byte> document)
    {
        if (document.IsEmpty) return null;
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(document.ToArray()), ReaderSettings);
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            throw new S3Exception(S3Errors.MalformedXml);
        }
    }

    /// <summary>An element's children by their names: each of these at most once, and no other.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static Dictionary<string, XElement> Members(XElement parent, params ReadOnlySpan<string> names)
    {
        var members = new Dictionary<string, XElement>(StringComparer.Ordinal);
        foreach (var child in parent.Elements())
        {
            if (!names.Contains(child.Name.LocalName) || !members.TryAdd(child.Name.LocalName, child)) throw new S3Exception(S3Errors.MalformedXml);
        }
        return members;
    }

    /// <summary>A child that there must be.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static XElement Required(Dictionary<string, XElement> members, string name) => members.GetValueOrDefault(name) ?? throw new S3Exception(S3Errors.MalformedXml);

    /// <summary>An element's children, all of which must be of this name.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static List<XElement> Items(XElement parent, string name)
    {
        var items = parent.Elements().ToList();
        return items.TrueForAll(item => item.Name.LocalName == name) ? items : throw new S3Exception(S3Errors.MalformedXml);
    }

    /// <summary>The text of an element that has no children.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static string Text(XElement element) => element.HasElements ? throw new S3Exception(S3Errors.MalformedXml) : element.Value;

    /// <summary>The text of a child; null where there is none.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static string? OptionalText(Dictionary<string, XElement> members, string name) => members.GetValueOrDefault(name) is { } element ? Text(element) : null;

    private static XmlWriterSettings CloneWithoutDeclaration(XmlWriterSettings settings)
    {
        var clone = settings.Clone();
        clone.OmitXmlDeclaration = true;
        return clone;
    }
}
