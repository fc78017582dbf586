using System.Security.Cryptography;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Store;

namespace Serverless.Objects.Versions;

/// <summary>
/// Deletions in buckets that have or had versioning (https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html): a delete marker on top of everything, or a version for good.
/// Each step leaves a state that the same request, sent again, or the next read goes on from.
/// </summary>
public sealed class VersionDeletion(
    IObjectStore objects, IVersionArchive archive, ArchivedVersions archived, VersionCopies copies, LargeBody largeBody, TimeProvider time)
{
    /// <summary>Adds a delete marker, which becomes the latest version. Where versioning is suspended, it takes the place of the null version.</summary>
    /// <param name="place">The current object's place.</param>
    /// <param name="ifMatch">The ETag that the current object must have, or <c>*</c>; null for any, and for no object too.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The marker's id.</returns>
    /// <exception cref="S3Exception">PreconditionFailed; NoSuchKey where the condition finds no object; KeyTooLongError.</exception>
    public async ValueTask<VersionId> AddMarkerAsync(ObjectPlace place, string? ifMatch, CancellationToken cancellationToken)
    {
        archive.RequireNameable(place.Key);
        var condition = Preconditions.OfDeletion(ifMatch);
        var isNull = place.Bucket.Versioning is BucketVersioning.Suspended;
        while (true)
        {
            var seen = await objects.FindOrClearAsync(place, isNeeded: ifMatch is not null, cancellationToken).ConfigureAwait(false);
            if (condition.JudgeWrite(seen?.Description.ETag, place.Key) is { } failed) throw new S3Exception(failed);
            var rank = await archived.NextRankAsync(place, seen, time.GetUtcNow(), RandomNumberGenerator.GetBytes(StreamContext.IdSize), cancellationToken).ConfigureAwait(false);
            ObjectPlace? copy = null;
            if (seen is not null && place.Bucket.Keeps(seen))
            {
                copy = await copies.ArchiveAsync(place, seen, cancellationToken).ConfigureAwait(false);
                if (copy is null) continue;
            }
            var marker = place with { Archived = copies.NewName(rank) };
            await archive.AddMarkerAsync(marker, isNull, cancellationToken).ConfigureAwait(false);
            // Where there was no current object, there may be one by now: the marker would be under it.
            if (seen is null ? await objects.FindAsync(place, cancellationToken).ConfigureAwait(false) is null
                : await objects.DeleteAsync(place, ExpectedState.Seen(seen), cancellationToken).ConfigureAwait(false))
            {
                if (seen is not null && copy is null) await largeBody.DiscardAsync(seen.Description).ConfigureAwait(false);
                if (isNull) await archived.RemoveNullsBeforeAsync(place, rank, cancellationToken).ConfigureAwait(false);
                return isNull ? VersionId.Null : new(rank);
            }
            await objects.DeleteAsync(marker, ExpectedState.Any, cancellationToken).ConfigureAwait(false);
            if (copy is { } inVain) await objects.DeleteAsync(inVain, ExpectedState.Any, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Deletes a version for good, wherever it is, and its data. Where it was the latest, the one before it becomes current, if that is no delete marker. It succeeds where there is no such version.
    /// </summary>
    /// <returns>Whether it was a delete marker.</returns>
    public async ValueTask<bool> DeleteAsync(ObjectPlace place, VersionSelection version, CancellationToken cancellationToken)
    {
        // In this order: what is not current by now is in the archive then.
        var current = await objects.FindOrClearAsync(place, isNeeded: version != VersionSelection.Of(VersionId.Null), cancellationToken).ConfigureAwait(false);
        var entries = new List<ArchivedEntry>();
        await foreach (var entry in archived.ListAsync(place, version, cancellationToken).ConfigureAwait(false)) entries.Add(entry);
        var gone = entries.Select(entry => entry.Object?.Description).OfType<ObjectDescription>().ToList();
        if (current is not null && version.Includes(current)) gone.Add(current.Description);

        var ranks = gone.Select(description => description.Rank).ToHashSet();
        foreach (var rank in ranks) await archived.BuryAsync(place, rank, cancellationToken).ConfigureAwait(false);
        await archived.RemoveAsync(place, entries, cancellationToken).ConfigureAwait(false);
        // It may have become current meanwhile, but from here on nobody makes it so who does not see that it is gone.
        while (ranks.Count > 0)
        {
            current = await objects.FindAsync(place, cancellationToken).ConfigureAwait(false);
            if (current is null || !ranks.Contains(current.Description.Rank)) break;
            await VacateAsync(place, current, version, cancellationToken).ConfigureAwait(false);
        }
        foreach (var description in gone) await largeBody.DiscardAsync(description).ConfigureAwait(false);
        if (current is null) await SettleAsync(place, cancellationToken).ConfigureAwait(false);
        return entries.Exists(entry => entry.IsMarker);
    }

    /// <summary>
    /// Of a key without a current object, makes the latest version current, if that is an object's: what a deletion that was cut short has left to do.
    /// </summary>
    /// <returns>Whether there is a current object now; and if not, the delete marker that is the latest version, or null.</returns>
    public async ValueTask<(bool HasCurrent, VersionId? Marker)> SettleAsync(ObjectPlace place, CancellationToken cancellationToken)
    {
        while (true)
        {
            var latest = await archived.FindNewestAsync(place, except: null, cancellationToken).ConfigureAwait(false);
            if (latest?.Object is null) return (false, latest?.MarkerId);
            await PromoteAsync(place, latest, ExpectedState.Absent, cancellationToken).ConfigureAwait(false);
            if (await objects.FindAsync(place, cancellationToken).ConfigureAwait(false) is not null) return (true, null);
        }
    }

    /// <summary>
    /// Looks whether an object that was made current where there was none is the latest version, which counts from then on. Otherwise a delete marker was set at the same time, or the version is gone:
    /// then it is taken back.
    /// </summary>
    public async ValueTask ConfirmAsync(ObjectPlace place, StoredObject provisional, CancellationToken cancellationToken)
    {
        var latest = await archived.FindNewestAsync(place, except: null, cancellationToken).ConfigureAwait(false);
        if (latest?.Name?.Rank == provisional.Description.Rank)
            await objects.UpdateAsync(place, provisional, provisional.Description with { IsProvisional = false }, provisional.Keys, cancellationToken).ConfigureAwait(false);
        else await objects.DeleteAsync(place, ExpectedState.Seen(provisional), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts the next version in the place of a current one that is to go, or nothing, if it is still the current one.</summary>
    private async ValueTask VacateAsync(ObjectPlace place, StoredObject current, VersionSelection version, CancellationToken cancellationToken)
    {
        var next = await archived.FindNewestAsync(place, except: version, cancellationToken).ConfigureAwait(false);
        if (next?.Object is null) await objects.DeleteAsync(place, ExpectedState.Seen(current), cancellationToken).ConfigureAwait(false);
        else await PromoteAsync(place, next, ExpectedState.Seen(current), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes an archived version current, if the key is in the expected state and that entry is still there. The version's entries stay, so that one that was deleted for good meanwhile is
    /// known by their absence.
    /// </summary>
    private async ValueTask PromoteAsync(ObjectPlace place, ArchivedEntry entry, ExpectedState expected, CancellationToken cancellationToken)
    {
        var from = place with { Archived = entry.Name };
        var rank = entry.Name!.Value.Rank;
        // Where there is something, whoever deletes the object sees that it has changed; where there is nothing, a delete marker may be set over nothing at the same time.
        var isProvisional = expected == ExpectedState.Absent;
        if (await copies.TryCopyAsync(from, seen: null, place, expected, isProvisional, cancellationToken).ConfigureAwait(false) is not { } copied) return;
        while (await objects.FindAsync(from, cancellationToken).ConfigureAwait(false) is { } source && source.Version != copied.Version)
        {
            // It was updated in between: so is the current one, which is the one that counts now.
            if (await FindAsync(place, rank, cancellationToken).ConfigureAwait(false) is not { } written) return;
            if (await objects.UpdateAsync(place, written, source.Description with { IsProvisional = isProvisional }, source.Keys, cancellationToken).ConfigureAwait(false)) copied = source;
        }
        if (isProvisional)
        {
            if (await FindAsync(place, rank, cancellationToken).ConfigureAwait(false) is { } written) await ConfirmAsync(place, written, cancellationToken).ConfigureAwait(false);
            return;
        }
        await foreach (var _ in archived.ListAsync(place, VersionSelection.Of(rank), cancellationToken).ConfigureAwait(false)) return;
        await DeleteAsync(place, VersionSelection.Of(rank), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<StoredObject?> FindAsync(ObjectPlace place, VersionRank rank, CancellationToken cancellationToken) =>
        await objects.FindAsync(place, cancellationToken).ConfigureAwait(false) is { } found && found.Description.Rank == rank ? found : null;
}
