using System.Security.Cryptography;
using System.Text;
using Serverless.Encryption;

namespace Serverless.Access.Tests;

/// <summary>Wraps as the root key does, under a key of its own, and counts what it opens.</summary>
internal sealed class BoundWrapping : ISecretWrapping
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(SecretKey.Size);
    private int unwraps;

    public int Unwraps => unwraps;

    public ValueTask<byte[]> WrapAsync(SecretKey secret, string accessKeyId, string userId, CancellationToken cancellationToken) =>
        new(KeyWrap.Wrap(key, "test", 1, ContextOf(accessKeyId, userId), secret.Bytes));

    public ValueTask<SecretKey?> UnwrapAsync(ReadOnlyMemory<byte> wrapped, string accessKeyId, string userId, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref unwraps);
        Span<byte> secret = stackalloc byte[SecretKey.Size];
        return new(KeyWrap.TryUnwrap(key, wrapped.Span, ContextOf(accessKeyId, userId), secret) ? SecretKey.Copy(secret) : null);
    }

    private static EncryptionContext ContextOf(string accessKeyId, string userId) => EncryptionContext.Empty.With("key", accessKeyId).With("user", userId);
}
