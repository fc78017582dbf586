namespace Serverless.Keys;

/// <summary>How an operation changes a key's grants: on the state that the store has now, and again when another change came between.</summary>
internal sealed class GrantChanges(KmsKeyring keyring)
{
    // Each lost race means that another change has won: losing this many in a row is no race any more.
    private const int Attempts = 20;

    /// <summary>Changes a grant of the key with an id.</summary>
    /// <param name="call">The call, for which the key is noted as it is now.</param>
    /// <param name="keyId">The key's id.</param>
    /// <param name="tryChange">Judges and records the change, and tries it; null when the key has changed meanwhile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The grant.</returns>
    /// <exception cref="KmsException">The key is gone, or the operation is refused.</exception>
    public async Task<KmsGrant> ChangeAsync(KmsCall call, string keyId, Func<KmsKey, Task<KmsGrant?>> tryChange, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            KmsKey key = await keyring.ReadAsync(call, keyId, cancellationToken).ConfigureAwait(false);
            KmsGrant? changed = await tryChange(key).ConfigureAwait(false);
            keyring.Forget(key);
            if (changed is not null)
            {
                return changed;
            }
        }

        throw new KmsException(KmsErrors.Internal);
    }
}
