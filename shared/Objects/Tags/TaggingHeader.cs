using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tags;

/// <summary>
/// The tags of an object that is written, as the header <c>x-amz-tagging</c> has them: the parameters of a query, form-encoded (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html).
/// </summary>
public static class TaggingHeader
{
    public const string Name = "x-amz-tagging";

    /// <summary>The request's tags; null where it has none.</summary>
    /// <exception cref="S3Exception">InvalidArgument: they are not encoded so, or a key is there twice; BadRequest, InvalidTag.</exception>
    public static SortedDictionary<string, string>? Read(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(Name, out var values)) return null;
        var tags = Parse(values.ToString());
        return tags.Count == 0 ? null : TagRules.OfObject.Check(tags);
    }

    /// <summary>The same for policies, which judge a request before its headers are judged: null where they will be refused.</summary>
    public static SortedDictionary<string, string>? TryRead(IHeaderDictionary headers)
    {
        try
        {
            return Read(headers);
        }
        catch (S3Exception)
        {
            return null;
        }
    }

    /// <summary>Makes these the request's tags, so that policies see them wherever they came from.</summary>
    public static void Write(IHeaderDictionary headers, IReadOnlyDictionary<string, string> tags) =>
        headers[Name] = string.Join('&', tags.Select(tag => $"{Uri.EscapeDataString(tag.Key)}={Uri.EscapeDataString(tag.Value)}"));

    private static QueryParameters Parse(string header)
    {
        try
        {
            var tags = QueryParameters.Parse(header);
            // As recorded, a second equals sign must be escaped.
            if (header.Split('&').All(tag => tag.Count('=') <= 1) && tags.DistinctBy(tag => tag.Key, StringComparer.Ordinal).Count() == tags.Count) return tags;
        }
        catch (AccessException)
        {
            // What a query could not have either.
        }
        throw new S3Exception(TaggingErrors.MalformedHeader(header));
    }
}
