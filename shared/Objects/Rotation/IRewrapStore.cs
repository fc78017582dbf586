using Serverless.Keys;

namespace Serverless.Objects.Rotation;

/// <summary>Where a re-wrap pass notes how far it is, and what it has found. What a method reports as done is durable when it returns.</summary>
public interface IRewrapStore
{
    /// <summary>The note, or null before the first pass.</summary>
    ValueTask<RewrapNote?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Keeps the note in the place of the one that it was read as (<see cref="RewrapNote.ETag"/>, which is the new one's then). False, and nothing changed: another run has written one since.</summary>
    ValueTask<bool> TryWriteAsync(RewrapNote note, CancellationToken cancellationToken);

    /// <summary>Keeps what a pass has found in a section, in the place of what was kept of it before.</summary>
    ValueTask FileAsync(Guid pass, FinishedSection finished, CancellationToken cancellationToken);

    /// <summary>What a pass has found of a key: the counts of a bucket's objects and of its uploads apart, in the order of the buckets' names.</summary>
    IAsyncEnumerable<BucketReferences> ListAsync(Guid pass, string key, CancellationToken cancellationToken);

    /// <summary>Drops what was kept of a pass.</summary>
    ValueTask ForgetAsync(Guid pass, CancellationToken cancellationToken);
}
