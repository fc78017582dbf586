using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Serverless.EndToEnd.Story;

/// <summary>A blob as it was, with which the storage account's administrator can undo what has been done since.</summary>
internal sealed class BlobBackup
{
    private readonly BlobClient _blob;
    private readonly BinaryData _content;
    private readonly IDictionary<string, string> _metadata;

    private BlobBackup(BlobClient blob, BlobDownloadResult content) => (_blob, _content, _metadata) = (blob, content.Content, content.Details.Metadata);

    public static async Task<BlobBackup> TakeAsync(StoryWorld world, string bucket, string key)
    {
        var account = new BlobServiceClient(world.Storage, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
        var container = account.GetBlobContainers(prefix: bucket).Single();
        var blob = account.GetBlobContainerClient(container.Name).GetBlobClient(key);
        return new(blob, await blob.DownloadContentAsync());
    }

    public Task RestoreAsync() => _blob.UploadAsync(_content, new BlobUploadOptions { Metadata = _metadata });
}
