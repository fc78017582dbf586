using Serverless.Audit;

namespace Serverless.Objects.Tests;

/// <summary>An audit trail in memory, whose queue may be down.</summary>
internal sealed class MemoryTrail : IAuditTrail
{
    public List<AuditEvent> Events { get; } = [];

    public bool IsUnavailable { get; set; }

    public ValueTask RecordAsync(AuditEvent auditEvent, CancellationToken cancellationToken)
    {
        if (IsUnavailable) return ValueTask.FromException(new AuditUnavailableException());
        Events.Add(auditEvent);
        return ValueTask.CompletedTask;
    }
}
