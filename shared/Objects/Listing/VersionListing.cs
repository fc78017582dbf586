using System.Runtime.CompilerServices;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Listing;

/// <summary>
/// Lists versions, out of two listings in one order: that of the current objects and that of the archive. Of a key, the current object comes first, then what is archived, the newest first; what the archive
/// has of the current version, or has twice of another, is passed over.
/// </summary>
public sealed class VersionListing(IObjectStore objects, ArchivedVersions archived)
{
    /// <summary>Reads a page: one call of each store is enough where nothing is rolled up, or by slashes.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="query">The page.</param>
    /// <param name="behind">Of the key that the page begins behind, the version behind which it begins; null for none of that key's.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The entries, and whether there are more behind them.</returns>
    public ValueTask<(IReadOnlyList<VersionEntry> Entries, bool IsTruncated)> ReadAsync(Bucket bucket, ListingQuery query, VersionId? behind, CancellationToken cancellationToken) =>
        GroupedPage.ReadAsync(query, behind is not null,
            (from, isWithin, pageSize) => ListAsync(bucket, new(query.Prefix, from, query.Delimiter == "/", pageSize), isWithin ? behind : null, cancellationToken),
            entry => entry.Key, VersionEntry.CommonPrefix);

    /// <param name="behind">Of the range's first key only what is behind this version; null for all of it.</param>
    private async IAsyncEnumerable<VersionEntry> ListAsync(Bucket bucket, KeyRange range, VersionId? behind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var current = CurrentAsync(bucket, range, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var hasCurrent = await current.MoveNextAsync().ConfigureAwait(false);
        var behindRank = behind is { } version && !(hasCurrent && current.Current.Key == range.From && IdOf(current.Current) == version)
            ? version.Rank ?? await FindNullRankAsync(bucket.At(range.From), cancellationToken).ConfigureAwait(false) : null;
        await using var old = archived.ListAsync(bucket, new(range, behindRank), cancellationToken).GetAsyncEnumerator(cancellationToken);
        var hasOld = bucket.HasVersions && await old.MoveNextAsync().ConfigureAwait(false);

        while (hasCurrent || hasOld)
        {
            var order = !hasOld ? -1 : !hasCurrent ? 1 : KeyOrder.Instance.Compare(current.Current.Key, old.Current.Key);
            var key = order <= 0 ? current.Current.Key : old.Current.Key;
            var isFollowing = behind is not null && key == range.From;
            var last = (VersionId?)null;
            var (currentRank, hasNull) = ((VersionRank?)null, false);
            if (order <= 0)
            {
                var listed = current.Current;
                if (listed.IsCommonPrefix) yield return VersionEntry.CommonPrefix(key);
                else if (!isFollowing || IsBehind(listed, behind!.Value, behindRank)) yield return new(key, IdOf(listed), IsLatest: true, null, listed);
                (last, currentRank, hasNull) = (IdOf(listed), listed.Object?.Description.Rank, IdOf(listed).IsNull);
                hasCurrent = await current.MoveNextAsync().ConfigureAwait(false);
            }
            for (; hasOld && old.Current.Key == key; hasOld = await old.MoveNextAsync().ConfigureAwait(false))
            {
                var entry = old.Current;
                if (entry.Name is null)
                {
                    if (order > 0) yield return VersionEntry.CommonPrefix(key);
                    continue;
                }
                if (entry.Id == last || entry.Name.Value.Rank == currentRank || (entry.Id.IsNull && hasNull)) continue;
                hasNull |= entry.Id.IsNull;
                // Of several null versions the newest counts, which may be on a page before.
                if (entry.Id.IsNull && isFollowing && await FindNullRankAsync(bucket.At(key), cancellationToken).ConfigureAwait(false) != entry.Name.Value.Rank) continue;
                yield return new(key, entry.Id, IsLatest: last is null && !isFollowing, entry, null);
                last = entry.Id;
            }
        }
    }

    private async IAsyncEnumerable<ListedObject> CurrentAsync(Bucket bucket, KeyRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in objects.ListAsync(bucket, range, pageToken: null, cancellationToken).ConfigureAwait(false))
        {
            // Of a provisional one the archive tells whether it is the latest.
            foreach (var listed in page.Objects.Where(listed => listed.Object?.Description.IsProvisional is not true)) yield return listed;
        }
    }

    /// <summary>The place of the null version that is archived; null where there is none (any more): then all of the archive is behind it.</summary>
    private async ValueTask<VersionRank?> FindNullRankAsync(ObjectPlace place, CancellationToken cancellationToken)
    {
        await foreach (var entry in archived.ListAsync(place, VersionSelection.Of(VersionId.Null), cancellationToken).ConfigureAwait(false)) return entry.Name!.Value.Rank;
        return null;
    }

    /// <summary>Whether the current object comes behind the version that a page begins behind: where newer ones have been deleted since.</summary>
    private static bool IsBehind(ListedObject listed, VersionId behind, VersionRank? rank) =>
        IdOf(listed) != behind && (rank is not { } newer || listed.Object?.Description.Rank.IsOlderThan(newer) is true);

    /// <summary>What is damaged tells no id.</summary>
    private static VersionId IdOf(ListedObject listed) => listed.Object?.Description.VersionId ?? VersionId.Null;
}
