using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Listing;

/// <summary>An entry of a listing of versions: a version, a delete marker, or what the keys of several begin with.</summary>
/// <param name="Key">The key, or the common prefix.</param>
/// <param name="Id">The version's id; null for a common prefix.</param>
/// <param name="IsLatest">Whether it is the latest version of its key.</param>
/// <param name="Archived">What the archive has of it; null for a current object.</param>
/// <param name="Current">The current object; null for what is archived.</param>
public sealed record VersionEntry(string Key, VersionId? Id, bool IsLatest, ArchivedEntry? Archived, ListedObject? Current)
{
    /// <summary>The object's state; null for a delete marker or a common prefix, and where what is stored there does not describe an object.</summary>
    public StoredObject? Object => Archived is not null ? Archived.Object : Current?.Object;

    /// <summary>When the store last wrote it.</summary>
    public DateTimeOffset StoredAt => Archived?.StoredAt ?? Current?.StoredAt ?? default;

    /// <summary>What a listing that goes on behind this entry names: the version's rank where the id does not tell the place.</summary>
    public string Marker => Archived is { Name: { } name } ? name.Rank.Text : Id.ToString()!;

    public static VersionEntry CommonPrefix(string prefix) => new(prefix, null, IsLatest: false, null, null);
}
