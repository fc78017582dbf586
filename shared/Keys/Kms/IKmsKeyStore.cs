namespace Serverless.Keys;

/// <summary>Where KMS keys live, each Region by itself. What a method reports as done is durable when it returns; storage that fails throws.</summary>
public interface IKmsKeyStore
{
    /// <summary>A key, or null.</summary>
    ValueTask<KmsKey?> ReadKeyAsync(string region, string id, CancellationToken cancellationToken);

    /// <summary>One version of a key, or null.</summary>
    ValueTask<KmsKeyVersion?> ReadVersionAsync(string region, string keyId, uint version, CancellationToken cancellationToken);

    /// <summary>An alias, or null.</summary>
    ValueTask<KmsAlias?> ReadAliasAsync(string region, string name, CancellationToken cancellationToken);

    /// <summary>Keeps a new key, its first version unless that is to be imported, and perhaps its alias, all or nothing. False when the key or the alias exists.</summary>
    ValueTask<bool> TryCreateKeyAsync(KmsKey key, KmsKeyVersion? first, KmsAlias? alias, CancellationToken cancellationToken);

    /// <summary>Replaces a key and perhaps adds a version to it, all or nothing. False when the key has changed since the one with this ETag was read.</summary>
    ValueTask<bool> TryReplaceKeyAsync(KmsKey key, KmsKeyVersion? added, CancellationToken cancellationToken);

    /// <summary>Keeps a new alias. False when there is one of that name.</summary>
    ValueTask<bool> TryCreateAliasAsync(KmsAlias alias, CancellationToken cancellationToken);

    /// <summary>The ids of at most <paramref name="limit"/> keys, in ordinal order, from the first after <paramref name="after"/> (null: from the start).</summary>
    ValueTask<IReadOnlyList<string>> ListKeyIdsAsync(string region, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="limit"/> aliases, of one key or (null) of all, in a fixed order, from the first after the alias named <paramref name="after"/> (null: from the start).</summary>
    ValueTask<IReadOnlyList<KmsAlias>> ListAliasesAsync(string region, string? keyId, string? after, int limit, CancellationToken cancellationToken);
}
