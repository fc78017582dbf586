using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Rotation;

/// <summary>Something whose keys a pass brings under the current versions: an object, an archived version or an upload in progress.</summary>
/// <param name="Bucket">The bucket that it is in.</param>
/// <param name="Key">The object's key.</param>
/// <param name="Name">Tells it apart from all others of its section and, where it is replaced, from what is there then.</param>
/// <param name="Object">Its state; null where what is stored there does not describe an object.</param>
public sealed record RewrapEntry(Bucket Bucket, string Key, string Name, StoredObject? Object)
{
    /// <summary>The upload's id; null for an object.</summary>
    public UploadId? Upload { get; init; }

    /// <summary>Replaces the keys if the state is still the expected one.</summary>
    public required Func<StoredObject, ObjectKeys, ValueTask<bool>> Write { get; init; }

    /// <summary>The state that there is now, or null.</summary>
    public required Func<ValueTask<StoredObject?>> Find { get; init; }
}

/// <summary>Some entries of a section.</summary>
/// <param name="Section">What they are counted with; null where that does not matter, since none of them can be read.</param>
/// <param name="Position">Where they are.</param>
/// <param name="Entries">They.</param>
/// <param name="Next">Where to go on behind them.</param>
public sealed record RewrapPage(RewrapSection? Section, RewrapPosition Position, IReadOnlyList<RewrapEntry> Entries, RewrapPosition Next);

/// <summary>What to go over.</summary>
/// <param name="Bucket">Only this bucket, and uploads to it; null: all.</param>
/// <param name="PageSize">At most so many entries in a page; null: as many as the store gives at once.</param>
/// <param name="IsReadOnly">Whether nothing is to be changed on the way.</param>
public sealed record RewrapScope(string? Bucket = null, int? PageSize = null, bool IsReadOnly = false)
{
    public static RewrapScope All { get; } = new();
}

