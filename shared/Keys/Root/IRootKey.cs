using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>The key above all others. It wraps master key versions, KMS backing keys, the keys of import tokens, the key of audit digests and the secrets of access keys, nothing else, and never leaves its provider.
/// Every call throws <see cref="RootKeyUnavailableException"/> when the provider refuses or does not answer.</summary>
public interface IRootKey
{
    /// <summary>Where the root key is kept, as a person would name it; part of messages.</summary>
    string Id { get; }

    /// <summary>Wraps a key, bound to the context.</summary>
    ValueTask<byte[]> WrapAsync(SecretKey key, EncryptionContext context, CancellationToken cancellationToken);

    /// <summary>Opens what <see cref="WrapAsync"/> made; null for anything else, without a reason.</summary>
    ValueTask<SecretKey?> UnwrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken);

    /// <summary>Wraps anew what is not under the newest version of the root key; null where it is, or where the root key has no versions.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It does not open.</exception>
    ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken);
}
