using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>Objects as blobs: an object is the blob at its key's name, in its bucket's container.</summary>
public sealed class BlobObjectStore(StorageAccount account) : IObjectStore
{
    public ValueTask<StoredObject?> FindAsync(Bucket bucket, string key, CancellationToken cancellationToken)
    {
        var blob = Blob(bucket, key);
        return RunAsync(bucket, async token =>
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

    public async ValueTask<OpenObject?> OpenAsync(Bucket bucket, string key, StoredRange? range, CancellationToken cancellationToken)
    {
        if (range is { Count: 0 }) return await FindEmptyAsync(bucket, key, cancellationToken).ConfigureAwait(false);
        var blob = Blob(bucket, key);
        var options = new BlobDownloadOptions { Range = BlobRanges.Of(range) };
        try
        {
            return await RunAsync(bucket, async token =>
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
            return await FindEmptyAsync(bucket, key, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<bool> WriteAsync(Bucket bucket, string key, ObjectDescription description, ObjectKeys keys, StreamHeaders? streams,
        SegmentedBuffer content, ExpectedState expected, CancellationToken cancellationToken)
    {
        var blob = Blob(bucket, key);
        var options = new BlobUploadOptions
        {
            Metadata = StoredMetadata.Write(description, keys, streams),
            Conditions = Conditions(expected),
            TransferOptions = BlobTransfers.OneRequest,
        };
        return await ConditionallyAsync(bucket, token => blob.UploadAsync(content.OpenRead(), options, token), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<bool> RewrapAsync(Bucket bucket, string key, StoredObject expected, ObjectKeys keys, CancellationToken cancellationToken) =>
        ConditionallyAsync(bucket, token => Blob(bucket, key).SetMetadataAsync(
            StoredMetadata.Write(expected.Description, keys, expected.Streams), new() { IfMatch = new ETag(expected.Version) }, token), cancellationToken);

    public ValueTask<bool> DeleteAsync(Bucket bucket, string key, ExpectedState expected, CancellationToken cancellationToken) =>
        ConditionallyAsync(bucket, token => Blob(bucket, key).DeleteAsync(DeleteSnapshotsOption.None, Conditions(expected), token), cancellationToken);

    public async IAsyncEnumerable<ObjectPage> ListAsync(Bucket bucket, string? pageToken, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var container = account.Blobs.GetBlobContainerClient(bucket.Container);
        var pages = container.GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata }, cancellationToken).AsPages(pageToken).GetAsyncEnumerator(cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            while (await RunAsync(bucket, async _ => await pages.MoveNextAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false))
            {
                var objects = pages.Current.Values
                    .Select(blob => new ListedObject(BlobName.ToKey(blob.Name), ReadListed(blob))).ToList();
                yield return new(objects, string.IsNullOrEmpty(pages.Current.ContinuationToken) ? null : pages.Current.ContinuationToken);
            }
        }
    }

    private static StoredObject? ReadListed(BlobItem blob)
    {
        try
        {
            return StoredMetadata.Read(blob.Metadata, blob.Properties.ETag!.Value.ToString());
        }
        catch (DamagedObjectException)
        {
            return null;
        }
    }

    private static BlobRequestConditions? Conditions(ExpectedState expected) => expected switch
    {
        { IsAny: true } => null,
        { Version: { } version } => new() { IfMatch = new ETag(version) },
        _ => new() { IfNoneMatch = ETag.All },
    };

    private async ValueTask<OpenObject?> FindEmptyAsync(Bucket bucket, string key, CancellationToken cancellationToken) =>
        await FindAsync(bucket, key, cancellationToken).ConfigureAwait(false) is { } found ? new OpenObject(found, Stream.Null) : null;

    private BlockBlobClient Blob(Bucket bucket, string key) =>
        account.Blobs.GetBlobContainerClient(bucket.Container).GetBlockBlobClient(BlobName.FromKey(key));

    /// <summary>Whether a conditional change was carried out: false when the blob was not in the expected state.</summary>
    private static ValueTask<bool> ConditionallyAsync<T>(Bucket bucket, Func<CancellationToken, Task<T>> change, CancellationToken cancellationToken) =>
        RunAsync(bucket, async token =>
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

    private static async ValueTask<T> RunAsync<T>(Bucket bucket, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await StorageCalls.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound || e.ErrorCode == BlobErrorCode.ContainerBeingDeleted)
        {
            throw new BucketGoneException(bucket.Name);
        }
    }

    /// <summary>A HEAD's 404 has no code in its body; the header names it.</summary>
    private static bool IsMissing(RequestFailedException e) => e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound;
}
