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

    /// <param name="after">Of the key that the page begins behind, the upload behind which it begins; null for none of that key's.</param>
    public static async ValueTask<UploadPage> ReadAsync(IUploadStore uploads, Bucket bucket, ListingQuery query, UploadId? after, CancellationToken cancellationToken)
    {
        var (entries, isTruncated) = await GroupedPage.ReadAsync(query, after is not null, ListAsync, entry => entry.Key, prefix => new UploadEntry(prefix, null)).ConfigureAwait(false);
        return new(entries, isTruncated);

        async IAsyncEnumerable<UploadEntry> ListAsync(string from, bool isWithin, int pageSize)
        {
            var range = new UploadRange(query.Prefix, from, isWithin ? after : null, Math.Min(pageSize, MaxRead));
            await foreach (var upload in uploads.ListAsync(bucket, range, cancellationToken).ConfigureAwait(false)) yield return new(upload.Key, upload);
        }
    }
}
