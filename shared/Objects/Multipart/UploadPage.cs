using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;

namespace Serverless.Objects.Multipart;

/// <summary>An entry of a listing of uploads: an upload, or what the keys of several begin with.</summary>
public sealed record UploadEntry(string Key, Upload? Upload);

/// <summary>One page of a listing of uploads.</summary>
/// <param name="Entries">Uploads and common prefixes, in the order of their keys.</param>
/// <param name="IsTruncated">Whether there are more entries behind these.</param>
public sealed record UploadPage(IReadOnlyList<UploadEntry> Entries, bool IsTruncated)
{
    private const int MaxRead = 1000;

    /// <summary>Reads a page: one query of the store, and one more for each common prefix of so many uploads that it is better to go on behind it.</summary>
    /// <param name="after">Of the key that the page begins behind, the upload behind which it begins; null for none of that key's.</param>
    public static async ValueTask<UploadPage> ReadAsync(IUploadStore uploads, Bucket bucket, ListingQuery query, UploadId? after, CancellationToken cancellationToken)
    {
        var entries = new List<UploadEntry>();
        // One more than is shown tells whether there are more.
        var wanted = query.MaxEntries == 0 ? 0 : query.MaxEntries + 1;
        // Uploads of the marker's own key are left only where they are listed by themselves.
        var within = after is not null && query.After.StartsWith(query.Prefix, StringComparison.Ordinal) && query.GroupOf(query.After) is null;
        for (var from = within ? query.After : query.FirstKey(); from is not null && entries.Count < wanted; after = null)
            from = await ReadSomeAsync(new(query.Prefix, from, within && from == query.After ? after : null, Math.Min(wanted - entries.Count, MaxRead))).ConfigureAwait(false);
        var isTruncated = wanted > 0 && entries.Count == wanted;
        if (isTruncated) entries.RemoveAt(query.MaxEntries);
        return new(entries, isTruncated);

        // Returns the key to go on from behind a common prefix; null where there are entries enough, or no more.
        async ValueTask<string?> ReadSomeAsync(UploadRange range)
        {
            var (group, skipped) = ((string?)null, 0);
            await foreach (var upload in uploads.ListAsync(bucket, range, cancellationToken).ConfigureAwait(false))
            {
                if (group is not null && upload.Key.StartsWith(group, StringComparison.Ordinal))
                {
                    // What was read with the first is passed over; behind a page of it, the rest is not read.
                    if (++skipped == range.PageSize) return query.FirstKeyBehind(group);
                    continue;
                }
                (group, skipped) = (query.GroupOf(upload.Key), 0);
                entries.Add(group is null ? new(upload.Key, upload) : new(group, null));
                if (entries.Count == wanted) return null;
            }
            return null;
        }
    }
}
