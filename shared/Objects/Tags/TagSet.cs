using System.Xml.Linq;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tags;

/// <summary>
/// The document of a set of tags (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Tagging.html): what puts tags and what gets them send the same.
/// </summary>
public static class TagSet
{
    /// <summary>Far more than 50 tags take, each character of which is written as a reference.</summary>
    public const int MaxDocumentSize = 256 * 1024;

    private const string Root = "Tagging";
    private const string Set = "TagSet";
    private const string Tag = "Tag";
    private const string Key = "Key";
    private const string Value = "Value";

    /// <exception cref="S3Exception">MalformedXML; BadRequest or InvalidTag, as <paramref name="rules"/> have it.</exception>
    public static SortedDictionary<string, string> Read(XElement? document, TagRules rules) =>
        document is { Name.LocalName: Root } ? ReadTags(S3Xml.Required(S3Xml.Members(document, Set), Set), rules) : throw new S3Exception(S3Errors.MalformedXml);

    /// <summary>Reads what is in an element that holds nothing but tags.</summary>
    /// <exception cref="S3Exception">As above.</exception>
    public static SortedDictionary<string, string> ReadTags(XElement set, TagRules rules) => rules.Check(S3Xml.Items(set, Tag).ConvertAll(ReadTag));

    /// <summary>Reads one tag, whatever its characters are.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static KeyValuePair<string, string> ReadTag(XElement element)
    {
        var members = S3Xml.Members(element, Key, Value);
        return new(S3Xml.Text(S3Xml.Required(members, Key)), S3Xml.Text(S3Xml.Required(members, Value)));
    }

    public static XElement Write(IEnumerable<KeyValuePair<string, string>> tags) =>
        S3Xml.Element(Root, S3Xml.Element(Set, tags.Select(tag => S3Xml.Element(Tag, S3Xml.Element(Key, tag.Key), S3Xml.Element(Value, tag.Value)))));
}
