using Serverless.Access;

namespace Serverless.Audit;

/// <summary>Calls of the IAM API on the trail (https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html), in the service's own Region, where LookupEvents looks.</summary>
internal sealed class IamTrail(IAuditTrail trail, ServiceIdentity identity, TimeProvider time) : IIamTrail
{
    private const string EventSource = "iam.amazonaws.com";

    /// <inheritdoc/>
    public async ValueTask<bool> TryRecordAsync(IamEvent call, CancellationToken cancellationToken)
    {
        try
        {
            await trail.RecordAsync(EventOf(call), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (AuditUnavailableException)
        {
            return false;
        }
    }

    private AuditEvent EventOf(IamEvent call) => new()
    {
        EventTime = time.GetUtcNow(),
        EventSource = EventSource,
        EventName = call.Action,
        Region = identity.Region,
        Caller = call.Caller,
        ReadOnly = call.IsReadOnly,
        RequestParameters = call.Parameters,
        ResponseElements = call.Response,
        Resources = call.UserArn is { } arn ? [new(AuditResource.IamUserType, arn)] : [],
        ErrorCode = call.Refusal?.Code,
        ErrorMessage = call.Refusal?.Message,
    };
}
