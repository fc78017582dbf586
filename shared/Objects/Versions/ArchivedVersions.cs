using System.Runtime.CompilerServices;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Store;

namespace Serverless.Objects.Versions;

/// <summary>
/// The archived versions and delete markers of a bucket. A version that exists and is not current is here: it is archived before it ceases to be current, and stays when it becomes current again.
/// There may also be copies that somebody has just made, of a version that is current or was, and will take back. So the permanent deletion of a version sets a tombstone, which makes void what there
/// is of it, and whatever comes; it stands for longer than any request lasts.
/// </summary>
public sealed class ArchivedVersions(IVersionArchive archive, IObjectStore objects, LargeBody largeBody, TimeProvider time)
{
    /// <summary>Enough for the newest version, the tombstones before it and its copies, mostly.</summary>
    private const int FewEntries = 50;

    /// <summary>Far longer than any request lasts that may have made a copy.</summary>
    private static readonly TimeSpan TombstoneLifetime = TimeSpan.FromDays(1);

    /// <summary>The entries of the range that count, in order.</summary>
    public async IAsyncEnumerable<ArchivedEntry> ListAsync(Bucket bucket, ArchiveRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (string, VersionRank)? grave = null;
        await foreach (var page in archive.ListAsync(bucket, range, null, cancellationToken).ConfigureAwait(false))
        {
            foreach (var entry in page.Entries)
            {
                if (entry.Name is { } name && entry.IsTombstone) grave = (entry.Key, name.Rank);
                else if (entry.Name is not { } other || (entry.Key, other.Rank) != grave) yield return entry;
            }
        }
    }

    /// <summary>The entries of the version, or of all versions of the key, the newest first.</summary>
    public async IAsyncEnumerable<ArchivedEntry> ListAsync(ObjectPlace place, VersionSelection? version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var range = version?.Rank is { } rank ? ArchiveRange.OfVersion(place.Key, rank) : ArchiveRange.OfKey(place.Key, pageSize: null);
        await foreach (var entry in ListAsync(place.Bucket, range, cancellationToken).ConfigureAwait(false))
        {
            if (version?.Includes(entry) is not false) yield return entry;
        }
    }

    /// <summary>The newest entry, or the newest of those that are not <paramref name="except"/>; null where there is none. One read, but where many have been deleted lately.</summary>
    public async ValueTask<ArchivedEntry?> FindNewestAsync(ObjectPlace place, VersionSelection? except, CancellationToken cancellationToken)
    {
        await foreach (var entry in ListAsync(place.Bucket, ArchiveRange.OfKey(place.Key, FewEntries), cancellationToken).ConfigureAwait(false))
        {
            if (except?.Includes(entry) is not true) return entry;
        }
        return null;
    }

    /// <summary>The rank of a version that is written now.</summary>
    /// <param name="place">Where it will be current.</param>
    /// <param name="current">What is current now, or null: then the newest of the archive is the version before it.</param>
    /// <param name="now">The time.</param>
    /// <param name="id">Its random id.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async ValueTask<VersionRank> NextRankAsync(ObjectPlace place, StoredObject? current, DateTimeOffset now, byte[] id, CancellationToken cancellationToken)
    {
        var before = current?.Description.Rank ?? (await FindNewestAsync(place, except: null, cancellationToken).ConfigureAwait(false))?.Name?.Rank;
        return VersionRank.Behind(before, now, id);
    }

    /// <summary>Makes void what the archive has of the version, and whatever will be added of it.</summary>
    public ValueTask BuryAsync(ObjectPlace place, VersionRank rank, CancellationToken cancellationToken) => archive.AddTombstoneAsync(place, rank, cancellationToken);

    public async ValueTask RemoveAsync(ObjectPlace place, IEnumerable<ArchivedEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var entry in entries) await objects.DeleteAsync(place with { Archived = entry.Name }, ExpectedState.Any, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes null versions that are older than the one of this rank, which has taken their place, and their data.</summary>
    public async ValueTask RemoveNullsBeforeAsync(ObjectPlace place, VersionRank rank, CancellationToken cancellationToken)
    {
        var replaced = new List<ArchivedEntry>();
        await foreach (var entry in ListAsync(place, VersionSelection.Of(VersionId.Null), cancellationToken).ConfigureAwait(false))
        {
            if (entry.Name!.Value.Rank.IsOlderThan(rank)) replaced.Add(entry);
        }
        await RemoveAsync(place, replaced, cancellationToken).ConfigureAwait(false);
        foreach (var stored in replaced.Select(entry => entry.Object).OfType<StoredObject>()) await largeBody.DiscardAsync(stored.Description).ConfigureAwait(false);
    }

    /// <summary>Removes a tombstone that has stood for long enough, when nothing is left that it stands before.</summary>
    public async ValueTask ForgetAsync(ObjectPlace place, ArchivedEntry tombstone, CancellationToken cancellationToken)
    {
        if (tombstone.StoredAt > time.GetUtcNow() - TombstoneLifetime) return;
        var left = new List<ArchivedEntry>();
        await foreach (var page in archive.ListAsync(place.Bucket, ArchiveRange.OfVersion(place.Key, tombstone.Name!.Value.Rank), null, cancellationToken).ConfigureAwait(false))
            left.AddRange(page.Entries.Where(entry => !entry.IsTombstone));
        await RemoveAsync(place, left, cancellationToken).ConfigureAwait(false);
        await RemoveAsync(place, [tombstone], cancellationToken).ConfigureAwait(false);
    }
}
