using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Buckets;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Api;

/// <summary>An authenticated request to the S3 API, and the bucket and key that its path names.</summary>
/// <param name="Payload">The body, decoded and verified as it is read.</param>
/// <param name="BucketName">The bucket's name; empty for the service itself.</param>
/// <param name="Key">The object's key; empty for a bucket.</param>
public sealed record S3Request(HttpContext Http, SignedRequest Signed, Payload Payload, string BucketName, string Key)
{
    /// <summary>The version of the object that the request names, as it was sent; null where it names none.</summary>
    public string? NamedVersion { get; init; } = Signed.Target.Query.Find(VersionId.Parameter);

    /// <summary>The same as a version's id.</summary>
    /// <exception cref="S3Exception">InvalidArgument: no version can have it.</exception>
    public VersionId? Version => VersionId.Parse(NamedVersion);

    public Caller Caller => Signed.Caller;

    /// <summary>Whether the host names the bucket, rather than the path.</summary>
    public bool IsBucketInHost { get; init; }

    /// <summary>What the request says of itself: its headers, or a form's fields that stand for such.</summary>
    public IHeaderDictionary Headers { get; init; } = Http.Request.Headers;

    /// <summary>The bucket's address as the client wrote it, without a slash behind it.</summary>
    public string BucketUrl => $"{(Caller.IsSecureTransport ? "https" : "http")}://{Http.Request.Host}{(IsBucketInHost ? "" : "/" + BucketName)}";

    public HttpResponse Response => Http.Response;

    public CancellationToken Aborted => Http.RequestAborted;

    public string? Header(string name) => Headers.TryGetValue(name, out var value) && value.Count > 0 ? value.ToString() : null;
}
