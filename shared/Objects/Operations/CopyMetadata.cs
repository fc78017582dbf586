using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Store;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Operations;

/// <summary>
/// Where a copy's metadata and tags come from: the source (<c>COPY</c>, the default) or the request (<c>REPLACE</c>), by the header <c>x-amz-metadata-directive</c>
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html). The website redirect location is the request's always.
/// </summary>
/// <param name="Replaced">The request's headers and user metadata where they replace the source's; null where the source's are copied.</param>
/// <param name="Redirect">The request's website redirect location, or null.</param>
/// <param name="ReplacesTags">Whether the copy has <paramref name="Tags"/> instead of the source's, by the header <c>x-amz-tagging-directive</c>.</param>
/// <param name="Tags">The request's tags, if they count; null for none.</param>
public sealed record CopyMetadata(
    (SortedDictionary<string, string> Headers, SortedDictionary<string, string> User)? Replaced, string? Redirect, bool ReplacesTags, SortedDictionary<string, string>? Tags)
{
    private const string MetadataDirective = "x-amz-metadata-directive";
    private const string TaggingDirective = "x-amz-tagging-directive";
    private const string Replace = "REPLACE";

    /// <summary>Reads the request's directives, and what they need of it.</summary>
    /// <exception cref="S3Exception">InvalidArgument for an unknown directive, MetadataTooLarge, and what the tags are refused with.</exception>
    public static CopyMetadata Read(IHeaderDictionary headers)
    {
        var replacesTags = IsReplace(headers, TaggingDirective, "Unknown tagging directive.");
        var replaced = IsReplace(headers, MetadataDirective, "Unknown metadata directive.");
        var redirect = headers[ObjectMetadata.Redirect];
        return new(
            replaced ? (ObjectMetadata.ReadSystem(headers, ContentEncoding.WithoutAwsChunked(headers.ContentEncoding)), ObjectMetadata.ReadUser(headers)) : null,
            redirect.Count > 0 ? redirect.ToString() : null,
            replacesTags, replacesTags ? TaggingHeader.Read(headers) : null);
    }

    /// <summary>The headers of the copy.</summary>
    public SortedDictionary<string, string> HeadersOf(ObjectDescription source)
    {
        var headers = new SortedDictionary<string, string>(Replaced?.Headers ?? source.Headers, StringComparer.Ordinal);
        headers.Remove(ObjectMetadata.Redirect);
        if (Redirect is not null) headers[ObjectMetadata.Redirect] = Redirect;
        return headers;
    }

    /// <summary>The user metadata of the copy.</summary>
    public SortedDictionary<string, string> UserMetadataOf(ObjectDescription source) => Replaced?.User ?? source.UserMetadata;

    /// <summary>The tags of the copy.</summary>
    public SortedDictionary<string, string>? TagsOf(ObjectDescription source) => ReplacesTags ? Tags : source.Tags;

    /// <summary>Whether a copy's tags are the request's, for policies, which judge it before its headers are judged.</summary>
    public static bool TakesTagsOfRequest(IHeaderDictionary headers) => headers[TaggingDirective].ToString() is Replace;

    private static bool IsReplace(IHeaderDictionary headers, string name, string unknown) => headers[name].ToString() switch
    {
        "" or "COPY" => false,
        Replace => true,
        var other => throw new S3Exception(S3Errors.InvalidArgument(unknown, name, other)),
    };
}
