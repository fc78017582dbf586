using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Objects.Admin;

/// <summary>Puts calls of the admin API on the audit trail: those that change something, and whatever is refused.</summary>
public sealed class AdminTrail(IAuditTrail trail, ServiceIdentity identity, TimeProvider time)
{
    public const string EventSource = "sse.amazonaws.com";

    /// <summary>Records a call that will take effect, once however often it is tried. When this returns, it may.</summary>
    /// <exception cref="AuditUnavailableException">It may not.</exception>
    public async ValueTask RecordAsync(AdminCall call, CancellationToken cancellationToken)
    {
        if (call.IsRecorded) return;
        await trail.RecordAsync(EventOf(call), cancellationToken).ConfigureAwait(false);
        call.IsRecorded = true;
    }

    /// <summary>Records a call that is refused, perhaps after it was recorded as one that takes effect (a lost race).</summary>
    public ValueTask RecordRefusalAsync(AdminCall call, AdminError error, CancellationToken cancellationToken) =>
        trail.RecordAsync(EventOf(call) with { ErrorCode = error.Code, ErrorMessage = error.Message }, cancellationToken);

    private AuditEvent EventOf(AdminCall call) => new()
    {
        EventTime = time.GetUtcNow(),
        EventSource = EventSource,
        EventName = call.Operation.Name,
        Region = identity.Region,
        Caller = call.Caller,
        ReadOnly = call.Operation.IsReadOnly,
        RequestParameters = call.Parameters.Count > 0 ? call.Parameters : null,
        AdditionalEventData = call.AdditionalData.Count > 0 ? call.AdditionalData : null,
    };
}
