using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>
/// Where a copy's metadata come from: the source (<c>COPY</c>, the default) or the request (<c>REPLACE</c>), by the header <c>x-amz-metadata-directive</c>
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html). The website redirect location is the request's always.
/// </summary>
/// <param name="Replaced">The request's headers and user metadata where they replace the source's; null where the source's are copied.</param>
/// <param name="Redirect">The request's website redirect location, or null.</param>
public sealed record CopyMetadata((SortedDictionary<string, string> Headers, SortedDictionary<string, string> User)? Replaced, string? Redirect)
{
    private const string MetadataDirective = "x-amz-metadata-directive";
    private const string TaggingDirective = "x-amz-tagging-directive";

    /// <summary>Reads the request's directives, and what they need of it.</summary>
    /// <exception cref="S3Exception">InvalidArgument for an unknown directive, MetadataTooLarge.</exception>
    public static CopyMetadata Read(IHeaderDictionary headers)
    {
        // Objects have no tags: to copy them and to replace them by none is the same.
        IsReplace(headers, TaggingDirective, "Unknown tagging directive.");
        var replaced = IsReplace(headers, MetadataDirective, "Unknown metadata directive.");
        var redirect = headers[ObjectMetadata.Redirect];
        return new(
            replaced ? (ObjectMetadata.ReadSystem(headers, ContentEncoding.WithoutAwsChunked(headers.ContentEncoding)), ObjectMetadata.ReadUser(headers)) : null,
            redirect.Count > 0 ? redirect.ToString() : null);
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

    private static bool IsReplace(IHeaderDictionary headers, string name, string unknown) => headers[name].ToString() switch
    {
        "" or "COPY" => false,
        "REPLACE" => true,
        var other => throw new S3Exception(S3Errors.InvalidArgument(unknown, name, other)),
    };
}
