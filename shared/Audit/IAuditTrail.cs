namespace Serverless.Audit;

/// <summary>Where events go: no audit, no key.</summary>
public interface IAuditTrail
{
    /// <summary>
    /// When this returns, the event is durably on the queue. A plaintext leaves, and a write is acknowledged, only after that.
    /// </summary>
    /// <exception cref="AuditUnavailableException">The queue did not take it; the caller answers 503 and does nothing.</exception>
    ValueTask RecordAsync(AuditEvent auditEvent, CancellationToken cancellationToken);
}

/// <summary>The audit queue did not accept an event.</summary>
public sealed class AuditUnavailableException : Exception
{
    public AuditUnavailableException() : base("The audit trail is unavailable.") { }

    public AuditUnavailableException(string message) : base(message) { }

    public AuditUnavailableException(Exception inner) : base("The audit trail is unavailable.", inner) { }

    public AuditUnavailableException(string message, Exception inner) : base(message, inner) { }
}
