using System.Security.Cryptography;
using System.Text;

namespace Serverless.Access;

/// <summary>An access key: who it speaks for, and its secret, which never leaves this object.</summary>
public sealed class Credential : IDisposable
{
    // "AWS4" and the secret, what SigV4 derives every key from. Pinned: the collector must not leave copies behind.
    private readonly byte[] secret;

    /// <param name="principal">Who signs with the key; <see cref="Principal.AccessKeyId"/> is the key's id.</param>
    /// <param name="secretAccessKey">The secret access key.</param>
    public Credential(Principal principal, string secretAccessKey)
    {
        Principal = principal;
        secret = GC.AllocateUninitializedArray<byte>(4 + Encoding.UTF8.GetByteCount(secretAccessKey), pinned: true);
        "AWS4"u8.CopyTo(secret);
        Encoding.UTF8.GetBytes(secretAccessKey, secret.AsSpan(4));
    }

    public Principal Principal { get; }

    /// <summary>Wipes the secret; the credential verifies nothing afterwards.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(secret);

    internal void DeriveKey(CredentialScope scope, Span<byte> key) => SigV4.DeriveKey(secret, scope, key);
}
