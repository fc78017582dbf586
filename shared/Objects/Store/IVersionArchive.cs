using Serverless.Objects.Buckets;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Store;

/// <summary>
/// Where the versions are that are not current, and the delete markers, of buckets that have or had versioning. An archived version is read, written, updated and deleted
/// through <see cref="IObjectStore"/>, at a place that names it; here is what only versions need. Calls throw as those of <see cref="IObjectStore"/>.
/// </summary>
public interface IVersionArchive
{
    /// <summary>Judges whether versions of this key can be archived.</summary>
    /// <exception cref="Api.S3Exception">KeyTooLongError: they cannot.</exception>
    void RequireNameable(string key);

    /// <summary>When this returns, the delete marker is there, at a place that nothing else is at.</summary>
    ValueTask AddMarkerAsync(ObjectPlace place, bool isNull, CancellationToken cancellationToken);

    /// <summary>
    /// When this returns, a tombstone is there of the version of this rank, before all of its entries: from now on those that there are count for nothing, and those that come. Of a key that cannot have any there is none.
    /// </summary>
    ValueTask AddTombstoneAsync(ObjectPlace place, VersionRank rank, CancellationToken cancellationToken);

    /// <summary>
    /// What the archive of a bucket holds, by key in <see cref="Listing.KeyOrder"/>, and of one key the newest first, page by page, from the page of the same range that
    /// <paramref name="pageToken"/> names on (null: the first). A page is one read. It may hold fewer entries than asked for, or none, and others be behind it.
    /// </summary>
    IAsyncEnumerable<ArchivePage> ListAsync(Bucket bucket, ArchiveRange range, string? pageToken, CancellationToken cancellationToken);
}

/// <summary>The name of an archived version or delete marker among those of its key.</summary>
/// <param name="Rank">The version's rank.</param>
/// <param name="Copy">
/// 16 lower-case hexadecimal digits that tell the copies of a version apart, of which there may be several: each is somebody's own, and all of them together are one version. The newest comes first; before it
/// comes <see cref="Tombstone"/>.
/// </param>
public readonly record struct ArchivedName(VersionRank Rank, string Copy)
{
    public const int CopyLength = 16;

    public const int Length = VersionRank.Length + CopyLength;

    /// <summary>The name of the tombstone of a version that was deleted for good.</summary>
    public static ArchivedName Tombstone(VersionRank rank) => new(rank, new('0', CopyLength));

    public bool IsTombstone => Copy.All(digit => digit == '0');

    public override string ToString() => Rank.Text + Copy;
}

/// <summary>Which of an archive's entries to list.</summary>
/// <param name="Keys">Of which keys.</param>
/// <param name="Behind">Of the key <see cref="KeyRange.From"/> only what is behind this rank; null for all of it.</param>
public sealed record ArchiveRange(KeyRange Keys, VersionRank? Behind = null)
{
    /// <summary>The one key whose entries are listed, and no other's; null for all keys of the range.</summary>
    public string? Key { get; private init; }

    /// <summary>Of <see cref="Key"/> only the copies of the version of this rank; null for all versions.</summary>
    public VersionRank? Rank { get; private init; }

    public static ArchiveRange OfKey(string key, int? pageSize) => new(KeyRange.All with { PageSize = pageSize }) { Key = key };

    public static ArchiveRange OfVersion(string key, VersionRank rank) => new(KeyRange.All) { Key = key, Rank = rank };
}

/// <summary>Some of an archive's entries, and the token of the page behind them (null: there is none).</summary>
public sealed record ArchivePage(IReadOnlyList<ArchivedEntry> Entries, string? NextToken);

/// <summary>An entry of an archive, or what the keys of several begin with.</summary>
/// <param name="Key">The key, or the common prefix.</param>
/// <param name="Name">The entry's name; null for a common prefix.</param>
/// <param name="Object">A version's state; null for a delete marker, a tombstone, a common prefix, and where what is stored there describes neither.</param>
/// <param name="MarkerId">A delete marker's version id; null for everything else.</param>
/// <param name="StoredAt">When the store last wrote it.</param>
public sealed record ArchivedEntry(string Key, ArchivedName? Name, StoredObject? Object, VersionId? MarkerId, DateTimeOffset StoredAt)
{
    public bool IsMarker => MarkerId is not null;

    /// <summary>Whether it says that the version was deleted for good.</summary>
    public bool IsTombstone => Name?.IsTombstone is true;

    /// <summary>What clients know it by. What is damaged keeps the id that its name tells.</summary>
    public VersionId Id => MarkerId ?? Object?.Description.VersionId ?? new(Name!.Value.Rank);
}
