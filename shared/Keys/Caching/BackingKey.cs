using System.Security.Cryptography;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>
/// One version of a master or KMS key, unwrapped and shared between requests. It is zeroed when the cache has dropped it <i>and</i> the last request that
/// holds it is done, never under a request's hands: a key that reads as zeros would wrap under a key that everybody knows.
/// </summary>
internal sealed class BackingKey(string keyId, uint version, string materialId, SecretKey key) : IDisposable
{
    private int _holders = 1;

    /// <summary>The version's number, from 1.</summary>
    public uint Version => version;

    /// <summary>The material's public name, as KMS's KeyMaterialId.</summary>
    public string MaterialId => materialId;

    /// <summary>Takes part in the key; each success is ended by one <see cref="Dispose"/>. False when the key is gone.</summary>
    public bool TryHold()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    /// <summary>Ends one holder's part.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            key.Dispose();
        }
    }

    public byte[] Wrap(EncryptionContext context, ReadOnlySpan<byte> plaintext) => KeyWrap.Wrap(key.Bytes, keyId, version, context, plaintext);

    public bool TryUnwrap(ReadOnlySpan<byte> wrapped, EncryptionContext context, Span<byte> plaintext) => KeyWrap.TryUnwrap(key.Bytes, wrapped, context, plaintext);

    public byte[] ComputeMac(HmacAlgorithm algorithm, ReadOnlySpan<byte> message) => Hmac.Compute(algorithm, key.Bytes, message);

    public bool VerifyMac(HmacAlgorithm algorithm, ReadOnlySpan<byte> message, ReadOnlySpan<byte> mac) => Hmac.Verify(algorithm, key.Bytes, message, mac);

    /// <summary>Unwraps what must be a key of 32 bytes; null, without a reason, for anything else.</summary>
    public SecretKey? TryUnwrapKey(ReadOnlySpan<byte> wrapped, EncryptionContext context)
    {
        Span<byte> plaintext = stackalloc byte[SecretKey.Size];
        try
        {
            return TryUnwrap(wrapped, context, plaintext) ? SecretKey.Copy(plaintext) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }
}
