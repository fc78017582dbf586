using System.Collections.Concurrent;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>An audit trail that keeps its events in memory and can be taken away.</summary>
public sealed class RecordingTrail : IAuditTrail
{
    private readonly ConcurrentQueue<AuditEvent> _events = [];

    public bool IsUnavailable { get; set; }

    /// <summary>Awaited before an event is kept.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Awaited when it is kept.</summary>
    public Func<string, Task> After { get; set; } = _ => Task.CompletedTask;

    public IReadOnlyList<AuditEvent> Events => [.. _events];

    public AuditEvent Last => Events[^1];

    public async ValueTask RecordAsync(AuditEvent auditEvent, CancellationToken cancellationToken)
    {
        if (IsUnavailable)
        {
            throw new AuditUnavailableException();
        }

        await Before(nameof(RecordAsync));
        _events.Enqueue(auditEvent);
        await After(nameof(RecordAsync));
    }

    public IReadOnlyList<AuditEvent> Named(string name) => [.. Events.Where(e => e.EventName == name)];
}
