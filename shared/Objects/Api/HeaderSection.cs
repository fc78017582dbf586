using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Objects.Api;

/// <summary>The part of a request before its body, which S3 takes up to 8 KiB of (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). The server takes more, so that S3's answer can be given.</summary>
internal static class HeaderSection
{
    private const int MaxSize = 8192;

    /// <summary>What front ends add, which no client can make smaller.</summary>
    private static readonly string[] OfFrontEnds = ["X-Forwarded-", "X-WAWS-", "X-ARR-", "X-MS-", "X-Original-", "X-AppService-", "X-SITE-"];

    /// <exception cref="S3Exception">RequestHeaderSectionTooLarge.</exception>
    public static void RequireSize(HttpRequest request)
    {
        var size = request.Method.Length + (request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget.Length ?? 0) + "  HTTP/1.1\r\n\r\n".Length;
        foreach (var (name, values) in request.Headers)
        {
            foreach (var value in values) size += name.Length + (value?.Length ?? 0) + ": \r\n".Length;
        }
        if (size > MaxSize && size - AddedTo(request) > MaxSize) throw new S3Exception(S3Errors.RequestHeaderSectionTooLarge(MaxSize));
    }

    private static int AddedTo(HttpRequest request) => request.Headers
        .Where(header => OfFrontEnds.Any(prefix => header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
        .Sum(header => header.Value.Sum(value => header.Key.Length + (value?.Length ?? 0) + ": \r\n".Length));
}
