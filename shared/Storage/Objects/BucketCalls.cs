using Azure;
using Azure.Storage.Blobs.Models;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>Calls on the containers of a bucket, which may be gone.</summary>
internal static class BucketCalls
{
    /// <exception cref="BucketGoneException">The container is gone, or on its way.</exception>
    public static async ValueTask<T> RunAsync<T>(Bucket bucket, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
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
}
