using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Serverless.Objects.Api;

/// <summary>The headers that S3 keeps with an object and answers with (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html).</summary>
public static class ObjectMetadata
{
    public const string UserPrefix = "x-amz-meta-";

    public const string Redirect = "x-amz-website-redirect-location";

    /// <summary>The most that names and values of the user's metadata may take, in bytes of UTF-8.</summary>
    private const int MaxUserSize = 2048;

    private const string DefaultContentType = "binary/octet-stream";

    private static readonly string[] SystemHeaders =
    [
        HeaderNames.CacheControl, HeaderNames.ContentDisposition, HeaderNames.ContentLanguage, HeaderNames.Expires, Redirect,
    ];

    /// <summary>What a GET may replace, by the query parameter that replaces it.</summary>
    public static IReadOnlyList<(string Parameter, string Header)> ResponseOverrides { get; } =
    [
        ("response-cache-control", HeaderNames.CacheControl),
        ("response-content-disposition", HeaderNames.ContentDisposition),
        ("response-content-encoding", HeaderNames.ContentEncoding),
        ("response-content-language", HeaderNames.ContentLanguage),
        ("response-content-type", HeaderNames.ContentType),
        ("response-expires", HeaderNames.Expires),
    ];

    /// <param name="headers">The request's headers.</param>
    /// <param name="contentEncoding">The Content-Encoding without the transfer's own <c>aws-chunked</c>; null when nothing is left.</param>
    public static SortedDictionary<string, string> ReadSystem(IHeaderDictionary headers, string? contentEncoding)
    {
        var kept = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [HeaderNames.ContentType] = headers.TryGetValue(HeaderNames.ContentType, out var type) && !string.IsNullOrEmpty(type) ? type.ToString() : DefaultContentType,
        };
        if (!string.IsNullOrEmpty(contentEncoding)) kept[HeaderNames.ContentEncoding] = contentEncoding;
        foreach (var name in SystemHeaders)
        {
            if (headers.TryGetValue(name, out var value) && value.Count > 0) kept[name] = value.ToString();
        }
        return kept;
    }

    /// <exception cref="S3Exception">MetadataTooLarge.</exception>
    public static SortedDictionary<string, string> ReadUser(IHeaderDictionary headers)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var size = 0;
        foreach (var (name, value) in headers)
        {
            if (!name.StartsWith(UserPrefix, StringComparison.OrdinalIgnoreCase)) continue;
            var key = name[UserPrefix.Length..].ToLowerInvariant();
            metadata[key] = value.ToString();
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(metadata[key]);
        }
        return size <= MaxUserSize ? metadata : throw new S3Exception(S3Errors.MetadataTooLarge(size, MaxUserSize));
    }
}
