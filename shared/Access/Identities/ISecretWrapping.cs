using Serverless.Encryption;

namespace Serverless.Access;

/// <summary>
/// Keeps the secrets of access keys in the store. What is kept of a secret is 32 random bytes, of which the first 30 are the secret's 40 characters in base64.
/// </summary>
public interface ISecretWrapping
{
    /// <summary>Wraps a secret, bound to key and user: in another key's or user's place it does not open.</summary>
    ValueTask<byte[]> WrapAsync(SecretKey secret, string accessKeyId, string userId, CancellationToken cancellationToken);

    /// <summary>Opens what <see cref="WrapAsync"/> made for that key and user; null for anything else, without a reason.</summary>
    ValueTask<SecretKey?> UnwrapAsync(ReadOnlyMemory<byte> wrapped, string accessKeyId, string userId, CancellationToken cancellationToken);
}
