using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Serverless.Keys;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Rotation;

/// <summary>
/// Brings the data keys of existing objects, and of those that are being uploaded in parts, under the current versions of their wrapping keys. Only metadata are written: no data move, ETag and Last-Modified stay.
/// Each write names the state that it read, so that a concurrent PUT or DELETE wins and the object is simply looked at again.
/// </summary>
public sealed class RewrapPass(
    IBucketStore buckets, IObjectStore objects, IVersionArchive archive, ArchivedVersions archived, ObjectFinder finder, IUploadStore uploads, DataKeyring keyring, ICheckpoints checkpoints, TimeProvider time,
    ILogger<RewrapPass> logger)
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
            if (progress.Bucket is not null && string.CompareOrdinal(bucket.Name, progress.Bucket) < 0) continue;
            try
            {
                await foreach (var page in ListAsync(bucket, progress, cancellationToken).ConfigureAwait(false))
                {
                    foreach (var listed in page.Objects) progress = await RewrapAsync(listed.Place, listed.Object, refused, progress, cancellationToken).ConfigureAwait(false);
                    progress = progress with { Bucket = bucket.Name, InArchive = page.InArchive, PageToken = page.NextToken };
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

    /// <summary>
    /// The bucket's objects, page by page, from where the pass is, and then its archived versions: an object that ceases to be current has been archived by then, so that none is missed.
    /// On the way, tombstones are forgotten that have stood for long enough.
    /// </summary>
    private async IAsyncEnumerable<(IEnumerable<(ObjectPlace Place, StoredObject? Object)> Objects, bool InArchive, string? NextToken)> ListAsync(
        Bucket bucket, RewrapProgress progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (isBegun, token) = progress.Bucket == bucket.Name ? (true, progress.PageToken) : (false, null);
        var inArchive = isBegun && progress.InArchive;
        if (!inArchive && (!isBegun || token is not null))
        {
            await foreach (var page in objects.ListAsync(bucket, KeyRange.All, token, cancellationToken).ConfigureAwait(false))
                yield return (page.Objects.Select(listed => (bucket.At(listed.Key), listed.Object)), false, page.NextToken);
        }
        if (!bucket.HasVersions || (inArchive && token is null)) yield break;
        await foreach (var page in archive.ListAsync(bucket, new(KeyRange.All), inArchive ? token : null, cancellationToken).ConfigureAwait(false))
        {
            foreach (var tombstone in page.Entries.Where(entry => entry.IsTombstone)) await archived.ForgetAsync(bucket.At(tombstone.Key), tombstone, cancellationToken).ConfigureAwait(false);
            yield return (page.Entries.Where(entry => !entry.IsMarker && !entry.IsTombstone).Select(entry => (bucket.At(entry.Key) with { Archived = entry.Name }, entry.Object)), true, page.NextToken);
        }
    }

    private async ValueTask<RewrapProgress> RewrapAsync(ObjectPlace place, StoredObject? listed, HashSet<string> refused, RewrapProgress progress, CancellationToken cancellationToken)
    {
        if (listed is null)
        {
            logger.LogWarning("What is stored as {Key} in bucket {Bucket} does not describe an object.", place.Key, place.Bucket.Name);
            return progress with { Seen = progress.Seen + 1, Failed = progress.Failed + 1 };
        }
        return await RewrapAsync(place.Bucket, place.Key, listed,
            (expected, keys) => finder.UpdateAsync(new(place, expected), expected.Description, keys, cancellationToken), FindAsync, refused, progress, cancellationToken).ConfigureAwait(false);

        async ValueTask<StoredObject?> FindAsync()
        {
            // An archived version that has become current counts as that.
            if (place.Archived is { } name && await objects.FindAsync(place with { Archived = null }, cancellationToken).ConfigureAwait(false) is { } current
                && current.Description.Rank == name.Rank)
            {
                place = place with { Archived = null };
                return current;
            }
            return await objects.FindAsync(place, cancellationToken).ConfigureAwait(false);
        }
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
