namespace Serverless.Keys.Tests;

/// <summary>The wrapped key of audit digests in memory.</summary>
public sealed class InMemoryDigestKeyStore : IDigestKeyStore
{
    private readonly Lock _lock = new();

    public byte[]? Wrapped { get; set; }

    public ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken) => new(Wrapped);

    public ValueTask<bool> TryCreateAsync(byte[] wrapped, CancellationToken cancellationToken) => TryReplace(null, wrapped);

    public ValueTask<bool> TryRewrapAsync(byte[] seen, byte[] wrapped, CancellationToken cancellationToken) => TryReplace(seen, wrapped);

    private ValueTask<bool> TryReplace(byte[]? seen, byte[] wrapped)
    {
        lock (_lock)
        {
            bool isSeen = seen is null ? Wrapped is null : Wrapped is not null && Wrapped.AsSpan().SequenceEqual(seen);
            Wrapped = isSeen ? wrapped : Wrapped;
            return new(isSeen);
        }
    }
}
