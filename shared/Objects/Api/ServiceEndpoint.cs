using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Keys;
using Serverless.Objects.Admin;
using Serverless.Objects.Cors;
using Serverless.Objects.Store;

namespace Serverless.Objects.Api;

/// <summary>
/// The one door: authenticates a request and hands it to the API that it is for. KMS, CloudTrail and the admin API are <c>POST /</c> with an <c>X-Amz-Target</c>,
/// IAM and STS a form posted to <c>/</c> or a query with an action, signed for them, as their clients send it; everything else is S3.
/// </summary>
public sealed class ServiceEndpoint(
    RequestAuthenticator authenticator, S3Endpoint s3, KmsEndpoint kms, CloudTrailEndpoint cloudTrail, AdminEndpoint admin, IamEndpoint iam,
    StsEndpoint sts, HealthEndpoint health, S3Addressing addressing, AuthenticationTrail failures, CorsAnswer cors, Preflight preflight)
{
    private const string TargetHeader = "X-Amz-Target";

    public async Task HandleAsync(HttpContext http)
    {
        var telemetry = RequestTelemetry.Begin();
        try
        {
            await AnswerAsync(http).ConfigureAwait(false);
        }
        finally
        {
            telemetry?.End(http);
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        // The form of S3's request ids: 16 upper-case characters.
        http.TraceIdentifier = RandomNumberGenerator.GetHexString(16);
        var isOnBucket = addressing.BucketOf(http.Request.Host) is not null;
        if (!isOnBucket && HealthEndpoint.IsAsked(http.Request))
        {
            RequestTelemetry.Current?.Api = "health";
            await health.HandleAsync(http).ConfigureAwait(false);
            return;
        }

        var target = !isOnBucket && HttpMethods.IsPost(http.Request.Method) && http.Request.Path == "/" ? http.Request.Headers[TargetHeader].ToString() : "";
        var isQuery = !isOnBucket && target.Length == 0 && QueryAnswer.IsExpected(http.Request);
        SignedRequest signed;
        try
        {
            if (target.Length == 0 && !isQuery) HeaderSection.RequireSize(http.Request);
            if (HttpMethods.IsOptions(http.Request.Method))
            {
                await preflight.HandleAsync(http).ConfigureAwait(false);
                return;
            }
            cors.Accompany(http);
            signed = await authenticator.AuthenticateAsync(http, http.TraceIdentifier, http.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            await FailAsync(http, target, isQuery, e).ConfigureAwait(false);
            return;
        }
        await DispatchAsync(http, target, isQuery, signed).ConfigureAwait(false);
    }

    private Task DispatchAsync(HttpContext http, string target, bool isQuery, SignedRequest signed)
    {
        if (target.Length > 0)
        {
            return CloudTrailEndpoint.IsTarget(target) ? cloudTrail.HandleAsync(http, signed, http.RequestAborted)
                : AdminEndpoint.IsTarget(target) ? admin.HandleAsync(http, signed, http.RequestAborted)
                : kms.HandleAsync(http, signed, http.RequestAborted);
        }
        if (isQuery)
        {
            // An unsigned request says of neither API that it is for it, and is refused by both.
            if (signed.IsAnonymous || signed.Service is "iam") return iam.HandleAsync(http, signed, http.RequestAborted);
            if (signed.Service is "sts") return sts.HandleAsync(http, signed, http.RequestAborted);
        }
        return s3.HandleAsync(http, signed);
    }

    /// <summary>Answers a request that could not be authenticated in the form of the API that it looks like.</summary>
    private async Task FailAsync(HttpContext http, string target, bool isQuery, Exception failure)
    {
        if (failure is AccessException { Error: { Code: not ("InvalidURI" or "EntityTooLarge" or "IncompleteBody" or "RequestTimeout"), Status: < StatusCodes.Status500InternalServerError } error })
            await RecordAsync(http, target, isQuery, error).ConfigureAwait(false);
        var refused = failure switch
        {
            AccessException e => e.Error,
            StoreUnavailableException or RootKeyUnavailableException => AccessErrors.ServiceUnavailable,
            _ => null,
        };
        await (refused is null ? s3.FailAsync(http, failure, payload: null)
            : target.Length > 0 ? JsonAnswer.SendAsync(http, http.TraceIdentifier, refused, http.RequestAborted)
            : isQuery ? QueryAnswer.RefuseAsync(http, http.TraceIdentifier, refused, http.RequestAborted)
            : s3.FailAsync(http, failure, payload: null)).ConfigureAwait(false);
    }

    private async ValueTask RecordAsync(HttpContext http, string target, bool isQuery, AccessError error)
    {
        if (authenticator.ClaimOf(http.Request, http.TraceIdentifier) is not var (claim, caller)) return;
        var operation = target.Length > 0 ? ClaimedOperation.OfTarget(target)
            : isQuery ? ClaimedOperation.OfQuery(claim.Service, QueryAnswer.ActionOf(http.Request))
            : ClaimedOperation.OfS3(http.Request, addressing.TryFind(http.Request), authenticator.TryTargetOf(http.Request)?.Query);
        var answer = target.Length > 0 ? SignatureErrors.ForJson(error) : isQuery ? SignatureErrors.ForQuery(error) : error;
        await failures.RecordAsync(caller, operation, claim.Method, answer).ConfigureAwait(false);
    }
}
