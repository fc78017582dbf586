using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Serverless.Encryption;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Rotation;

/// <summary>
/// Deletes data blobs that no object refers to: what a crash between two steps, or a replacement whose clean-up failed, left behind, and of uploads the parts that were not completed or
/// whose object is gone. Blocks that were staged and never committed are the store's own to drop, after a week.
/// </summary>
/// <remarks>
/// An object refers to a part's data only by a completion, which needs the upload: data of an upload that is still known are kept. So it is asked first whether the upload is known and
/// then for the object, which is there before its upload has ended.
/// </remarks>
public sealed class DataReclaim(
    IDataStore data, IObjectStore objects, ArchivedVersions archived, IUploadStore uploads, IBucketStore buckets, TimeProvider time, ILogger<DataReclaim> logger)
{
    /// <summary>Far longer than any request lasts: a data blob is committed just before the object that refers to it, or the row of its part, is written.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromDays(1);

    private const int AtOnce = 8;

    /// <returns>How many were deleted.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var deleted = 0;
        await Parallel.ForEachAsync(ListAsync(cancellationToken), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (old, token) => Interlocked.Add(ref deleted, await ReclaimAsync(old, token).ConfigureAwait(false))).ConfigureAwait(false);
        if (deleted > 0) logger.LogInformation("Reclaimed {Count} data blobs that no object refers to.", deleted);
        return deleted;
    }

    /// <summary>The data that may be an object's together: a data blob, or an upload's parts.</summary>
    private async IAsyncEnumerable<OldData> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        OldData? current = null;
        await foreach (var (dataBlob, owner) in data.ListAsync(time.GetUtcNow() - MinAge, cancellationToken).ConfigureAwait(false))
        {
            var names = dataBlob.Split('/');
            UploadId? upload = names.Length == 3 && UploadId.TryParse(names[1], out var id) ? id : null;
            var name = upload is null ? dataBlob : Upload.FolderOf(names[0], upload.Value);
            if (current?.Name == name)
            {
                current.Blobs.Add(dataBlob);
                continue;
            }
            if (current is not null) yield return current;
            current = new(name, names[0], upload, owner, [dataBlob]);
        }
        if (current is not null) yield return current;
    }

    private async ValueTask<int> ReclaimAsync(OldData old, CancellationToken cancellationToken)
    {
        try
        {
            if (await TryAsync(FindOwnerAsync(old, cancellationToken)).ConfigureAwait(false) is { Object.Description: var owner } && old.Blobs.Count == (owner.PartsCount ?? 1)) return 0;
            if (old.Upload is { } upload)
            {
                if (await uploads.IsKnownAsync(old.Container, old.Owner.Key, upload, cancellationToken).ConfigureAwait(false)) return 0;
                await uploads.ForgetPartsAsync(upload, cancellationToken).ConfigureAwait(false);
            }
            var kept = await ListReferredAsync(old, cancellationToken).ConfigureAwait(false);
            var deleted = 0;
            foreach (var dataBlob in old.Blobs.Where(blob => !kept.Contains(blob)))
            {
                await data.DeleteAsync(dataBlob, cancellationToken).ConfigureAwait(false);
                deleted++;
            }
            return deleted;
        }
        catch (Exception e) when (e is DamagedObjectException or CorruptDataException)
        {
            // Nobody can say; its data may still be wanted for a repair.
            return 0;
        }
    }

    /// <summary>The object that refers to the data, if there is one: the current one of its key, or a version of it.</summary>
    private async ValueTask<FoundObject?> FindOwnerAsync(OldData old, CancellationToken cancellationToken)
    {
        if (await buckets.FindAsync(old.Owner.Bucket, cancellationToken).ConfigureAwait(false) is not { } bucket) return null;
        var place = bucket.At(old.Owner.Key);
        if (await objects.FindAsync(place, cancellationToken).ConfigureAwait(false) is { } current && current.Description.DataBlob == old.Name) return new(place, current);
        // It may have got versioning since it was looked up, and the object been archived.
        if (!bucket.HasVersions && await buckets.ReadAsync(old.Owner.Bucket, cancellationToken).ConfigureAwait(false) is not { HasVersions: true }) return null;
        // What ceases to be current while one looks is archived by then.
        await foreach (var entry in archived.ListAsync(place, version: null, cancellationToken).ConfigureAwait(false))
        {
            if (entry is { Object: null, IsMarker: false }) throw new CorruptDataException();
            if (entry.Object?.Description.DataBlob == old.Name) return new(place with { Archived = entry.Name }, entry.Object);
        }
        return null;
    }

    /// <summary>The data blobs that the object refers to.</summary>
    private async ValueTask<IReadOnlySet<string>> ListReferredAsync(OldData old, CancellationToken cancellationToken)
    {
        if (await TryAsync(FindOwnerAsync(old, cancellationToken)).ConfigureAwait(false) is not { } owner) return new HashSet<string>();
        await using var open = await TryAsync(objects.OpenAsync(owner.Place, range: null, cancellationToken)).ConfigureAwait(false);
        // It was moved, or is gone: the next run sees to it.
        if (open is null || open.Object.Description.DataBlob != old.Name) throw new CorruptDataException();
        var manifest = await ManifestContent.ReadUnverifiedAsync(open.Content, cancellationToken).ConfigureAwait(false);
        return manifest.Parts.Select(manifest.BlobOf).ToHashSet();
    }

    private static async ValueTask<T?> TryAsync<T>(ValueTask<T?> find) where T : class
    {
        try
        {
            return await find.ConfigureAwait(false);
        }
        catch (BucketGoneException)
        {
            return null;
        }
    }

    /// <param name="Name">What the description of an object that refers to them names.</param>
    private sealed record OldData(string Name, string Container, UploadId? Upload, DataOwner Owner, List<string> Blobs);
}
