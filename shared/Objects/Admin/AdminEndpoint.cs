using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Keys;
using Serverless.Objects.Store;

namespace Serverless.Objects.Admin;

/// <summary>
/// The API by which the service itself is looked after: AWS JSON 1.1, <c>POST /</c> with <c>X-Amz-Target: ServerlessSse_20261125.OPERATION</c>, signed for the service
/// <c>sse</c> in the deployment's own Region. What anybody but the account's root may do, identity policies say, as <c>sse:OPERATION</c>.
/// </summary>
public sealed class AdminEndpoint(
    IEnumerable<IAdminOperation> operations, AdminTrail trail, ServiceIdentity identity, TimeProvider time, ILogger<AdminEndpoint> logger)
{
    /// <summary>The prefix of <c>X-Amz-Target</c> in the API's requests.</summary>
    public const string TargetPrefix = "ServerlessSse_20261125.";

    /// <summary>The service's name in signatures and, before a colon, in policies.</summary>
    public const string Service = "sse";

    private const string TargetHeader = "X-Amz-Target";

    private readonly FrozenDictionary<string, IAdminOperation> operations =
        operations.ToFrozenDictionary(operation => TargetPrefix + operation.Name, StringComparer.Ordinal);

    /// <summary>Whether an <c>X-Amz-Target</c> is of this API.</summary>
    public static bool IsTarget(string target) => target.StartsWith(TargetPrefix, StringComparison.Ordinal);

    /// <summary>Answers a request whose signature is verified, or that is anonymous. Whatever happens but the client's going, the answer is one of the API's.</summary>
    public async Task HandleAsync(HttpContext context, SignedRequest request, CancellationToken cancellationToken)
    {
        RequestTelemetry.Current?.Api = Service;
        var answer = new ArrayBufferWriter<byte>();
        var status = StatusCodes.Status200OK;
        try
        {
            await CallAsync(context.Request.Headers[TargetHeader].ToString(), request, answer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var error = ErrorOf(failure);
            if (error.Status >= StatusCodes.Status500InternalServerError) logger.LogError(failure, "A request of the admin API failed: {RequestId}.", request.Caller.RequestId);
            RequestTelemetry.Current?.Error = error.Code;
            status = error.Status;
            answer.ResetWrittenCount();
            JsonAnswer.WriteError(answer, error.Code, error.Message);
        }
        await JsonAnswer.SendAsync(context, request.Caller.RequestId, status, answer.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    private async Task CallAsync(string target, SignedRequest request, ArrayBufferWriter<byte> answer, CancellationToken cancellationToken)
    {
        // Neither is recorded: there is nobody to name, or nothing.
        RequireSigned(request);
        if (!operations.TryGetValue(target, out var operation)) throw new AdminException(AdminErrors.UnknownOperation);

        RequestTelemetry.Current?.Operation = operation.Name;
        var call = new AdminCall(operation, request.Caller);
        try
        {
            Authorize(call);
            var members = AdminRequest.Parse(await request.ReadBodyAsync(AdminRequest.MaxBytes, cancellationToken).ConfigureAwait(false));
            call.Parameters = members.ToParameters(operation.Members);
            members.AllowOnly(operation.Name, operation.Members);
            await using var writer = new Utf8JsonWriter(answer);
            await operation.RunAsync(members, call, writer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (ErrorOf(failure) is { Status: < StatusCodes.Status500InternalServerError } refusal)
        {
            await trail.RecordRefusalAsync(call, refusal, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A signature for another service is refused first: S3's, for one, need not cover the body.</summary>
    private void RequireSigned(SignedRequest request)
    {
        if (request.IsAnonymous) throw new AdminException(AdminErrors.MissingAuthentication);
        if (request.Service != Service || request.Region != identity.Region) throw new AdminException(AdminErrors.WrongScope(identity.Region));
    }

    private void Authorize(AdminCall call)
    {
        var (caller, action) = (call.Caller, $"{Service}:{call.Operation.Name}");
        var asked = new PolicyRequest(caller.Principal, action, "*", new GlobalConditionKeys(caller, identity.Region, time.GetUtcNow()));
        if (AccessDecision.ByIdentity(asked, caller.Policies) is { IsAllowed: false, Reason: var reason })
            throw new AdminException(AdminErrors.AccessDenied(caller.Principal.Arn, action, reason));
    }

    private static AdminError ErrorOf(Exception failure) => failure switch
    {
        AdminException refused => refused.Error,
        AccessException refused when refused.Error == AccessErrors.EntityTooLarge => AdminErrors.TooLarge,
        AccessException refused => new(refused.Error.Code, refused.Error.Message, refused.Error.Status),
        AuditUnavailableException => AdminErrors.AuditUnavailable,
        StoreUnavailableException or RootKeyUnavailableException => AdminErrors.Unavailable,
        _ => AdminErrors.Internal,
    };
}
