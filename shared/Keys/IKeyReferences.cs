namespace Serverless.Keys;

/// <summary>What the latest complete pass over all objects has found of the keys that they need.</summary>
public interface IKeyReferences
{
    /// <summary>What was found of a key; null before the first pass is complete.</summary>
    /// <param name="key">A key as <see cref="KeyVersionName.Key"/> names it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<KeyReferences?> FindAsync(string key, CancellationToken cancellationToken);
}

/// <summary>A pass over all buckets and uploads that is complete.</summary>
/// <param name="Id">Its id.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="CompletedAt">When it had seen everything.</param>
/// <param name="Objects">How many objects, archived versions and uploads it has seen.</param>
/// <param name="Unreadable">Of how many of them it could not be said which keys they need: it may be any.</param>
public sealed record ReferencePass(Guid Id, DateTimeOffset StartedAt, DateTimeOffset CompletedAt, long Objects, long Unreadable);

/// <summary>How many objects, archived versions and uploads of a bucket need a version of a key.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Version">The key's version.</param>
/// <param name="Found">How many did when the pass came to them, before it wrapped their keys anew.</param>
/// <param name="Left">How many did when it left them.</param>
public sealed record BucketReferences(string Bucket, uint Version, long Found, long Left);

/// <summary>Which objects need a key.</summary>
/// <param name="Pass">Who found them.</param>
/// <param name="Buckets">How many, by bucket and version, in the order of the buckets' names; those of which there are any.</param>
public sealed record KeyReferences(ReferencePass Pass, IReadOnlyList<BucketReferences> Buckets)
{
    /// <summary>
    /// Far longer than any request lasts. A pass that began so long after a version of a key was used last has seen all that those uses have led to: an object that was then an upload, or another place's,
    /// is written by now or will never be.
    /// </summary>
    public static readonly TimeSpan Margin = TimeSpan.FromDays(1);

    /// <summary>How many objects were found to need a version.</summary>
    public long FoundOf(uint version) => Buckets.Where(bucket => bucket.Version == version).Sum(bucket => bucket.Found);

    /// <summary>
    /// Whether the pass shows that nothing needs what was found so often and was in use up to <paramref name="lastUse"/>. One that has begun by a clock that was ahead shows nothing.
    /// </summary>
    public bool Proves(long found, DateTimeOffset lastUse, DateTimeOffset now) =>
        found == 0 && Pass.Unreadable == 0 && Pass.StartedAt >= lastUse + Margin && Pass.CompletedAt >= Pass.StartedAt && Pass.CompletedAt <= now;
}
