using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Keys;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Api;

/// <summary>
/// The one door: authenticates a request and hands it to the API that it is for. KMS and CloudTrail are <c>POST /</c> with an <c>X-Amz-Target</c>, as their clients
/// send it; everything else is S3.
/// </summary>
public sealed class ServiceEndpoint(
    RequestAuthenticator authenticator, S3Endpoint s3, KmsEndpoint kms, CloudTrailEndpoint cloudTrail, IBucketStore buckets)
{
    private const string TargetHeader = "X-Amz-Target";
    private const string HealthPath = "/_health/";

    public async Task HandleAsync(HttpContext http)
    {
        // The form of S3's request ids: 16 upper-case characters.
        http.TraceIdentifier = RandomNumberGenerator.GetHexString(16);
        // No bucket's name begins with an underscore.
        if (http.Request.Path.Value?.StartsWith(HealthPath, StringComparison.Ordinal) is true)
        {
            await AnswerHealthAsync(http).ConfigureAwait(false);
            return;
        }

        var target = HttpMethods.IsPost(http.Request.Method) && http.Request.Path == "/" ? http.Request.Headers[TargetHeader].ToString() : "";
        SignedRequest signed;
        try
        {
            signed = await authenticator.AuthenticateAsync(http, http.TraceIdentifier, http.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            await (target.Length > 0 && e is AccessException refused
                ? JsonAnswer.SendAsync(http, http.TraceIdentifier, refused.Error, http.RequestAborted)
                : s3.FailAsync(http, e, payload: null)).ConfigureAwait(false);
            return;
        }

        if (target.Length == 0) await s3.HandleAsync(http, signed).ConfigureAwait(false);
        else if (CloudTrailEndpoint.IsTarget(target)) await cloudTrail.HandleAsync(http, signed, http.RequestAborted).ConfigureAwait(false);
        else await kms.HandleAsync(http, signed, http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Liveness, and readiness: whether the store answers. Neither says anything else.</summary>
    private async Task AnswerHealthAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status200OK;
        if (http.Request.Path == HealthPath + "ready")
        {
            try
            {
                await buckets.FindAsync("health", http.RequestAborted).ConfigureAwait(false);
            }
            catch (StoreUnavailableException)
            {
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
        }
        else if (http.Request.Path != HealthPath + "live")
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}
