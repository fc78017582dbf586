using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Store;

namespace Serverless.Objects.Versions;

/// <summary>An object that needs only be written.</summary>
public sealed record PreparedObject(ObjectDescription Description, ObjectKeys Keys, StreamHeaders? Streams, SegmentedBuffer Content);

/// <summary>
/// Makes an object the current one of its key. What was there before is discarded, or with versioning archived first: so it is never lost, and where the write is not made after all, the copy goes again.
/// What a crash in between leaves is a second copy of the version that is current, which counts for nothing.
/// </summary>
public sealed class ObjectReplacement(
    IObjectStore objects, IVersionArchive archive, ArchivedVersions archived, VersionCopies copies, LargeBody largeBody, TimeProvider time)
{
    /// <param name="place">Where it goes.</param>
    /// <param name="prepared">The object.</param>
    /// <param name="seen">What was found there, or null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The object that is there now; null where something else was there than what was seen.</returns>
    /// <exception cref="Api.S3Exception">KeyTooLongError: the bucket has versioning, and versions of this key could not be archived.</exception>
    public async ValueTask<ObjectDescription?> TryAsync(ObjectPlace place, PreparedObject prepared, StoredObject? seen, CancellationToken cancellationToken)
    {
        var (bucket, description) = (place.Bucket, prepared.Description);
        ObjectPlace? copy = null;
        if (bucket.HasVersions)
        {
            archive.RequireNameable(place.Key);
            var rank = await archived.NextRankAsync(place, seen, time.GetUtcNow(), description.Id, cancellationToken).ConfigureAwait(false);
            description = description with { Version = rank.Text, IsNullVersion = bucket.Versioning is BucketVersioning.Suspended };
            if (seen is not null && bucket.Keeps(seen))
            {
                copy = await copies.ArchiveAsync(place, seen, cancellationToken).ConfigureAwait(false);
                if (copy is null) return null;
            }
        }
        if (!await objects.WriteAsync(place, description, prepared.Keys, prepared.Streams, prepared.Content, ExpectedState.Seen(seen), cancellationToken).ConfigureAwait(false))
        {
            if (copy is { } inVain) await objects.DeleteAsync(inVain, ExpectedState.Any, cancellationToken).ConfigureAwait(false);
            return null;
        }
        if (seen is not null && copy is null) await largeBody.DiscardAsync(seen.Description).ConfigureAwait(false);
        if (description.IsNullVersion) await archived.RemoveNullsBeforeAsync(place, description.Rank, cancellationToken).ConfigureAwait(false);
        return description;
    }
}
