using Serverless.Access;

namespace Serverless.Audit;

/// <summary>
/// The audit trail as requests see it, by group commit: an event that finds no message under way is sent at once, and those that come meanwhile go together in the next.
/// So an idle service adds one queue call to a request and a busy one a fraction of a call, and no timer delays either.
/// </summary>
/// <remarks>One instance for the process. Disposing it takes no more events and waits for those that it has.</remarks>
public sealed class AuditTrail(IAuditQueue queue, ServiceIdentity identity, TimeProvider time) : IAuditTrail, IAsyncDisposable
{
    /// <summary>
    /// From an event's arrival to its outcome. A request that holds a key must not wait longer: its client has a deadline, too, and a 503 can be retried.
    /// </summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>Beyond the first, a message is only sent beside others when it is full: that adds throughput under load and costs no call more.</summary>
    internal const int MaxSends = 4;

    /// <summary>Messages that may wait, 3 MiB: many thousand events, more than can be sent before they are too late.</summary>
    internal const int MaxWaiting = 64;

    private readonly Lock gate = new();
    private readonly Queue<AuditMessage> waiting = new();
    // The last one of those that wait, which events may still join.
    private AuditMessage? open;
    private int sends;
    private TaskCompletionSource? drained;

    /// <inheritdoc/>
    public ValueTask RecordAsync(AuditEvent auditEvent, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var entry = AuditEntry.Write(auditEvent, identity.AccountId);
        AuditMessage message;
        bool send;
        lock (gate)
        {
            if (drained is not null) throw new AuditUnavailableException("The audit trail is shutting down.");
            message = AddToOpenMessage(entry);
            send = sends < MaxSends && SomethingToSend(sends);
            if (send) sends++;
        }
        if (send) StartSending();
        return message.SentAsync(cancellationToken);
    }

    /// <summary>Waits until every event that was taken has its outcome, at most <see cref="LongestWait"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (sends == 0) drained.TrySetResult();
        }
        await drained.Task.ConfigureAwait(false);
    }

    private AuditMessage AddToOpenMessage(ReadOnlySpan<byte> entry)
    {
        if (open is not null && open.TryAdd(entry)) return open;
        if (waiting.Count == MaxWaiting) throw new AuditUnavailableException("Too many audit events wait for the queue.");
        open = new AuditMessage(time.GetTimestamp());
        open.TryAdd(entry);
        waiting.Enqueue(open);
        return open;
    }

    /// <summary>Beside other sends, the open message is left to fill.</summary>
    private bool SomethingToSend(int otherSends) => waiting.Count > (otherSends == 0 ? 0 : 1);

    /// <summary>The sender outlives the request that starts it, so it does not carry that request's context.</summary>
    private void StartSending()
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            _ = SendWaitingAsync();
            return;
        }
        using (ExecutionContext.SuppressFlow()) _ = SendWaitingAsync();
    }

    private async Task SendWaitingAsync()
    {
        while (TakeNext() is { } message) message.Complete(await SendAsync(message).ConfigureAwait(false));
    }

    private AuditMessage? TakeNext()
    {
        lock (gate)
        {
            if (SomethingToSend(sends - 1))
            {
                var next = waiting.Dequeue();
                if (next == open) open = null;
                return next;
            }
            if (--sends == 0) drained?.TrySetResult();
            return null;
        }
    }

    private async Task<Exception?> SendAsync(AuditMessage message)
    {
        var left = LongestWait - time.GetElapsedTime(message.OpenedAt);
        if (left <= TimeSpan.Zero) return new TimeoutException("The audit queue was busy for too long.");
        using var timeout = new CancellationTokenSource(left, time);
        try
        {
            await queue.SendAsync(message.Close(), timeout.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
