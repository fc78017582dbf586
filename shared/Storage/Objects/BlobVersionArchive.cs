using System.Runtime.CompilerServices;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Storage;

/// <summary>The archive of a bucket as a container beside that of its objects. A delete marker is a blob without content, and with metadata of its own; a tombstone has neither.</summary>
public sealed class BlobVersionArchive(StorageAccount account) : IVersionArchive
{
    /// <summary>The only metadata of a delete marker, and what tells the null one from others.</summary>
    private const string Marker = "marker";
    private const string NullMarker = "null";
    private const string NamedMarker = "version";

    private const string Slash = "/";

    public void RequireNameable(string key) => ArchiveBlobs.PrefixOf(key);

    public ValueTask AddMarkerAsync(ObjectPlace place, bool isNull, CancellationToken cancellationToken) =>
        AddAsync(place, new() { [Marker] = isNull ? NullMarker : NamedMarker }, cancellationToken);

    public ValueTask AddTombstoneAsync(ObjectPlace place, VersionRank rank, CancellationToken cancellationToken) =>
        ArchiveBlobs.TryPrefixOf(place.Key) is null ? default : AddAsync(place with { Archived = ArchivedName.Tombstone(rank) }, [], cancellationToken);

    public async IAsyncEnumerable<ArchivePage> ListAsync(
        Bucket bucket, ArchiveRange range, string? pageToken, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (PrefixOf(range) is not { } prefix) yield break;
        var options = new GetBlobsByHierarchyOptions
        {
            Traits = BlobTraits.Metadata,
            Prefix = prefix,
            StartFrom = range.Keys.From.Length == 0 ? null : ArchiveBlobs.LowerBound(range.Keys.From, range.Behind),
            Delimiter = range.Keys.RollUp ? Slash : null,
        };
        await foreach (var (items, next) in BucketCalls.ListAsync(bucket, Container(bucket), options, pageToken, range.Keys.PageSize, cancellationToken).ConfigureAwait(false))
        {
            // As in the listing of objects: names share prefixes that their keys do not, the first may be before the range, and prefixes come apart from blobs.
            var entries = items.Select(ReadEntry).OfType<ArchivedEntry>().Where(entry => IsIn(range, entry))
                .OrderBy(entry => entry.Key, KeyOrder.Instance).ThenBy(entry => entry.Name?.ToString(), StringComparer.Ordinal).ToList();
            yield return new(entries, next);
        }
    }

    /// <summary>What the names of the range begin with; null where there can be none.</summary>
    private static string? PrefixOf(ArchiveRange range) => range.Key is not { } key ? BlobName.FromKeyPrefix(range.Keys.Prefix)
        : ArchiveBlobs.TryPrefixOf(key) is { } prefix ? prefix + range.Rank : null;

    private static bool IsIn(ArchiveRange range, ArchivedEntry entry)
    {
        if (!entry.Key.StartsWith(range.Keys.Prefix, StringComparison.Ordinal)) return false;
        var order = KeyOrder.Instance.Compare(entry.Key, range.Keys.From);
        return order > 0 || (order == 0 && (range.Behind is not { } behind || entry.Name?.Rank.IsOlderThan(behind) is true));
    }

    /// <summary>What the store lists; null for a name that no entry has.</summary>
    private static ArchivedEntry? ReadEntry(BlobHierarchyItem item)
    {
        if (item.IsPrefix) return BlobName.ToKeyPrefix(item.Prefix) is { } prefix ? new(prefix, null, null, null, default) : null;
        if (ArchiveBlobs.Read(item.Blob.Name) is not var (key, name)) return null;
        var (metadata, properties) = (item.Blob.Metadata, item.Blob.Properties);
        var storedAt = properties.LastModified ?? default;
        if (metadata.TryGetValue(Marker, out var marker)) return new(key, name, null, marker == NullMarker ? VersionId.Null : new VersionId(name.Rank), storedAt);
        return new(key, name, StoredMetadata.TryRead(metadata, properties.ETag!.Value.ToString()), null, storedAt);
    }

    private async ValueTask AddAsync(ObjectPlace place, Dictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var blob = Container(place.Bucket).GetBlockBlobClient(ArchiveBlobs.NameOf(place.Key, place.Archived!.Value));
        var options = new BlobUploadOptions { Metadata = metadata, TransferOptions = BlobTransfers.OneRequest };
        await BucketCalls.RunAsync(place.Bucket, token => blob.UploadAsync(Stream.Null, options, token), cancellationToken).ConfigureAwait(false);
    }

    private Azure.Storage.Blobs.BlobContainerClient Container(Bucket bucket) => account.Blobs.GetBlobContainerClient(ArchiveBlobs.ContainerOf(bucket.Container));
}
