using Serverless.Keys;

namespace Serverless.Objects.Rotation;

/// <summary>What the latest complete re-wrap pass has found.</summary>
public sealed class PassReferences(IRewrapStore store) : IKeyReferences
{
    public async ValueTask<KeyReferences?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var latest = (await store.ReadAsync(cancellationToken).ConfigureAwait(false))?.Latest;
        while (latest is not null)
        {
            var found = new List<BucketReferences>();
            await foreach (var references in store.ListAsync(latest.Id, key, cancellationToken).ConfigureAwait(false)) found.Add(references);
            // What is kept of a pass is dropped once there is a later one: a part of it would say too little.
            var still = (await store.ReadAsync(cancellationToken).ConfigureAwait(false))?.Latest;
            if (still?.Id == latest.Id)
                return new(new(latest.Id, latest.StartedAt, latest.CompletedAt, latest.Seen, latest.Unreadable), Sum(found));
            latest = still;
        }
        return null;
    }

    /// <summary>A bucket's objects and uploads together.</summary>
    private static List<BucketReferences> Sum(List<BucketReferences> found) =>
    [
        .. found.GroupBy(references => (references.Bucket, references.Version))
            .Select(group => new BucketReferences(group.Key.Bucket, group.Key.Version, group.Sum(references => references.Found), group.Sum(references => references.Left)))
            .OrderBy(references => references.Bucket, StringComparer.Ordinal).ThenBy(references => references.Version),
    ];
}
