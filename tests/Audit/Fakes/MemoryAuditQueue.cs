using System.Text;

namespace Serverless.Audit.Tests.Fakes;

/// <summary>A queue in memory whose sends end when the test says so.</summary>
internal sealed class MemoryAuditQueue : IAuditQueue
{
    private readonly Lock gate = new();
    private readonly List<string> messages = [];
    private readonly Queue<TaskCompletionSource> held = new();
    private bool holds;
    private int mostAtOnce;

    /// <summary>What is durably in the queue.</summary>
    public IReadOnlyList<string> Messages
    {
        get { lock (gate) return [.. messages]; }
    }

    /// <summary>Sends that have begun and not ended.</summary>
    public int UnderWay
    {
        get { lock (gate) return held.Count; }
    }

    public int MostAtOnce
    {
        get { lock (gate) return mostAtOnce; }
    }

    /// <summary>From now on, every send waits for <see cref="Release"/>, <see cref="Fail"/> or its token.</summary>
    public void Hold()
    {
        lock (gate) holds = true;
    }

    /// <summary>Lets the oldest send end well.</summary>
    public void Release() => Oldest().SetResult();

    /// <summary>Lets the oldest send fail.</summary>
    public void Fail(Exception failure) => Oldest().SetException(failure);

    /// <summary>Lets all sends end well, now and from now on.</summary>
    public void ReleaseAll()
    {
        lock (gate)
        {
            holds = false;
            while (held.TryDequeue(out var send)) send.TrySetResult();
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        Assert.InRange(message.Length, 2, 48 * 1024);
        TaskCompletionSource? send = null;
        lock (gate)
        {
            if (holds)
            {
                held.Enqueue(send = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                mostAtOnce = Math.Max(mostAtOnce, held.Count);
            }
        }
        if (send is not null) await send.Task.WaitAsync(cancellationToken);
        lock (gate) messages.Add(Encoding.UTF8.GetString(message.Span));
    }

    public ValueTask<AuditQueueState> ReadStateAsync(CancellationToken cancellationToken) => new(new AuditQueueState(Messages.Count, Poison: 0));

    private TaskCompletionSource Oldest()
    {
        lock (gate) return held.Dequeue();
    }
}
