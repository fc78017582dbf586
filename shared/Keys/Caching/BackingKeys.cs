using System.Security.Cryptography;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>A version's material as the store has it: under the root key.</summary>
/// <param name="MaterialId">The material's public name.</param>
/// <param name="Wrapped">Its bytes under the root key.</param>
/// <param name="Context">What they were wrapped with.</param>
internal sealed record StoredBackingKey(string MaterialId, byte[] Wrapped, EncryptionContext Context);

/// <summary>The unwrapped versions of one kind of key, so that a warm request asks neither the store nor the root key.</summary>
internal sealed class BackingKeys
{
    // A version's material is always the same while it is there, so that it could be kept for ever (who removes it forgets it here); an hour lets a root key that its provider has revoked take effect.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly Func<string, uint, Task<StoredBackingKey?>> _read;
    private readonly IRootKey _root;
    private readonly RecentCache<(string KeyId, uint Version), BackingKey> _keys;

    /// <summary>Reads versions with <paramref name="read"/> (key id, version) and keeps at most <paramref name="capacity"/> of them.</summary>
    public BackingKeys(string name, Func<string, uint, Task<StoredBackingKey?>> read, IRootKey root, TimeProvider time, int capacity)
    {
        _read = read;
        _root = root;
        _keys = new(name, key => LoadAsync(key.KeyId, key.Version), time, Lifetime, capacity);
    }

    /// <summary>Holds a version until it is disposed; null where there is no such version.</summary>
    /// <exception cref="CryptographicException">The root key does not open it.</exception>
    public ValueTask<BackingKey?> HoldAsync(string keyId, uint version, CancellationToken cancellationToken) => _keys.HoldAsync((keyId, version), cancellationToken);

    /// <summary>Drops a version from memory.</summary>
    public void Forget(string keyId, uint version) => _keys.Forget((keyId, version));

    private async Task<BackingKey?> LoadAsync(string keyId, uint version)
    {
        StoredBackingKey? stored = await _read(keyId, version).ConfigureAwait(false);
        if (stored is null)
        {
            return null;
        }

        SecretKey key = await _root.UnwrapAsync(stored.Wrapped, stored.Context, CancellationToken.None).ConfigureAwait(false)
            ?? throw new CryptographicException($"The root key does not open version {version} of the key '{keyId}'.");
        return new BackingKey(keyId, version, stored.MaterialId, key);
    }
}
