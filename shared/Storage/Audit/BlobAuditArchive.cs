using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Audit;

namespace Serverless.Storage;

/// <summary>Log files and digest files as blobs of the container <see cref="IAuditArchive.Container"/>, which is created with the first.</summary>
public sealed class BlobAuditArchive(StorageAccount account) : IAuditArchive
{
    private readonly BlobContainerClient container = account.Blobs.GetBlobContainerClient(IAuditArchive.Container);

    /// <inheritdoc/>
    public ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = "application/json", ContentEncoding = "gzip" },
            Metadata = new Dictionary<string, string>(metadata),
        };
        return new(StorageCalls.RunAsync(
            async token =>
            {
                try
                {
                    return await PutAsync(token).ConfigureAwait(false);
                }
                catch (RequestFailedException missing) when (missing.ErrorCode == BlobErrorCode.ContainerNotFound)
                {
                    await container.CreateIfNotExistsAsync(cancellationToken: token).ConfigureAwait(false);
                    return await PutAsync(token).ConfigureAwait(false);
                }
            },
            cancellationToken).AsTask());

        Task<Response<BlobContentInfo>> PutAsync(CancellationToken token) => container.GetBlobClient(name).UploadAsync(new BinaryData(content), options, token);
    }

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenAsync(string name, CancellationToken cancellationToken) => StorageCalls.RunAsync(
        async token =>
        {
            try
            {
                return (Stream?)(await container.GetBlobClient(name).DownloadStreamingAsync(cancellationToken: token).ConfigureAwait(false)).Value.Content;
            }
            catch (RequestFailedException missing) when (missing.Status == 404)
            {
                return null;
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(string name, CancellationToken cancellationToken) =>
        await StorageCalls.RunAsync(token => container.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: token), cancellationToken).ConfigureAwait(false);
}
