using Serverless.Keys;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Rotation;

/// <summary>An object, archived version or upload that needs a key.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Key">The object's key.</param>
/// <param name="Version">Its version id; null where the bucket has no versions, and for an upload.</param>
/// <param name="Upload">The id of an upload in progress; null for an object.</param>
/// <param name="Wraps">What of it is wrapped by the key, and by which version.</param>
public sealed record KeyObject(string Bucket, string Key, VersionId? Version, UploadId? Upload, IReadOnlyList<(WrappedKeyKind Kind, uint KeyVersion)> Wraps);

/// <summary>A page of a key's objects.</summary>
/// <param name="Objects">Those that were found; there may be none, and others behind.</param>
/// <param name="Unreadable">How many were looked at of which it cannot be said which keys they need.</param>
/// <param name="Next">Where to go on; null at the end.</param>
public sealed record KeyObjectPage(IReadOnlyList<KeyObject> Objects, long Unreadable, RewrapPosition? Next);

/// <summary>Finds the objects that need a key by looking at all there are, so many at a time: what is told is what there is now.</summary>
public sealed class KeyObjects(RewrapPages pages)
{
    /// <summary>How many objects a call looks at, or a page more.</summary>
    private const int MaxLookedAt = 10_000;

    /// <summary>A page of the store is a call, however little is on it.</summary>
    private const int PageCost = 500;

    /// <param name="key">The key, as <see cref="KeyVersionName.Key"/> names it.</param>
    /// <param name="version">Only what this version of it has wrapped; null: any.</param>
    /// <param name="bucket">Only in this bucket; null: in all.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="maxResults">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<KeyObjectPage> ListAsync(string key, uint? version, string? bucket, RewrapPosition from, int maxResults, CancellationToken cancellationToken)
    {
        var found = new List<KeyObject>();
        var (unreadable, lookedAt) = (0L, 0);
        await foreach (var page in pages.ListAsync(from, new(bucket, maxResults, IsReadOnly: true), cancellationToken).ConfigureAwait(false))
        {
            var onPage = page.Entries.Select(entry => Find(entry, key, version)).OfType<KeyObject>().ToList();
            if (found.Count + onPage.Count > maxResults) return new(found, unreadable, page.Position);
            found.AddRange(onPage);
            unreadable += page.Entries.Count(entry => ObjectReferences.AreUnreadable(ObjectReferences.Of(entry.Object)));
            lookedAt += Math.Max(page.Entries.Count, PageCost);
            if (lookedAt >= MaxLookedAt) return new(found, unreadable, page.Next);
        }
        return new(found, unreadable, null);
    }

    private static KeyObject? Find(RewrapEntry entry, string key, uint? version)
    {
        if (entry.Object is not { } stored) return null;
        var wraps = new List<(WrappedKeyKind, uint)>();
        foreach (var (kind, wrapped) in ObjectReferences.WrapsOf(stored))
        {
            if (KeyVersionName.TryRead(wrapped, out var name) && name.Key == key && name.Version == (version ?? name.Version)) wraps.Add((kind, name.Version));
        }
        return wraps.Count == 0 ? null
            : new(entry.Bucket.Name, entry.Key, entry.Bucket.HasVersions && entry.Upload is null ? stored.Description.VersionId : null, entry.Upload, wraps);
    }
}