/// <summary>
/// Everything that has wrapped keys, page by page, in an order in which none is missed: whatever becomes something else while one looks is behind what it was before.
/// On the way, tombstones are forgotten that have stood for long enough.
/// </summary>
public sealed class RewrapPages(
    IBucketStore buckets, IObjectStore objects, IVersionArchive archive, ArchivedVersions archived, RewrapEntries entries, IUploadStore uploads, ILogger<RewrapPages> logger)
{
    private const int UploadPageSize = 500;

    /// <summary>The page of this position, and all behind it. Empty pages may be among them.</summary>
    public async IAsyncEnumerable<RewrapPage> ListAsync(RewrapPosition from, RewrapScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (from.Stage is RewrapStage.End) yield break;
        if (from.Stage is RewrapStage.Uploads)
        {
            await foreach (var page in ListUploadsAsync(from.PageToken, scope, cancellationToken).ConfigureAwait(false)) yield return page;
            from = RewrapPosition.FirstBucket;
        }
        await foreach (var bucket in ListBucketsAsync(scope, cancellationToken).ConfigureAwait(false))
        {
            var order = string.CompareOrdinal(bucket.Name, from.Bucket);
            if (order < 0 || (order == 0 && from.Stage is RewrapStage.BucketDone)) continue;
            await using var pages = ListAsync(bucket, order == 0 ? from : new(RewrapStage.Objects, bucket.Name, null), scope, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(pages, bucket).ConfigureAwait(false)) yield return pages.Current;
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<RewrapPage> pages, Bucket bucket)
    {
        try
        {
            return await pages.MoveNextAsync().ConfigureAwait(false);
        }
        catch (BucketGoneException)
        {
            logger.LogInformation("Bucket {Bucket} was deleted during the re-wrap pass.", bucket.Name);
            return false;
        }
    }

    private async IAsyncEnumerable<Bucket> ListBucketsAsync(RewrapScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (scope.Bucket is { } name)
        {
            if (await buckets.ReadAsync(name, cancellationToken).ConfigureAwait(false) is { } only) yield return only;
            yield break;
        }
        await foreach (var bucket in buckets.ListAsync("", "", cancellationToken).ConfigureAwait(false)) yield return bucket;
    }

    private async IAsyncEnumerable<RewrapPage> ListAsync(Bucket bucket, RewrapPosition from, RewrapScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var section = new RewrapSection(bucket.Name, IsUploads: false);
        var keys = KeyRange.All with { PageSize = scope.PageSize };
        RewrapPosition At(RewrapStage stage, string? token) => new(stage, bucket.Name, token);
        if (from.Stage is RewrapStage.Objects)
        {
            var token = from.PageToken;
            await foreach (var page in objects.ListAsync(bucket, keys, token, cancellationToken).ConfigureAwait(false))
            {
                yield return new(section, At(RewrapStage.Objects, token), [.. page.Objects.Select(listed => entries.Of(bucket.At(listed.Key), listed.Object, cancellationToken))],
                    page.NextToken is null ? At(RewrapStage.Archive, null) : At(RewrapStage.Objects, page.NextToken));
                token = page.NextToken;
            }
            from = At(RewrapStage.Archive, null);
        }
        // It may have got versioning since it was listed, and objects been archived.
        if (!bucket.HasVersions && await buckets.ReadAsync(bucket.Name, cancellationToken).ConfigureAwait(false) is { HasVersions: true } changed && changed.Container == bucket.Container)
            bucket = changed;
        if (!bucket.HasVersions) yield break;
        var archiveToken = from.PageToken;
        await foreach (var page in archive.ListAsync(bucket, new(keys), archiveToken, cancellationToken).ConfigureAwait(false))
        {
            foreach (var tombstone in page.Entries.Where(entry => entry.IsTombstone && !scope.IsReadOnly)) await archived.ForgetAsync(bucket.At(tombstone.Key), tombstone, cancellationToken).ConfigureAwait(false);
            yield return new(section, At(RewrapStage.Archive, archiveToken),
                [.. page.Entries.Where(entry => !entry.IsMarker && !entry.IsTombstone).Select(entry => entries.Of(bucket.At(entry.Key) with { Archived = entry.Name }, entry.Object, cancellationToken))],
                page.NextToken is null ? At(RewrapStage.BucketDone, null) : At(RewrapStage.Archive, page.NextToken));
            archiveToken = page.NextToken;
        }
    }

    private async IAsyncEnumerable<RewrapPage> ListUploadsAsync(string? after, RewrapScope scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var page = new List<RewrapEntry>();
        var (from, last) = (after, after);
        var pageSize = Math.Min(scope.PageSize ?? UploadPageSize, UploadPageSize);
        string? bucket = null;
        await foreach (var listed in uploads.ListAllAsync(after, cancellationToken).ConfigureAwait(false))
        {
            if (IsIn(scope, listed) && await entries.OfAsync(listed, cancellationToken).ConfigureAwait(false) is { } entry)
            {
                var next = entry.Object is null ? bucket : entry.Bucket.Name;
                if (page.Count == pageSize || (bucket is not null && next != bucket))
                {
                    yield return PageOf(bucket, page, from, new(RewrapStage.Uploads, "", last));
                    (page, from) = ([], last);
                }
                page.Add(entry);
                bucket = next;
            }
            last = listed.Name;
        }
        if (page.Count > 0) yield return PageOf(bucket, page, from, RewrapPosition.FirstBucket);
    }

    private static bool IsIn(RewrapScope scope, ListedUpload listed) => scope.Bucket is null || listed.Upload is null || listed.Upload.Bucket == scope.Bucket;

    private static RewrapPage PageOf(string? bucket, List<RewrapEntry> page, string? from, RewrapPosition next) =>
        new(bucket is null ? null : new(bucket, IsUploads: true), new(RewrapStage.Uploads, "", from), page, next);
}
