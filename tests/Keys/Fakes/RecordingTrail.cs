using System.Collections.Concurrent;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>An audit trail that keeps its events in memory and can be taken away.</summary>
public sealed class RecordingTrail : IAuditTrail
{
    private readonly ConcurrentQueue<AuditEvent> _events = [];

    public bool IsUnavailable { get; set; }

    public IReadOnlyList<AuditEvent> Events => [.. _events];

    public AuditEvent Last => Events[^1];

    public ValueTask RecordAsync(AuditEvent auditEvent, CancellationToken cancellationToken)
    {
        if (IsUnavailable)
        {
            throw new AuditUnavailableException();
        }

        _events.Enqueue(auditEvent);
        return default;
    }

    public IReadOnlyList<AuditEvent> Named(string name) => [.. Events.Where(e => e.EventName == name)];
}
