using Microsoft.Extensions.Logging;
using Serverless.Keys;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Rotation;

/// <summary>
/// Brings the data keys of existing objects, and of those that are being uploaded in parts, under the current versions of their wrapping keys. Only metadata are written: no data move, ETag and Last-Modified stay.
/// Each write names the state that it read, so that a concurrent PUT or DELETE wins and the object is simply looked at again.
/// </summary>
public sealed class RewrapPass(
    IBucketStore buckets, IObjectStore objects, IUploadStore uploads, DataKeyring keyring, ICheckpoints checkpoints, TimeProvider time, ILogger<RewrapPass> logger)
{
    public const string Name = "rewrap";

    /// <summary>A run ends before the host's limit for a function (host.json, functionTimeout: 10 minutes) and the next one goes on.</summary>
    private static readonly TimeSpan RunTime = TimeSpan.FromMinutes(8);

    private const int MaxAttempts = 5;

    /// <summary>Goes on with the pass that was begun, or begins one, until it is complete or the run's time is over.</summary>
    public async Task<RewrapProgress> RunAsync(CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + RunTime;
        var refused = new HashSet<string>(StringComparer.Ordinal);
        var progress = await checkpoints.ReadAsync(Name, cancellationToken).ConfigureAwait(false);
        if (progress is null or { CompletedAt: not null }) progress = new(time.GetUtcNow(), null, null, 0, 0, 0, 0, null);

        // Uploads come first: one that is completed later has taken its keys from here, and they are current.
        if (progress.Bucket is null)
        {
            await foreach (var listed in uploads.ListAllAsync(cancellationToken).ConfigureAwait(false))
            {
                progress = await RewrapAsync(listed, refused, progress, cancellationToken).ConfigureAwait(false);
                if (time.GetUtcNow() >= until) return progress;
            }
        }
        await foreach (var bucket in buckets.ListAsync("", "", cancellationToken).ConfigureAwait(false))
        {
            var order = progress.Bucket is null ? 1 : string.CompareOrdinal(bucket.Name, progress.Bucket);
            if (order < 0 || (order == 0 && progress.PageToken is null)) continue;
            var token = order == 0 ? progress.PageToken : null;
            try
            {
                await foreach (var page in objects.ListAsync(bucket, KeyRange.All, token, cancellationToken).ConfigureAwait(false))
                {
                    foreach (var listed in page.Objects) progress = await RewrapAsync(bucket, listed, refused, progress, cancellationToken).ConfigureAwait(false);
                    progress = progress with { Bucket = bucket.Name, PageToken = page.NextToken };
                    await NoteAsync(progress, cancellationToken).ConfigureAwait(false);
                    if (time.GetUtcNow() >= until) return progress;
                }
            }
            catch (BucketGoneException)
            {
                logger.LogInformation("Bucket {Bucket} was deleted during the re-wrap pass.", bucket.Name);
            }
        }
        progress = progress with { CompletedAt = time.GetUtcNow() };
        await NoteAsync(progress, cancellationToken).ConfigureAwait(false);
        logger.LogInformation("Re-wrap pass complete: {Seen} objects, {Rewrapped} re-wrapped, {Failed} failed.", progress.Seen, progress.Rewrapped, progress.Failed);
        return progress;
    }

    private async ValueTask NoteAsync(RewrapProgress progress, CancellationToken cancellationToken)
    {
        await checkpoints.WriteAsync(Name, progress, cancellationToken).ConfigureAwait(false);
        RewrapMetrics.Report(progress, time.GetUtcNow());
    }

    private async ValueTask<RewrapProgress> RewrapAsync(
        Bucket bucket, ListedObject listed, HashSet<string> refused, RewrapProgress progress, CancellationToken cancellationToken)
    {
        if (listed.Object is { } seen)
        {
            return await RewrapAsync(bucket, listed.Key, seen,
                (expected, keys) => objects.UpdateAsync(bucket.At(listed.Key), expected, expected.Description, keys, cancellationToken),
                () => objects.FindAsync(bucket.At(listed.Key), cancellationToken), refused, progress, cancellationToken).ConfigureAwait(false);
        }
        logger.LogWarning("What is stored as {Key} in bucket {Bucket} does not describe an object.", listed.Key, bucket.Name);
        return progress with { Seen = progress.Seen + 1, Failed = progress.Failed + 1 };
    }

    private async ValueTask<RewrapProgress> RewrapAsync(ListedUpload listed, HashSet<string> refused, RewrapProgress progress, CancellationToken cancellationToken)
    {
        if (listed.Upload is not { } upload)
        {
            logger.LogWarning("What is stored as the upload {Name} does not describe one.", listed.Name);
            return progress with { Seen = progress.Seen + 1, Failed = progress.Failed + 1 };
        }
        // Without its bucket it is nobody's, and will be aborted.
        if (await buckets.FindAsync(upload.Bucket, cancellationToken).ConfigureAwait(false) is not { } bucket || bucket.Container != upload.Container) return progress;
        return await RewrapAsync(bucket, upload.Key, upload.Object,
            (expected, keys) => uploads.RewrapAsync(upload with { Object = expected }, keys, cancellationToken),
            async () => (await uploads.FindAsync(bucket, upload.Key, upload.Id, cancellationToken).ConfigureAwait(false))?.Object,
            refused, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="write">Replaces the keys if the state is still the expected one.</param>
    /// <param name="find">The state that there is then.</param>
    /// <param name="refused">KMS keys that cannot be used in this run: each is tried, and its refusal on the audit trail, once.</param>
    private async ValueTask<RewrapProgress> RewrapAsync(Bucket bucket, string key, StoredObject seen,
        Func<StoredObject, ObjectKeys, ValueTask<bool>> write, Func<ValueTask<StoredObject?>> find,
        HashSet<string> refused, RewrapProgress progress, CancellationToken cancellationToken)
    {
        progress = progress with { Seen = progress.Seen + 1 };
        // Of an SSE-C object, only a manifest's key can be wrapped anew.
        if (seen.Description.Mode is EncryptionMode.Customer) progress = progress with { CustomerKeys = progress.CustomerKeys + 1 };
        var arn = seen.Description.KmsKeyArn;
        if (arn is not null && refused.Contains(arn)) return progress with { Failed = progress.Failed + 1 };
        try
        {
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                if (await keyring.RewrapAsync(seen, bucket, key, cancellationToken).ConfigureAwait(false) is not { } keys) return progress;
                if (await write(seen, keys).ConfigureAwait(false)) return progress with { Rewrapped = progress.Rewrapped + 1 };
                if (await find().ConfigureAwait(false) is not { } changed) return progress;
                seen = changed;
            }
            // Whoever keeps writing this object writes it under the current version.
            return progress;
        }
        catch (Exception e) when (e is KmsException or DataKeyException or DamagedObjectException)
        {
            logger.LogWarning("The keys of object {Id} in bucket {Bucket} were not re-wrapped: {Reason}",
                Convert.ToHexStringLower(seen.Description.Id), bucket.Name, e.Message);
            if (e is KmsException && arn is not null) refused.Add(arn);
            return progress with { Failed = progress.Failed + 1 };
        }
    }
}
