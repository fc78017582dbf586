using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Cors;

/// <summary>
/// Tells browsers which answers a page of another origin may read, by the rules of the bucket (https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html; the headers are
/// those that S3 was seen to send).
/// </summary>
public sealed class CorsAnswer(IBucketStore buckets, S3Addressing addressing)
{
    private const string Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

    /// <summary>Has the answer's headers tell it, be it what was asked for or an error. A request that no page of another origin makes pays nothing.</summary>
    public void Accompany(HttpContext http)
    {
        if (CorsRequest.Of(http.Request) is not { } request) return;
        http.Response.OnStarting(async () =>
        {
            // Not asked before the operation asks: the bucket is found in memory then.
            if (await FindAsync(http).ConfigureAwait(false) is { Cors: { } cors } && cors.Rules.FirstOrDefault(rule => rule.Allows(request)) is { } rule)
                Write(http.Response.Headers, rule, request);
        });
    }

    public static void Write(IHeaderDictionary headers, CorsRule rule, CorsRequest request)
    {
        var origin = rule.AnswerTo(request.Origin);
        headers[HeaderNames.AccessControlAllowOrigin] = origin;
        headers[HeaderNames.AccessControlAllowMethods] = string.Join(", ", rule.AllowedMethods);
        if (request.Headers.Count > 0) headers[HeaderNames.AccessControlAllowHeaders] = string.Join(", ", request.Headers);
        if (rule.ExposeHeaders.Count > 0) headers[HeaderNames.AccessControlExposeHeaders] = string.Join(", ", rule.ExposeHeaders);
        if (rule.MaxAgeSeconds is { } seconds) headers[HeaderNames.AccessControlMaxAge] = seconds.ToString(CultureInfo.InvariantCulture);
        // A browser takes no credentials for an answer that is for everybody.
        if (origin != CorsRule.AnyOrigin) headers[HeaderNames.AccessControlAllowCredentials] = "true";
        headers[HeaderNames.Vary] = Vary;
    }

    private async ValueTask<Bucket?> FindAsync(HttpContext http)
    {
        try
        {
            return addressing.TryFind(http.Request) is { BucketName.Length: > 0 } address ? await buckets.FindAsync(address.BucketName, http.RequestAborted).ConfigureAwait(false) : null;
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            return null;
        }
    }
}
