using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Versions;

/// <summary>An object that a request names, and where it is.</summary>
public sealed record FoundObject(ObjectPlace Place, StoredObject Object);

/// <summary>
/// Finds the object that a request names: the current one of its key, or a version of it, which is archived unless it is current. In a bucket that never had versioning that is the one read that it
/// always was.
/// </summary>
public sealed class ObjectFinder(IObjectStore objects, ArchivedVersions archived, VersionDeletion deletion)
{
    /// <summary>How often a search is begun anew because the object was moved under it, before the client is asked to try again.</summary>
    private const int MaxAttempts = 8;

    /// <summary>The object without its content.</summary>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion; MethodNotAllowed where the version is a delete marker.</exception>
    public async ValueTask<FoundObject> FindAsync(S3Request request, Bucket bucket)
    {
        var (place, found) = await ReadAsync(request, bucket, async place =>
            await objects.FindAsync(place, request.Aborted).ConfigureAwait(false) is { } stored ? new OpenObject(stored, Stream.Null) : null).ConfigureAwait(false);
        return new(place, found.Object);
    }

    /// <summary>The object with its content: <see cref="IObjectStore.OpenAsync"/>.</summary>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion; MethodNotAllowed where the version is a delete marker.</exception>
    public ValueTask<(ObjectPlace Place, OpenObject Open)> OpenAsync(S3Request request, Bucket bucket, StoredRange? range) =>
        ReadAsync(request, bucket, place => objects.OpenAsync(place, range, request.Aborted));

    /// <summary>Changes an object that was found: <see cref="IObjectStore.UpdateAsync"/>. False: it has changed, or become current, and must be found anew.</summary>
    public async ValueTask<bool> UpdateAsync(FoundObject found, ObjectDescription description, ObjectKeys keys, CancellationToken cancellationToken)
    {
        if (!await objects.UpdateAsync(found.Place, found.Object, description, keys, cancellationToken).ConfigureAwait(false)) return false;
        if (found.Place.Archived is not { } name) return true;
        // The current object counts, not the entry that it was made of.
        return await objects.FindAsync(found.Place with { Archived = null }, cancellationToken).ConfigureAwait(false) is not { } current || current.Description.Rank != name.Rank;
    }

    private async ValueTask<(ObjectPlace Place, OpenObject Open)> ReadAsync(S3Request request, Bucket bucket, Func<ObjectPlace, ValueTask<OpenObject?>> read)
    {
        var current = bucket.At(request.Key);
        var wanted = request.Version;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var place = wanted is { } version && bucket.HasVersions ? await LocateAsync(request, current, version).ConfigureAwait(false) : current;
            var open = await read(place).ConfigureAwait(false);
            if (open is not null && (wanted is null ? !open.Object.Description.IsProvisional : open.Object.Description.VersionId == wanted)) return (place, open);
            if (open is not null) await open.DisposeAsync().ConfigureAwait(false);
            if (open is not null && wanted is null)
            {
                await deletion.ConfirmAsync(place, open.Object, request.Aborted).ConfigureAwait(false);
                continue;
            }
            if (!bucket.HasVersions) throw new S3Exception(wanted is null or { IsNull: true } ? S3Errors.NoSuchKey(request.Key) : NoSuchVersion(request));
            if (wanted is null && await deletion.SettleAsync(current, request.Aborted).ConfigureAwait(false) is (false, var marker))
                throw new S3Exception(marker is { } id ? S3Errors.NoSuchKey(request.Key).OfMarker(id) : S3Errors.NoSuchKey(request.Key));
        }
        throw new S3Exception(S3Errors.SlowDown);
    }

    /// <summary>Where the version is: a version that is not current is in the archive, and stays there while it exists.</summary>
    private async ValueTask<ObjectPlace> LocateAsync(S3Request request, ObjectPlace current, VersionId version)
    {
        if (await objects.FindAsync(current, request.Aborted).ConfigureAwait(false) is { } stored && stored.Description.VersionId == version) return current;
        await foreach (var entry in archived.ListAsync(current, VersionSelection.Of(version), request.Aborted).ConfigureAwait(false))
        {
            if (entry.IsMarker) throw new S3Exception(S3Errors.IsDeleteMarker(request.Http.Request.Method, version, entry.Name!.Value.Rank.Time));
            return current with { Archived = entry.Name };
        }
        throw new S3Exception(NoSuchVersion(request));
    }

    private static S3Error NoSuchVersion(S3Request request) => S3Errors.NoSuchVersion.With("Key", request.Key).With("VersionId", request.Version.ToString()!);
}
