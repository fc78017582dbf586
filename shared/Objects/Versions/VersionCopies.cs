using System.Globalization;
using System.Security.Cryptography;
using Serverless.Encryption;
using Serverless.Objects.Bodies;
using Serverless.Objects.Operations;
using Serverless.Objects.Store;

namespace Serverless.Objects.Versions;

/// <summary>
/// Copies versions between the places where they can be, as they are: description, wrapped keys, and ciphertext or manifest. It needs no key; the data of large objects stay where they are.
/// </summary>
public sealed class VersionCopies(IObjectStore objects, TimeProvider time)
{
    private const int PieceSize = 64 * 1024;

    /// <summary>More than what is stored with a description ever takes: sealed data in two layers, or a manifest.</summary>
    private const long MaxSize = DataWriter.MaxInMemory + (DataWriter.MaxInMemory >> 6);

    /// <summary>Archives the current version under a name of the caller's own; null where it is not the one any more that was seen.</summary>
    public async ValueTask<ObjectPlace?> ArchiveAsync(ObjectPlace current, StoredObject seen, CancellationToken cancellationToken)
    {
        var archived = current with { Archived = NewName(seen.Description.Rank) };
        return await TryCopyAsync(current, seen, archived, ExpectedState.Absent, isProvisional: false, cancellationToken).ConfigureAwait(false) is null ? null : archived;
    }

    /// <summary>The name of an entry that there is not yet.</summary>
    public ArchivedName NewName(VersionRank rank) =>
        // Of the copies of a version, the one that was made last tells best how it was when it ceased to be current.
        new(rank, (uint.MaxValue - (uint)time.GetUtcNow().ToUnixTimeSeconds()).ToString("x8", CultureInfo.InvariantCulture) + RandomNumberGenerator.GetHexString(8, lowercase: true));

    /// <summary>Copies an object; returns its state as it was copied, or null where it is not there, or not as it was seen, or its target is not in the expected state.</summary>
    /// <param name="seen">The state that it must be in; null for any.</param>
    /// <param name="isProvisional">Whether the copy is provisional.</param>
    /// <exception cref="CorruptDataException">It is larger than any object of this service.</exception>
    public async ValueTask<StoredObject?> TryCopyAsync(ObjectPlace from, StoredObject? seen, ObjectPlace to, ExpectedState expected, bool isProvisional, CancellationToken cancellationToken)
    {
        await using var open = await objects.OpenAsync(from, range: null, cancellationToken).ConfigureAwait(false);
        if (open is null || (seen is not null && open.Object.Version != seen.Version)) return null;
        var stored = open.Object;
        using var content = new SegmentedBuffer(stored.Description.DataBlob is null ? StreamSealer.SealedLength(stored.Description.Length, stored.Streams?.Outer is not null) : PieceSize);
        while (await open.Content.ReadAsync(content.GetMemory(PieceSize), cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            content.Advance(read);
            if (content.Length > MaxSize) throw new CorruptDataException();
        }
        var description = stored.Description with { IsProvisional = isProvisional };
        return await objects.WriteAsync(to, description, stored.Keys, stored.Streams, content, expected, cancellationToken).ConfigureAwait(false) ? stored : null;
    }
}
