using System.Text;
using Serverless.Objects.Api;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Storage;

/// <summary>
/// The names of archived versions' blobs: the key's name (<see cref="BlobName"/>), the mark of its end, and the name of the entry, so that the store's order is that in which S3 lists versions.
/// The mark is the one that <see cref="BlobName"/> ends some names with: nothing that goes on with a key's name sorts before it, and nothing else that goes on begins with it.
/// </summary>
public static class ArchiveBlobs
{
    private const string End = BlobName.End;
    private const int MaxPrefix = BlobName.MaxLength - ArchivedName.Length;

    /// <summary>Where the archive of a bucket is whose objects are in <paramref name="container"/>.</summary>
    public static string ContainerOf(string container) => $"{container}-v";

    /// <exception cref="S3Exception">KeyTooLongError: the name would be longer than the store takes.</exception>
    public static string NameOf(string key, ArchivedName name) => PrefixOf(key) + name;

    /// <summary>What the names of all entries of a key, and of no other, begin with.</summary>
    /// <exception cref="S3Exception">KeyTooLongError: there can be none.</exception>
    public static string PrefixOf(string key) => TryPrefixOf(key) ?? throw new S3Exception(S3Errors.KeyTooLong(Encoding.UTF8.GetByteCount(key), MaxPrefix - End.Length));

    /// <summary>The same; null where there can be none.</summary>
    public static string? TryPrefixOf(string key)
    {
        if (BlobName.TryFromKey(key) is not { } name) return null;
        if (!name.EndsWith(End, StringComparison.Ordinal)) name += End;
        return name.Length <= MaxPrefix ? name : null;
    }

    /// <summary>The key and the entry whose name this is; null where <see cref="NameOf"/> makes no such name.</summary>
    public static (string Key, ArchivedName Name)? Read(string name)
    {
        if (name.Length <= ArchivedName.Length) return null;
        var (prefix, rank, copy) = (name[..^ArchivedName.Length], name[^ArchivedName.Length..^ArchivedName.CopyLength], name[^ArchivedName.CopyLength..]);
        if (!VersionRank.TryParse(rank, out var parsed) || !copy.All(char.IsAsciiHexDigitLower) || !prefix.EndsWith(End, StringComparison.Ordinal)) return null;
        // The mark is part of the name of some keys.
        return (BlobName.ToKey(prefix) ?? BlobName.ToKey(prefix[..^End.Length])) is { Length: > 0 } key ? (key, new(parsed, copy)) : null;
    }

    /// <summary>Whether these, in the store's order, are all tombstones, and entries that they stand before. Where a page begins behind a tombstone, they are taken for more than they are.</summary>
    public static bool AreAllVoid(IEnumerable<string> names)
    {
        var grave = "";
        foreach (var name in names)
        {
            var version = name[..^Math.Min(name.Length, ArchivedName.CopyLength)];
            if (Read(name)?.Name.IsTombstone is true) grave = version;
            else if (version != grave) return false;
        }
        return true;
    }

    /// <summary>Where, in the store's order, the entries of this key begin, or those behind a version of it. As with <see cref="BlobName.LowerBound"/>, whoever lists from here filters.</summary>
    public static string LowerBound(string key, VersionRank? behind) =>
        // Behind all copies of that version, whose names go on with hexadecimal digits.
        behind is { } rank && TryPrefixOf(key) is { } prefix ? $"{prefix}{rank}g" : BlobName.LowerBound(key);
}
