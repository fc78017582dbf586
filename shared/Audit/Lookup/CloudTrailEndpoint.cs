using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Access;

namespace Serverless.Audit;

/// <summary>
/// The CloudTrail API, of which this service has LookupEvents: AWS JSON 1.1, <c>POST /</c> with <c>X-Amz-Target</c>
/// (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html).
/// </summary>
public sealed class CloudTrailEndpoint(IAuditStore store, ServiceIdentity identity, TimeProvider time, ILogger<CloudTrailEndpoint> logger)
{
    /// <summary>What <c>X-Amz-Target</c> begins with; SDKs send the long form.</summary>
    private static readonly string[] TargetPrefixes = ["com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.", "CloudTrail_20131101."];

    private readonly EventLookup lookup = new(store);

    /// <summary>Whether an <c>X-Amz-Target</c> is of the CloudTrail API.</summary>
    public static bool IsTarget(string target) => Operation(target) is not null;

    /// <summary>Answers a request, also where it is refused or fails: an error is JSON with a type and a message, with status 400, 413 or 500.</summary>
    /// <param name="context">The request and its response.</param>
    /// <param name="request">The same request, authenticated; its caller must be permitted <c>cloudtrail:LookupEvents</c>.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async Task HandleAsync(HttpContext context, SignedRequest request, CancellationToken cancellationToken)
    {
        RequestTelemetry.Current?.Api = "cloudtrail";
        var body = new ArrayBufferWriter<byte>();
        var status = StatusCodes.Status200OK;
        try
        {
            Authorize(request);
            if (Operation(context.Request.Headers["X-Amz-Target"].ToString()) != "LookupEvents") throw new CloudTrailException(CloudTrailError.UnknownOperation);
            RequestTelemetry.Current?.Operation = "LookupEvents";
            await AnswerAsync(await request.ReadBodyAsync(LookupRequest.MaxBytes, cancellationToken).ConfigureAwait(false), body, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            var error = ErrorOf(failure);
            if (error.Status >= StatusCodes.Status500InternalServerError) logger.LogError(failure, "LookupEvents {RequestId} failed.", request.Caller.RequestId);
            RequestTelemetry.Current?.Error = error.Code;
            status = error.Status;
            body.ResetWrittenCount();
            JsonAnswer.WriteError(body, error.Code, error.Message);
        }
        await JsonAnswer.SendAsync(context, request.Caller.RequestId, status, body.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    private async Task AnswerAsync(ReadOnlyMemory<byte> requestBody, IBufferWriter<byte> body, CancellationToken cancellationToken)
    {
        var (records, nextToken) = await lookup.FindAsync(LookupRequest.Parse(requestBody.Span, time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        LookupAnswer.Write(body, records, nextToken);
    }

    /// <summary>A signature for another service is refused first: S3's, for one, need not cover the body.</summary>
    private void Authorize(SignedRequest request)
    {
        if (!request.IsAnonymous && (request.Service != "cloudtrail" || request.Region != identity.Region))
            throw new CloudTrailException(CloudTrailError.WrongScope(identity.Region));
        var caller = request.Caller;
        var asked = new PolicyRequest(caller.Principal, CloudTrailError.LookupEvents, "*", new GlobalConditionKeys(caller, identity.Region, time.GetUtcNow()));
        if (AccessDecision.ByIdentity(asked, caller.Policies) is { IsAllowed: false, Reason: var reason })
            throw new CloudTrailException(CloudTrailError.AccessDenied(caller.Principal.Arn is "" ? caller.Principal.UserName : caller.Principal.Arn, reason));
    }

    private static string? Operation(string target) =>
        TargetPrefixes.FirstOrDefault(prefix => target.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix ? target[prefix.Length..] : null;

    private static CloudTrailError ErrorOf(Exception failure) => failure switch
    {
        CloudTrailException refused => refused.Error,
        AccessException refused when refused.Error == AccessErrors.EntityTooLarge => CloudTrailError.TooLarge,
        AccessException refused => new(refused.Error.Code, refused.Error.Status, refused.Error.Message),
        _ => CloudTrailError.Internal,
    };
}
