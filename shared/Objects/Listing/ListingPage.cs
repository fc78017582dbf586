using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Listing;

/// <summary>One page of a listing.</summary>
/// <param name="Entries">Objects and common prefixes in <see cref="KeyOrder"/>.</param>
/// <param name="IsTruncated">Whether there are more entries behind these.</param>
public sealed record ListingPage(IReadOnlyList<ListedObject> Entries, bool IsTruncated)
{
    private const string Slash = "/";

    /// <summary>The <see cref="ListingQuery.After"/> of the page behind this one; null where there is none.</summary>
    public string? Next => IsTruncated ? Entries[^1].Key : null;

    /// <summary>
    /// Reads a page. One call of the store is enough where nothing is rolled up, or by slashes, which the store does itself. Other delimiters are rolled up here: each call begins behind the
    /// common prefix in which the one before it ended, so that a page costs at most a call for each of its entries, never a walk over the keys below a prefix.
    /// </summary>
    public static async ValueTask<ListingPage> ReadAsync(IObjectStore objects, Bucket bucket, ListingQuery query, CancellationToken cancellationToken)
    {
        var entries = new List<ListedObject>();
        // One more than is shown tells whether there are more.
        var wanted = query.MaxEntries == 0 ? 0 : query.MaxEntries + 1;
        var count = wanted;
        for (var from = query.FirstKey(); from is not null && entries.Count < wanted;)
        {
            var before = entries.Count;
            from = await ReadSomeAsync(new(query.Prefix, from, query.Delimiter == Slash, count)).ConfigureAwait(false);
            // Where the keys of few prefixes have filled a call's answer, those of the next ones may: few keys are enough to see them.
            count = Math.Min(wanted - entries.Count, 2 * (entries.Count - before));
        }
        var isTruncated = wanted > 0 && entries.Count == wanted;
        if (isTruncated) entries.RemoveAt(query.MaxEntries);
        return new(entries, isTruncated);

        // Returns the key to go on from; null where there are entries enough, or no more.
        async ValueTask<string?> ReadSomeAsync(KeyRange range)
        {
            string? group = null;
            await foreach (var page in objects.ListAsync(bucket, range, pageToken: null, cancellationToken).ConfigureAwait(false))
            {
                foreach (var listed in page.Objects)
                {
                    if (group is not null && listed.Key.StartsWith(group, StringComparison.Ordinal)) continue;
                    group = query.GroupOf(listed.Key);
                    entries.Add(group is null ? listed : ListedObject.CommonPrefix(group));
                    if (entries.Count == wanted) return null;
                }
                if (page.NextToken is null) return null;
                // The store may give an empty page, and more behind it.
                if (page.Objects.Count > 0) return group is null ? KeyOrder.After(page.Objects[^1].Key) : query.FirstKeyBehind(group);
            }
            return null;
        }
    }
}
