using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Objects.Bodies;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>The data of large objects as block blobs, all in one container, which no bucket can be named like.</summary>
public sealed class BlobDataStore(StorageAccount account) : IDataStore
{
    public const string ContainerName = "uploads";

    private const string BucketEntry = "bucket";
    private const string KeyEntry = "key";

    private readonly BlobContainerClient _container = account.Blobs.GetBlobContainerClient(ContainerName);

    public async ValueTask WriteAsync(string dataBlob, SegmentedBuffer content, DataOwner owner, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions { Metadata = Metadata(owner), TransferOptions = BlobTransfers.OneRequest };
        await InContainerAsync(token => Blob(dataBlob).UploadAsync(content.OpenRead(), options, token), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask StageAsync(string dataBlob, string blockId, SegmentedBuffer block, CancellationToken cancellationToken)
    {
        // Without an MD5 of ours the emulator computes a CRC of its own in JavaScript, at a quarter of the speed; Azure verifies it.
        var options = new BlockBlobStageBlockOptions
        {
            TransferValidation = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5, PrecalculatedChecksum = Md5(block) },
        };
        await InContainerAsync(token => Blob(dataBlob).StageBlockAsync(blockId, block.OpenRead(), options, token), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask CommitAsync(string dataBlob, IReadOnlyList<string> blockIds, DataOwner owner, CancellationToken cancellationToken) =>
        await StorageCalls.RunAsync(token => Blob(dataBlob).CommitBlockListAsync(blockIds, new CommitBlockListOptions
        {
            Metadata = Metadata(owner),
        }, token), cancellationToken).ConfigureAwait(false);

    public ValueTask<Stream?> OpenAsync(string dataBlob, StoredRange range, CancellationToken cancellationToken) =>
        StorageCalls.RunAsync(async token =>
        {
            try
            {
                return (Stream?)(await Blob(dataBlob).DownloadStreamingAsync(new BlobDownloadOptions { Range = BlobRanges.Of(range) }, token)
                    .ConfigureAwait(false)).Value.Content;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 416)
            {
                return null;
            }
        }, cancellationToken);

    public async ValueTask DeleteAsync(string dataBlob, CancellationToken cancellationToken) =>
        await StorageCalls.RunAsync(token => Blob(dataBlob).DeleteIfExistsAsync(cancellationToken: token), cancellationToken).ConfigureAwait(false);

    public async IAsyncEnumerable<(string DataBlob, DataOwner Owner)> ListAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!await StorageCalls.RunAsync(async token => (await _container.ExistsAsync(token).ConfigureAwait(false)).Value, cancellationToken).ConfigureAwait(false)) yield break;
        await foreach (var blob in _container.GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata }, cancellationToken).ConfigureAwait(false))
        {
            if (blob.Properties.LastModified < before) yield return (blob.Name, new(Decode(blob.Metadata[BucketEntry]), Decode(blob.Metadata[KeyEntry])));
        }
    }

    private BlockBlobClient Blob(string name) => _container.GetBlockBlobClient(name);

    /// <summary>Runs a call that may be the first to need the container.</summary>
    private async ValueTask InContainerAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            await StorageCalls.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await StorageCalls.RunAsync(token => _container.CreateIfNotExistsAsync(cancellationToken: token), cancellationToken).ConfigureAwait(false);
            await StorageCalls.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Dictionary<string, string> Metadata(DataOwner owner) => new() { [BucketEntry] = Encode(owner.Bucket), [KeyEntry] = Encode(owner.Key) };

    private static byte[] Md5(SegmentedBuffer block)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var segment in block.Segments()) md5.AppendData(segment.Span);
        return md5.GetHashAndReset();
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Decode(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));
}
