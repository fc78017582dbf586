namespace Serverless.Audit.Tests.Fakes;

/// <summary>The chain in memory.</summary>
internal sealed class MemoryDigestStore : IDigestStore
{
    private readonly Lock gate = new();

    public SortedList<long, SealedDigest> Digests { get; } = [];

    /// <summary>Called before and after each change.</summary>
    public Action Step { get; set; } = () => { };

    public SealedDigest Newest => Digests.Values[^1];

    public ValueTask<IReadOnlyList<SealedDigest>> ReadAsync(AuditHour? from, int limit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var last = Digests.Count - 1;
            while (from is { } hour && last >= 0 && Digests.Keys[last] > hour.Number) last--;
            return new([.. Enumerable.Range(0, Math.Min(limit, last + 1)).Select(back => Digests.Values[last - back])]);
        }
    }

    public ValueTask<bool> TryAddAsync(SealedDigest digest, CancellationToken cancellationToken)
    {
        Step();
        bool added;
        lock (gate) added = Digests.TryAdd(digest.Hour.Number, digest);
        Step();
        return new(added);
    }
}
