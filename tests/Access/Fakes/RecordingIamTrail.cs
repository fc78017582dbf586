using System.Collections.Concurrent;

namespace Serverless.Access.Tests;

/// <summary>An audit trail that keeps calls in memory and can be taken away.</summary>
internal sealed class RecordingIamTrail : IIamTrail
{
    private readonly ConcurrentQueue<IamEvent> calls = [];

    public bool IsUnavailable { get; set; }

    public IReadOnlyList<IamEvent> Calls => [.. calls];

    public IamEvent Last => Calls[^1];

    public ValueTask<bool> TryRecordAsync(IamEvent call, CancellationToken cancellationToken)
    {
        if (!IsUnavailable) calls.Enqueue(call with { Parameters = call.Parameters?.DeepClone().AsObject() });
        return new(!IsUnavailable);
    }
}
