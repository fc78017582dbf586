using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>Objects as blobs: an object is the blob at its key's name, in its bucket's container; an archived version is one in the container beside it (<see cref="ArchiveBlobs"/>).</summary>
public sealed class BlobObjectStore(StorageAccount account) : IObjectStore
{
    private const string Slash = "/";

    public ValueTask<StoredObject?> FindAsync(ObjectPlace place, CancellationToken cancellationToken)
    {
        var blob = Blob(place);
        return BucketCalls.RunAsync(place.Bucket, async token =>
        {
            try
            {
                var properties = (await blob.GetPropertiesAsync(cancellationToken: token).ConfigureAwait(false)).Value;
                return StoredMetadata.Read(properties.Metadata, properties.ETag.ToString());
            }
            catch (RequestFailedException e) when (IsMissing(e))
            {
                return null;
            }
        }, cancellationToken);
    }

    public async ValueTask<OpenObject?> OpenAsync(ObjectPlace place, StoredRange? range, CancellationToken cancellationToken)
    {
        if (range is { Count: 0 }) return await FindEmptyAsync(place, cancellationToken).ConfigureAwait(false);
        var blob = Blob(place);
        var options = new BlobDownloadOptions { Range = BlobRanges.Of(range) };
        try
        {
            return await BucketCalls.RunAsync(place.Bucket, async token =>
            {
                try
                {
                    var opened = (await blob.DownloadStreamingAsync(options, token).ConfigureAwait(false)).Value;
                    return new OpenObject(StoredMetadata.Read(opened.Details.Metadata, opened.Details.ETag.ToString()), opened.Content);
                }
                catch (RequestFailedException e) when (IsMissing(e))
                {
                    return null;
                }
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.InvalidRange)
        {
            return await FindEmptyAsync(place, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<bool> WriteAsync(ObjectPlace place, ObjectDescription description, ObjectKeys keys, StreamHeaders? streams,
        SegmentedBuffer content, ExpectedState expected, CancellationToken cancellationToken)
    {
        var blob = Blob(place, expected);
        var options = new BlobUploadOptions
        {
            Metadata = StoredMetadata.Write(description, keys, streams),
            Conditions = Conditions(expected),
            TransferOptions = BlobTransfers.OneRequest,
        };
        return await ConditionallyAsync(place.Bucket, token => blob.UploadAsync(content.OpenRead(), options, token), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<bool> UpdateAsync(
        ObjectPlace place, StoredObject expected, ObjectDescription description, ObjectKeys keys, CancellationToken cancellationToken) =>
        ConditionallyAsync(place.Bucket, token => Blob(place).SetMetadataAsync(
            StoredMetadata.Write(description, keys, expected.Streams), new() { IfMatch = new ETag(expected.Version) }, token), cancellationToken);

    public ValueTask<bool> DeleteAsync(ObjectPlace place, ExpectedState expected, CancellationToken cancellationToken) =>
        ConditionallyAsync(place.Bucket, token => Blob(place, expected).DeleteAsync(DeleteSnapshotsOption.None, Conditions(expected), token), cancellationToken);

    public async IAsyncEnumerable<ObjectPage> ListAsync(Bucket bucket, KeyRange range, string? pageToken, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new GetBlobsByHierarchyOptions
        {
            Traits = BlobTraits.Metadata,
            Prefix = BlobName.FromKeyPrefix(range.Prefix),
            StartFrom = range.From.Length == 0 ? null : BlobName.LowerBound(range.From),
            Delimiter = range.RollUp ? Slash : null,
        };
        var container = account.Blobs.GetBlobContainerClient(bucket.Container);
        await foreach (var (items, next) in BucketCalls.ListAsync(bucket, container, options, pageToken, range.PageSize, cancellationToken).ConfigureAwait(false))
        {
            // Names share prefixes that their keys do not, the first of them may be before the range, and prefixes come apart from blobs.
            var objects = items.Select(ReadListed).OfType<ListedObject>()
                .Where(listed => listed.Key.StartsWith(range.Prefix, StringComparison.Ordinal) && KeyOrder.Instance.Compare(listed.Key, range.From) >= 0)
                .OrderBy(listed => listed.Key, KeyOrder.Instance).ToList();
            yield return new(objects, next);
        }
    }

    /// <summary>What the store lists; null for a name that no key has, since nothing can be asked of it.</summary>
    private static ListedObject? ReadListed(BlobHierarchyItem item)
    {
        if (item.IsPrefix) return BlobName.ToKeyPrefix(item.Prefix) is { } prefix ? ListedObject.CommonPrefix(prefix) : null;
        if (BlobName.ToKey(item.Blob.Name) is not { } key) return null;
        var properties = item.Blob.Properties;
        return new(key, StoredMetadata.TryRead(item.Blob.Metadata, properties.ETag!.Value.ToString()), properties.LastModified ?? default);
    }

    private static BlobRequestConditions? Conditions(ExpectedState expected) => expected switch
    {
        { IsAny: true } => null,
        { Version: { } version } => new() { IfMatch = new ETag(version) },
        _ => new() { IfNoneMatch = ETag.All },
    };

    private async ValueTask<OpenObject?> FindEmptyAsync(ObjectPlace place, CancellationToken cancellationToken) =>
        await FindAsync(place, cancellationToken).ConfigureAwait(false) is { } found ? new OpenObject(found, Stream.Null) : null;

    private BlockBlobClient Blob(ObjectPlace place) => Blob(account.Blobs, place);

    private BlockBlobClient Blob(ObjectPlace place, ExpectedState expected) => Blob(expected.IsAny ? account.Blobs : account.UnretriedBlobs, place);

    private static BlockBlobClient Blob(BlobServiceClient blobs, ObjectPlace place) => place.Archived is { } name
        ? blobs.GetBlobContainerClient(ArchiveBlobs.ContainerOf(place.Bucket.Container)).GetBlockBlobClient(ArchiveBlobs.NameOf(place.Key, name))
        : blobs.GetBlobContainerClient(place.Bucket.Container).GetBlockBlobClient(BlobName.FromKey(place.Key));

    /// <summary>Whether a conditional change was carried out: false when the blob was not in the expected state.</summary>
    private static ValueTask<bool> ConditionallyAsync<T>(Bucket bucket, Func<CancellationToken, Task<T>> change, CancellationToken cancellationToken) =>
        BucketCalls.RunAsync(bucket, async token =>
        {
            try
            {
                await change(token).ConfigureAwait(false);
                return true;
            }
            catch (RequestFailedException e) when (e.Status is 412 || e.ErrorCode == BlobErrorCode.BlobAlreadyExists || IsMissing(e))
            {
                return false;
            }
        }, cancellationToken);

    /// <summary>A HEAD's 404 has no code in its body; the header names it.</summary>
    private static bool IsMissing(RequestFailedException e) => e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound;
}
