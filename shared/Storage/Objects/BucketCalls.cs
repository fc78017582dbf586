using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>Calls on the containers of a bucket, which may be gone.</summary>
internal static class BucketCalls
{
    /// <summary>The pages of a listing, and what names the page after each; null after the last.</summary>
    /// <exception cref="BucketGoneException">The container is gone, or on its way.</exception>
    public static async IAsyncEnumerable<(IReadOnlyList<BlobHierarchyItem> Items, string? Next)> ListAsync(Bucket bucket, BlobContainerClient container,
        GetBlobsByHierarchyOptions options, string? pageToken, int? pageSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pages = container.GetBlobsByHierarchyAsync(options, cancellationToken).AsPages(pageToken, pageSize).GetAsyncEnumerator(cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            while (await RunAsync(bucket, async _ => await pages.MoveNextAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false))
                yield return (pages.Current.Values, string.IsNullOrEmpty(pages.Current.ContinuationToken) ? null : pages.Current.ContinuationToken);
        }
    }

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
