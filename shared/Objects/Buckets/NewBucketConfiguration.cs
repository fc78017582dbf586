using System.Collections.Frozen;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Buckets;

/// <summary>The document of a CreateBucket (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html).</summary>
/// <param name="Region">The Region to create it in; null leaves it to the deployment.</param>
/// <param name="Tags">The tags to create it with.</param>
public sealed record NewBucketConfiguration(string? Region, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>The Region whose buckets have an empty location (API_GetBucketLocation.html).</summary>
    public const string DefaultRegion = "us-east-1";

    public const int MaxDocumentSize = TagSet.MaxDocumentSize;

    public const string LocationConstraint = "LocationConstraint";

    private const string Root = "CreateBucketConfiguration";
    private const string TagList = "Tags";

    /// <param name="document">The document, or null.</param>
    /// <param name="parameters">The audit record's, to which it is added as far as it can be read.</param>
    /// <exception cref="S3Exception">MalformedXML, InvalidLocationConstraint, InvalidTag; NotImplemented for what only directory buckets have.</exception>
    public static NewBucketConfiguration Read(XElement? document, JsonObject parameters)
    {
        var tags = (IReadOnlyDictionary<string, string>)FrozenDictionary<string, string>.Empty;
        if (document is null) return new(null, tags);
        if (document.Name.LocalName != Root) throw new S3Exception(S3Errors.MalformedXml);
        if (document.Elements().FirstOrDefault(element => element.Name.LocalName is not (LocationConstraint or TagList)) is { } other)
            throw new S3Exception(S3Errors.OperationNotImplemented($"CreateBucket with {other.Name.LocalName}"));

        var members = S3Xml.Members(document, LocationConstraint, TagList);
        var described = new JsonObject();
        parameters[Root] = described;
        string? region = null;
        if (members.TryGetValue(LocationConstraint, out var location))
        {
            described[LocationConstraint] = location.Value;
            region = RegionOf(location.Value);
        }
        if (members.TryGetValue(TagList, out var list))
        {
            tags = TagSet.ReadTags(list, TagRules.OfNewBucket);
            described[TagList] = BucketTaggingOperations.Describe(tags);
        }
        return new(region, tags);
    }

    /// <summary>us-east-1 has no location constraint; <c>EU</c> is the old name of eu-west-1.</summary>
    private static string RegionOf(string location) => location is "EU" ? "eu-west-1"
        : AwsRegion.IsWellFormed(location) && location != DefaultRegion ? location
        : throw new S3Exception(S3Errors.InvalidLocationConstraint(location));
}
