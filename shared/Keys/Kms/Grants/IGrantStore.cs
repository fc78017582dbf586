namespace Serverless.Keys;

/// <summary>Where grants live, beside their keys. What a method reports as done is durable when it returns; storage that fails throws.</summary>
public interface IGrantStore
{
    /// <summary>A grant, or null.</summary>
    ValueTask<KmsGrant?> ReadGrantAsync(string region, string keyId, string grantId, CancellationToken cancellationToken);

    /// <summary>The id of the key's grant that has this fingerprint, or null.</summary>
    ValueTask<string?> FindGrantAsync(string region, string keyId, string fingerprint, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a new grant and counts it at its key (<see cref="KmsKey.GrantCount"/>), all or nothing.
    /// False when the key has changed since it was read, or has a grant of the same fingerprint.
    /// </summary>
    ValueTask<bool> TryCreateGrantAsync(KmsKey key, KmsGrant grant, CancellationToken cancellationToken);

    /// <summary>Deletes a grant and counts it off its key, all or nothing. False when the key has changed since it was read, or the grant is gone.</summary>
    ValueTask<bool> TryDeleteGrantAsync(KmsKey key, KmsGrant grant, CancellationToken cancellationToken);

    /// <summary>
    /// At most <paramref name="limit"/> grants of a key, of one grantee (an ARN) or (null) of all, in the order of their ids, from the first after the id
    /// <paramref name="after"/> (null: from the start).
    /// </summary>
    ValueTask<IReadOnlyList<KmsGrant>> ListGrantsAsync(string region, string keyId, string? grantee, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// At most <paramref name="limit"/> grants of a Region that name a retiring principal (an ARN), in the order of their keys' ids and their own, from the first after
    /// <paramref name="after"/> (null: from the start).
    /// </summary>
    ValueTask<IReadOnlyList<KmsGrant>> ListRetirableGrantsAsync(
        string region, string retiring, (string KeyId, string GrantId)? after, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes all grants of a key that is deleted, or about to be. It can be repeated.</summary>
    ValueTask DeleteGrantsAsync(string region, string keyId, CancellationToken cancellationToken);
}
