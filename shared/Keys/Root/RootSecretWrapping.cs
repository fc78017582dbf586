using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>The secrets of access keys, under the root key.</summary>
internal sealed class RootSecretWrapping(IRootKey root) : ISecretWrapping
{
    /// <inheritdoc/>
    public ValueTask<byte[]> WrapAsync(SecretKey secret, string accessKeyId, string userId, CancellationToken cancellationToken) =>
        root.WrapAsync(secret, ContextOf(accessKeyId, userId), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SecretKey?> UnwrapAsync(ReadOnlyMemory<byte> wrapped, string accessKeyId, string userId, CancellationToken cancellationToken) =>
        root.UnwrapAsync(wrapped, ContextOf(accessKeyId, userId), cancellationToken);

    public static EncryptionContext ContextOf(string accessKeyId, string userId) =>
        EncryptionContext.Empty.With("purpose", "secret-access-key").With("access-key-id", accessKeyId).With("user-id", userId);
}
