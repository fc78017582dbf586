using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Buckets;

namespace Serverless.Objects.Api;

/// <summary>An authenticated request to the S3 API, and the bucket and key that its path names.</summary>
/// <param name="Payload">The body, decoded and verified as it is read.</param>
/// <param name="BucketName">The bucket's name; empty for the service itself.</param>
/// <param name="Key">The object's key; empty for a bucket.</param>
public sealed record S3Request(HttpContext Http, SignedRequest Signed, Payload Payload, string BucketName, string Key)
{
    public Caller Caller => Signed.Caller;

    public IHeaderDictionary Headers => Http.Request.Headers;

    public HttpResponse Response => Http.Response;

    public CancellationToken Aborted => Http.RequestAborted;

    public string? Header(string name) => Headers.TryGetValue(name, out var value) && value.Count > 0 ? value.ToString() : null;
}
