using Microsoft.Extensions.Logging;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Rotation;

/// <summary>
/// Deletes data blobs that no object refers to: what a crash between two steps, or a replacement whose clean-up failed, left behind.
/// Blocks that were staged and never committed are the store's own to drop, after a week.
/// </summary>
public sealed class DataReclaim(IDataStore data, IObjectStore objects, IBucketStore buckets, TimeProvider time, ILogger<DataReclaim> logger)
{
    /// <summary>Far longer than any request lasts: a data blob is committed just before the object that refers to it is written.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromDays(1);

    /// <returns>How many were deleted.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var deleted = 0;
        await foreach (var (dataBlob, owner) in data.ListAsync(time.GetUtcNow() - MinAge, cancellationToken).ConfigureAwait(false))
        {
            if (await IsReferredToAsync(dataBlob, owner, cancellationToken).ConfigureAwait(false)) continue;
            await data.DeleteAsync(dataBlob, cancellationToken).ConfigureAwait(false);
            deleted++;
        }
        if (deleted > 0) logger.LogInformation("Reclaimed {Count} data blobs that no object refers to.", deleted);
        return deleted;
    }

    private async ValueTask<bool> IsReferredToAsync(string dataBlob, DataOwner owner, CancellationToken cancellationToken)
    {
        if (await buckets.FindAsync(owner.Bucket, cancellationToken).ConfigureAwait(false) is not { } bucket) return false;
        try
        {
            return (await objects.FindAsync(bucket, owner.Key, cancellationToken).ConfigureAwait(false))?.Description.DataBlob == dataBlob;
        }
        catch (BucketGoneException)
        {
            return false;
        }
        catch (DamagedObjectException)
        {
            // Nobody can say; its data may still be wanted for a repair.
            return true;
        }
    }
}
