using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Api;

/// <summary>The S3 API: one authenticated request to its operation, and every error to S3's own answer.</summary>
public sealed class S3Endpoint(
    IBucketStore buckets, ListBuckets listBuckets, BucketOperations bucketOperations, ListObjects list, PutObject put, GetObject get, HeadObject head, DeleteObject delete,
    ServiceIdentity identity, ILogger<S3Endpoint> logger)
{
    /// <summary>How much of a refused body is read before the answer; of a longer one the server reads for a few seconds more, behind the answer.</summary>
    private const long MaxDrained = 64 << 20;

    private static readonly string HostId = Convert.ToBase64String(RandomNumberGenerator.GetBytes(48));

    /// <summary>Answers a request whose signature has been verified (or that is anonymous).</summary>
    public async Task HandleAsync(HttpContext http, SignedRequest signed)
    {
        Payload? payload = null;
        try
        {
            payload = signed.OpenPayload();
            PromoteQueryHeaders(signed, http.Request.Headers);
            var (bucket, key) = ObjectKey.SplitPath(signed.Target.RawPath);
            await DispatchAsync(new S3Request(http, signed, payload, bucket, key)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
        }
        catch (Exception e)
        {
            await FailAsync(http, e, payload).ConfigureAwait(false);
        }
        finally
        {
            payload?.Dispose();
        }
    }

    /// <summary>Answers what went wrong. An answer that has begun cannot be taken back: the connection is cut, so that the client sees it.</summary>
    /// <param name="http">The request, of which <paramref name="payload"/> is the body if it was opened.</param>
    public async Task FailAsync(HttpContext http, Exception exception, Payload? payload)
    {
        var error = S3ErrorOf(exception, http.Request);
        if (error.Status >= StatusCodes.Status500InternalServerError && error.Status != StatusCodes.Status501NotImplemented)
            logger.LogError(exception, "{Method} {RequestId} failed: {Code}", http.Request.Method, http.TraceIdentifier, error.Code);
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        var response = http.Response;
        response.Headers.Clear();
        await DrainAsync(http, payload).ConfigureAwait(false);
        WriteIds(http);
        response.StatusCode = error.Status;
        if (HttpMethods.IsHead(http.Request.Method)) return;
        var path = http.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0] ?? "";
        await S3Xml.WriteErrorAsync(response, error, path, http.TraceIdentifier, HostId).ConfigureAwait(false);
    }

    /// <summary>A client that is still sending does not look for an answer: the rest is read first. One that waits to be told to go on is not told.</summary>
    private static async ValueTask DrainAsync(HttpContext http, Payload? payload)
    {
        using var undecoded = payload is null ? Payload.Undecoded(http.Request) : null;
        var body = payload ?? undecoded!;
        if (!body.HasBegun && http.Request.Headers.Expect.Count > 0) http.Response.Headers.Connection = "close";
        else await body.DrainAsync(MaxDrained, http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The two ids that every answer of S3 carries.</summary>
    public static void WriteIds(HttpContext http)
    {
        http.Response.Headers["x-amz-request-id"] = http.TraceIdentifier;
        http.Response.Headers["x-amz-id-2"] = HostId;
    }

    private async Task DispatchAsync(S3Request request)
    {
        var operation = S3Operations.Resolve(request.Http.Request.Method, request.BucketName, request.Key, request.Signed.Target.Query);
        if (request.Signed.Service is not "s3") throw new AccessException(AccessErrors.WrongService(request.Signed.IsPresigned, request.Signed.Service));
        // Only the account's root principal has permissions; everybody else has none.
        if (request.Caller.Principal.Type is not PrincipalType.Root) throw new S3Exception(S3Errors.AccessDenied);
        if (operation is S3Operation.NotImplemented) throw new S3Exception(S3Errors.OperationNotImplemented(request.Signed.Target.RawQuery));
        if (operation is S3Operation.MethodNotAllowed) throw new S3Exception(S3Errors.MethodNotAllowed(request.Http.Request.Method));
        RefuseVersions(request);

        WriteIds(request.Http);
        if (operation is S3Operation.ListBuckets or S3Operation.CreateBucket or S3Operation.DeleteBucket)
        {
            if (request.Signed.Region != identity.Region && operation is not S3Operation.DeleteBucket)
                throw new AccessException(AccessErrors.WrongRegion(request.Signed.IsPresigned, request.Signed.Region, identity.Region));
            await (operation switch
            {
                S3Operation.ListBuckets => listBuckets.HandleAsync(request),
                S3Operation.CreateBucket => bucketOperations.CreateAsync(request),
                _ => bucketOperations.DeleteAsync(request),
            }).ConfigureAwait(false);
            return;
        }

        var bucket = await buckets.FindAsync(request.BucketName, request.Aborted).ConfigureAwait(false)
            ?? throw new S3Exception(S3Errors.NoSuchBucket(request.BucketName));
        if (request.Signed.Region != identity.Region && request.Signed.Region != bucket.Region)
            throw new AccessException(AccessErrors.WrongRegion(request.Signed.IsPresigned, request.Signed.Region, bucket.Region));
        await (operation switch
        {
            S3Operation.HeadBucket => BucketOperations.HeadAsync(request, bucket),
            S3Operation.GetBucketLocation => BucketOperations.GetLocationAsync(request, bucket),
            S3Operation.ListObjects => list.HandleAsync(request, bucket, isV2: false),
            S3Operation.ListObjectsV2 => list.HandleAsync(request, bucket, isV2: true),
            S3Operation.PutObject => put.HandleAsync(request, bucket),
            S3Operation.GetObject => get.HandleAsync(request, bucket),
            S3Operation.HeadObject => head.HandleAsync(request, bucket),
            _ => delete.HandleAsync(request, bucket),
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// In a presigned URL, <c>x-amz-…</c> query parameters stand for the headers of those names, except for a customer's key, which S3 takes as a header only.
    /// </summary>
    private static void PromoteQueryHeaders(SignedRequest signed, IHeaderDictionary headers)
    {
        if (!signed.IsPresigned) return;
        foreach (var (name, value) in signed.Target.Query)
        {
            if (name.StartsWith("x-amz-", StringComparison.Ordinal)
                && !name.Contains("-server-side-encryption-customer-", StringComparison.Ordinal))
                headers.TryAdd(name, value);
        }
    }

    /// <summary>Objects have no versions here yet but the one that S3 calls <c>null</c>.</summary>
    private static void RefuseVersions(S3Request request)
    {
        if (request.Signed.Target.Query.TryGet("versionId", out var version) && version is not "null")
            throw new S3Exception(S3Errors.InvalidArgument("Invalid version id specified", "versionId", version));
    }

    private static S3Error S3ErrorOf(Exception exception, HttpRequest request) => exception switch
    {
        S3Exception e => e.Error,
        AccessException e when e.Error.Code is "InvalidRequest" && request.Headers[SseHeaders.Algorithm].ToString().StartsWith(SseHeaders.AwsKms, StringComparison.Ordinal)
            => SseErrors.SignatureV4Needed,
        AccessException e => new(e.Error.Code, e.Error.Status, e.Error.Message) { Fields = e.Error.Fields },
        // S3 answers KMS's refusals with 400 under a prefixed code (recorded), but not a missing permission.
        KmsException { Error.Status: >= 500 } => S3Errors.ServiceUnavailable,
        KmsException { Error.Code: "AccessDeniedException" } e => S3Errors.AccessDenied with { Message = e.Error.Message },
        KmsException e => new($"KMS.{e.Error.Code}", StatusCodes.Status400BadRequest, e.Error.Message),
        BucketGoneException => S3Errors.NoSuchBucket(""),
        AuditUnavailableException or StoreUnavailableException => S3Errors.ServiceUnavailable,
        BadHttpRequestException e => new("InvalidRequest", e.StatusCode, "The request is not well-formed HTTP."),
        CorruptDataException or DataKeyException or _ => S3Errors.InternalError,
    };
}
