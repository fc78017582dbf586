namespace Serverless.Keys;

/// <summary>A key as it is to be, and what happens to its versions with it.</summary>
internal readonly record struct KeyChange(KmsKey Key, KmsVersionChange? Versions = null);

/// <summary>
/// How an operation changes a key, or what is counted at it: it is judged by what the store says now, not by the cache; recorded once, before the change can take
/// effect; and done again when another change came between.
/// </summary>
internal sealed class KeyChanges(IKmsKeyStore store, KmsKeyring keyring, KmsTrail trail)
{
    // Each lost race means that another change has won: losing this many in a row is no race any more.
    private const int Attempts = 20;

    /// <summary>Changes the key that the member <c>KeyId</c> names, by its id or ARN.</summary>
    /// <exception cref="KmsException">There is no such key, or the operation is refused.</exception>
    public Task<KmsKey> ChangeAsync(KmsRequest request, KmsCall call, Func<KmsKey, KmsKey> change, CancellationToken cancellationToken) =>
        ChangeAsync(request, call, key => ValueTask.FromResult(new KeyChange(change(key))), cancellationToken);

    /// <inheritdoc cref="ChangeAsync(KmsRequest, KmsCall, Func{KmsKey, KmsKey}, CancellationToken)"/>
    public Task<KmsKey> ChangeAsync(KmsRequest request, KmsCall call, Func<KmsKey, ValueTask<KeyChange>> change, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        call.Parameters["keyId"] = keyId;
        return ChangeAsync(call, keyId, TryAsync, cancellationToken);

        async Task<KmsKey?> TryAsync(KmsKey key)
        {
            await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
            KeyChange wanted = await change(key).ConfigureAwait(false);
            (call.Response ??= [])["keyId"] = key.Arn;
            await trail.RecordOnceAsync(call, cancellationToken).ConfigureAwait(false);
            return await store.TryReplaceKeyAsync(wanted.Key, wanted.Versions, cancellationToken).ConfigureAwait(false) ? wanted.Key : null;
        }
    }

    /// <summary>Changes something of the key with an id or ARN.</summary>
    /// <param name="call">The call, for which the key is noted as it is now.</param>
    /// <param name="keyId">The key's id or ARN.</param>
    /// <param name="tryChange">Judges and records the change, and tries it; null when the key has changed meanwhile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="KmsException">The key is gone, or the operation is refused.</exception>
    public async Task<T> ChangeAsync<T>(KmsCall call, string keyId, Func<KmsKey, Task<T?>> tryChange, CancellationToken cancellationToken)
        where T : class
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            KmsKey key = await keyring.ReadAsync(call, keyId, cancellationToken).ConfigureAwait(false);
            T? changed = await tryChange(key).ConfigureAwait(false);
            keyring.Forget(key);
            if (changed is not null)
            {
                return changed;
            }
        }

        throw new KmsException(KmsErrors.Internal);
    }
}
