namespace Serverless.Keys;

/// <summary>Where KMS keys live, each Region by itself. What a method reports as done is durable when it returns; storage that fails throws.</summary>
public interface IKmsKeyStore
{
    /// <summary>A key, or null.</summary>
    ValueTask<KmsKey?> ReadKeyAsync(string region, string id, CancellationToken cancellationToken);

    /// <summary>One version of a key, or null.</summary>
    ValueTask<KmsKeyVersion?> ReadVersionAsync(string region, string keyId, uint version, CancellationToken cancellationToken);

    /// <summary>All versions of a key in the order of their numbers; they are few, for a schedule's shortest period is 90 days.</summary>
    ValueTask<IReadOnlyList<KmsKeyVersion>> ListVersionsAsync(string region, string keyId, CancellationToken cancellationToken);

    /// <summary>All versions of all keys of all Regions, in no order: for timers.</summary>
    IAsyncEnumerable<KmsKeyVersion> ListAllVersionsAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a version's material under another wrap, and nothing else of it changes. False, and nothing changed, when its wrap is not as it was seen any more.</summary>
    ValueTask<bool> TryRewrapVersionAsync(KmsKeyVersion seen, byte[] wrapped, CancellationToken cancellationToken);

    /// <summary>An alias, or null.</summary>
    ValueTask<KmsAlias?> ReadAliasAsync(string region, string name, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a new key, its place in the schedule, its first version unless that is to be imported, and perhaps its alias, all or nothing.
    /// False when the key or the alias exists.
    /// </summary>
    ValueTask<bool> TryCreateKeyAsync(KmsKey key, KmsKeyVersion? first, KmsAlias? alias, CancellationToken cancellationToken);

    /// <summary>Replaces a key, its place in the schedule, and perhaps changes versions of it, all or nothing. False when the key has changed since the one with this ETag was read.</summary>
    ValueTask<bool> TryReplaceKeyAsync(KmsKey key, KmsVersionChange? versions, CancellationToken cancellationToken);

    /// <summary>Keeps a new version that is not current yet. False when there is one of that number.</summary>
    ValueTask<bool> TryCreateVersionAsync(KmsKeyVersion version, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a key: from now on there is none of that id. Its place in the schedule stays until <see cref="RemoveRemainsAsync"/>, which has to follow, now or later.
    /// False when the key has changed since the one with this ETag was read.
    /// </summary>
    ValueTask<bool> TryDeleteKeyAsync(KmsKey key, CancellationToken cancellationToken);

    /// <summary>Deletes what a deleted key has left here: its aliases, its versions, and last of all its place in the schedule. It can be repeated.</summary>
    ValueTask RemoveRemainsAsync(KmsDueKey deleted, CancellationToken cancellationToken);

    /// <summary>Keeps a new alias. False when there is one of that name.</summary>
    ValueTask<bool> TryCreateAliasAsync(KmsAlias alias, CancellationToken cancellationToken);

    /// <summary>Replaces an alias. False when it has changed since the one with this ETag was read.</summary>
    ValueTask<bool> TryReplaceAliasAsync(KmsAlias alias, CancellationToken cancellationToken);

    /// <summary>Deletes an alias. False when it has changed since the one with this ETag was read.</summary>
    ValueTask<bool> TryDeleteAliasAsync(KmsAlias alias, CancellationToken cancellationToken);

    /// <summary>The ids of at most <paramref name="limit"/> keys, in ordinal order, from the first after <paramref name="after"/> (null: from the start).</summary>
    ValueTask<IReadOnlyList<string>> ListKeyIdsAsync(string region, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="limit"/> aliases, of one key or (null) of all, in a fixed order, from the first after the alias named <paramref name="after"/> (null: from the start).</summary>
    ValueTask<IReadOnlyList<KmsAlias>> ListAliasesAsync(string region, string? keyId, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="limit"/> keys of a Region that are due at <paramref name="until"/> or earlier, the earliest first, from the first after <paramref name="after"/> (null: from the start).</summary>
    ValueTask<IReadOnlyList<KmsDueKey>> ListDueAsync(string region, DateTimeOffset until, KmsDueKey? after, int limit, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="limit"/> keys of a Region on the schedule whose rotation is counted from later than a time (<see cref="KmsKey.RotationCountedFrom"/>), in no order.</summary>
    ValueTask<IReadOnlyList<KmsDueKey>> ListCountedFromAsync(string region, DateTimeOffset after, int limit, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="limit"/> Regions in which a key is, or was, on the schedule, in ordinal order, from the first after <paramref name="after"/> (null: from the start).</summary>
    ValueTask<IReadOnlyList<string>> ListRegionsAsync(string? after, int limit, CancellationToken cancellationToken);
}
