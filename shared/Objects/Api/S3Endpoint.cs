using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Serverless.Access;

namespace Serverless.Objects.Api;

/// <summary>The S3 API as HTTP: an authenticated request in, and whatever goes wrong out as S3's own answer.</summary>
public sealed class S3Endpoint(S3Dispatcher dispatcher, S3Addressing addressing, AuthenticationTrail failures, ILogger<S3Endpoint> logger)
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
            var address = addressing.Of(http.Request, signed.Target);
            if (WaitsInVain(http.Request)) http.Response.Headers.Connection = "close";
            await dispatcher.DispatchAsync(new S3Request(http, signed, payload, address.BucketName, address.Key) { IsBucketInHost = address.IsInHost }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
        }
        catch (Exception e)
        {
            // The request's own signature was right: it is one of the body's chunks that does not match.
            if (e is AccessException { Error.Code: "SignatureDoesNotMatch" } mismatch && !signed.IsAnonymous)
            {
                var operation = ClaimedOperation.OfS3(http.Request, addressing.TryFind(http.Request), signed.Target.Query);
                await failures.RecordAsync(signed.Caller, operation, "AuthHeader", mismatch.Error).ConfigureAwait(false);
            }
            await FailAsync(http, e, payload).ConfigureAwait(false);
        }
        finally
        {
            payload?.Dispose();
        }
    }

    /// <summary>
    /// Answers what went wrong. An answer that has begun cannot be taken back: the connection is cut, so that the client sees it,
    /// unless the answer's document is still to come.
    /// </summary>
    /// <param name="http">The request, of which <paramref name="payload"/> is the body if it was opened.</param>
    public async Task FailAsync(HttpContext http, Exception exception, Payload? payload)
    {
        var error = S3Failures.ErrorOf(exception, http.Request);
        RequestTelemetry.Current?.Error = error.Code;
        if (error.Status >= StatusCodes.Status500InternalServerError && error.Status != StatusCodes.Status501NotImplemented)
            logger.LogError(exception, "{Method} {RequestId} failed: {Code}", http.Request.Method, http.TraceIdentifier, error.Code);
        var response = http.Response;
        if (!response.HasStarted)
        {
            response.Headers.Clear();
            await DrainAsync(http, payload).ConfigureAwait(false);
            WriteIds(http);
            foreach (var (name, value) in error.Headers) response.Headers[name] = value;
            response.StatusCode = error.Status;
            if (HttpMethods.IsHead(http.Request.Method)) return;
        }
        else if (!SlowAnswer.HasBegun(http))
        {
            http.Abort();
            return;
        }
        var path = http.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0] ?? "";
        var resource = addressing.BucketOf(http.Request.Host) is { } bucket ? $"/{bucket}{path}" : path;
        await S3Xml.WriteErrorAsync(response, error, resource, http.TraceIdentifier, HostId).ConfigureAwait(false);
    }

    /// <summary>A client that is still sending does not look for an answer: the rest is read first. One that waits to be told to go on is not told.</summary>
    private static async ValueTask DrainAsync(HttpContext http, Payload? payload)
    {
        using var undecoded = payload is null ? Payload.Undecoded(http.Request) : null;
        var body = payload ?? undecoded!;
        if (WaitsInVain(http.Request) || (!body.HasBegun && http.Request.Headers.Expect.Count > 0)) http.Response.Headers.Connection = "close";
        else await body.DrainAsync(MaxDrained, http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether the client waits to be told to go on though it has nothing to send, so that the server does not tell it. The AWS CLI would take the next answer on the connection wrong,
    /// and wait for its end: there must be none.
    /// </summary>
    private static bool WaitsInVain(HttpRequest request) => request.ContentLength == 0 && request.Headers.Expect.Count > 0;

    /// <summary>The two ids that every answer of S3 carries.</summary>
    public static void WriteIds(HttpContext http)
    {
        http.Response.Headers["x-amz-request-id"] = http.TraceIdentifier;
        http.Response.Headers["x-amz-id-2"] = HostId;
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
}
