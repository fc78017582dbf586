using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>What a deletion did.</summary>
/// <param name="Version">The version that it deleted, or the delete marker that it added; null in a bucket that never had versioning.</param>
/// <param name="IsMarker">Whether that is a delete marker.</param>
public readonly record struct DeletionOutcome(VersionId? Version, bool IsMarker);

/// <summary>
/// Deletes one object, or one version for good, and the data that belong to it. It needs no key, and succeeds where there is no object. Where there is versioning, the deletion of an object adds a delete marker.
/// </summary>
public sealed class ObjectDeletion(IObjectStore objects, VersionDeletion versions, ObjectFinder finder, LargeBody largeBody)
{
    /// <param name="request">The request, which names the object's key, and perhaps a version.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="ifMatch">The ETag that the object must have, or <c>*</c>; null for any, and for no object too.</param>
    /// <param name="cancellationToken">Stops it before the object is gone.</param>
    /// <exception cref="S3Exception">PreconditionFailed; NoSuchKey or NoSuchVersion where the condition finds no object; KeyTooLongError where no delete marker can have the key.</exception>
    /// <exception cref="DamagedObjectException">There is no telling whether the object has the ETag.</exception>
    public async ValueTask<DeletionOutcome> RunAsync(S3Request request, Bucket bucket, string? ifMatch, CancellationToken cancellationToken)
    {
        var place = bucket.At(request.Key);
        if (bucket.HasVersions)
        {
            if (request.Version is not { } version) return new(await versions.AddMarkerAsync(place, ifMatch, cancellationToken).ConfigureAwait(false), IsMarker: true);
            if (ifMatch is not null && Preconditions.OfDeletion(ifMatch).JudgeWrite((await finder.FindAsync(request, bucket).ConfigureAwait(false)).Object.Description.ETag, request.Key) is { } failed)
                throw new S3Exception(failed);
            return new(version, await versions.DeleteAsync(place, VersionSelection.Of(version), cancellationToken).ConfigureAwait(false));
        }
        if (request.Version is null or { IsNull: true }) await DeleteAsync(place, ifMatch, cancellationToken).ConfigureAwait(false);
        return default;
    }

    private async ValueTask DeleteAsync(ObjectPlace place, string? ifMatch, CancellationToken cancellationToken)
    {
        var condition = Preconditions.OfDeletion(ifMatch);
        while (await objects.FindOrClearAsync(place, isNeeded: ifMatch is not null, cancellationToken).ConfigureAwait(false) is { } seen)
        {
            if (condition.JudgeWrite(seen.Description.ETag, place.Key) is { } failed) throw new S3Exception(failed);
            if (!await objects.DeleteAsync(place, ExpectedState.Seen(seen), cancellationToken).ConfigureAwait(false)) continue;
            await largeBody.DiscardAsync(seen.Description).ConfigureAwait(false);
            return;
        }
        if (ifMatch is not null) throw new S3Exception(S3Errors.NoSuchKey(place.Key));
    }
}
