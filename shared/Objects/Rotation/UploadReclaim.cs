using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;

namespace Serverless.Objects.Rotation;

/// <summary>
/// Aborts uploads that nobody goes on with, and those of buckets that are gone; and forgets those that have ended, when no completion that has seen them can be under way any more.
/// From then on what is left of their data belongs to nobody: <see cref="DataReclaim"/>.
/// </summary>
public sealed class UploadReclaim(IUploadStore uploads, IBucketStore buckets, IOptions<UploadsOptions> options, TimeProvider time, ILogger<UploadReclaim> logger)
{
    /// <summary>How long an upload is known after its end: far longer than <see cref="CompleteMultipartUpload.MaxDuration"/>.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    private const int AtOnce = 8;

    /// <returns>How many uploads were aborted.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var aborted = 0;
        await foreach (var listed in uploads.ListAllAsync(after: null, cancellationToken).ConfigureAwait(false))
        {
            if (listed.Upload is not { } upload)
            {
                logger.LogWarning("What is stored as the upload {Name} does not describe one: it is neither aborted nor are its data deleted.", listed.Name);
                continue;
            }
            var abandoned = upload.Initiated < now - TimeSpan.FromDays(options.Value.AbandonedAfterDays);
            if (!abandoned && (await buckets.FindAsync(upload.Bucket, cancellationToken).ConfigureAwait(false))?.Container == upload.Container) continue;
            // One that is being completed, or whose keys are being wrapped anew, is looked at again in the next run.
            if (await uploads.EndAsync(upload, now, cancellationToken).ConfigureAwait(false)) aborted++;
        }
        if (aborted > 0) logger.LogInformation("Aborted {Count} uploads that were abandoned.", aborted);

        await Parallel.ForEachAsync(uploads.ListEndedAsync(now - Remembered, cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, uploads.ForgetAsync).ConfigureAwait(false);
        return aborted;
    }
}
