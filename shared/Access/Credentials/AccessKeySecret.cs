using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Serverless.Encryption;

namespace Serverless.Access;

/// <summary>
/// A secret access key in memory, and the keys that were derived from it: they live and die with it, so that a key id that is switched off, deleted or made anew
/// verifies nothing by what was derived before.
/// </summary>
internal sealed class AccessKeySecret : SharedSecret
{
    /// <summary>A user's secret in characters: AWS's are as long.</summary>
    public const int TextLength = 40;

    /// <summary>Derived keys that are kept: a client uses a few Regions and services, each with a new key every day.</summary>
    private const int MaxDerived = 16;

    // "AWS4" and the secret, what SigV4 derives every key from. Pinned: the collector must not leave copies behind.
    private readonly byte[] secret;
    private readonly SigningKeyCache derived = new(MaxDerived);

    /// <summary>A secret that is given as text.</summary>
    public AccessKeySecret(string secretAccessKey)
        : this(Encoding.UTF8.GetByteCount(secretAccessKey)) => Encoding.UTF8.GetBytes(secretAccessKey, secret.AsSpan(4));

    /// <summary>A user's secret: the <see cref="TextLength"/> characters of base64 that stand for the first 30 bytes of what is kept of it.</summary>
    public AccessKeySecret(SecretKey kept)
        : this(TextLength) => Base64.EncodeToUtf8(kept.Bytes[..(TextLength / 4 * 3)], secret.AsSpan(4), out _, out _);

    private AccessKeySecret(int length)
    {
        secret = GC.AllocateUninitializedArray<byte>(4 + length, pinned: true);
        "AWS4"u8.CopyTo(secret);
    }

    /// <summary>The secret access key as it is shown once, to whoever has made it.</summary>
    public string Reveal() => Encoding.UTF8.GetString(secret.AsSpan(4));

    /// <summary>Gives the key of a scope, <see cref="SigV4.KeySize"/> bytes.</summary>
    /// <returns>Whether it was kept.</returns>
    public bool DeriveKey(CredentialScope scope, Span<byte> key)
    {
        if (derived.TryCopy(scope, key))
        {
            return true;
        }
        SigV4.DeriveKey(secret, scope, key);
        return false;
    }

    /// <summary>Keeps a derived key whose signature has matched, so that nobody without the secret can crowd them.</summary>
    public void Keep(CredentialScope scope, ReadOnlySpan<byte> key) => derived.Add(scope, key);

    protected override void Wipe()
    {
        CryptographicOperations.ZeroMemory(secret);
        derived.Dispose();
    }
}
