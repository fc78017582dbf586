namespace Serverless.Keys;

/// <summary>A key as it is to be, and what happens to its versions with it.</summary>
internal readonly record struct KeyChange(KmsKey Key, KmsVersionChange? Versions = null);

/// <summary>
/// How an operation changes a key: it is judged by what the store says now, not by the cache; recorded once, before the change can take effect; and done again
/// when another change came between.
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
    public async Task<KmsKey> ChangeAsync(KmsRequest request, KmsCall call, Func<KmsKey, ValueTask<KeyChange>> change, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        call.Parameters["keyId"] = keyId;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            KmsKey key = await keyring.ReadAsync(call, keyId, cancellationToken).ConfigureAwait(false);
            await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
            KeyChange wanted = await change(key).ConfigureAwait(false);
            if (attempt == 0)
            {
                (call.Response ??= [])["keyId"] = key.Arn;
                await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            }

            bool done = await store.TryReplaceKeyAsync(wanted.Key, wanted.Versions, cancellationToken).ConfigureAwait(false);
            keyring.Forget(key);
            if (done)
            {
                return wanted.Key;
            }
        }

        throw new KmsException(KmsErrors.Internal);
    }
}
