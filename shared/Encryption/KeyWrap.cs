using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Serverless.Encryption;

// Key wrap
//
// Purpose: encrypts a data key (or anything of up to 4 KiB, as KMS Encrypt does) under a backing key, bound to an encryption context.
// References: the construction of AWS KMS ("AWS KMS Cryptographic Details", Encrypt: a key derived for each call from the backing key and a random nonce, then
// AES-256-GCM with the encryption context as AAD); NIST SP 800-108r1 section 4.1 (counter mode); NIST SP 800-38D (GCM); key commitment as in C2SP chunked encryption.
//
//   backing key   32 bytes, uniformly random
//   key id        0 to 255 bytes of UTF-8
//   plaintext     1 to 4096 bytes
//   KDF           SP 800-108, counter mode, HMAC-SHA-256; label as below, context = nonce; 64 bytes = wrap key (32) || commitment (32)
//   AEAD          AES-256-GCM; nonce 12 zero bytes; AAD = header || canonical encryption context
//
//   |<--------------- header ---------------->|
//   +--------+-----------+--------+-----------+-------+------------+------------+-----+
//   | format | id length | key id | version   | nonce | commitment | ciphertext | tag |
//   |   1    |     1     |  0-255 | 4, BE     |  16   |     32     |   1-4096   | 16  |
//   +--------+-----------+--------+-----------+-------+------------+------------+-----+
//
// GCM's nonce is constant because the wrap key is single-use: it comes from a 128-bit random nonce of its own. After 2^32 wraps under one backing key, the
// chance that any two share a wrap key is 2^-65; with random 96-bit GCM nonces under the backing key itself it would be 2^-33.
// The commitment makes a blob openable under one backing key only (GCM alone does not) and is compared before anything is decrypted.

/// <summary>Wraps keys under backing keys.</summary>
public static class KeyWrap
{
    /// <summary>The most that can be wrapped, in bytes.</summary>
    public const int MaxPlaintextSize = 4096;

    private const byte FormatVersion = 1;
    private const int MaxKeyIdSize = byte.MaxValue;
    private const int FixedHeaderSize = 1 + 1 + sizeof(uint);
    private const int NonceSize = 16;
    private const int CommitmentSize = 32;
    private const int TagSize = AesGcmSealing.TagSize;
    private const int Overhead = NonceSize + CommitmentSize + TagSize;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Label => "serverless-sse key wrap v1 AES-256-GCM"u8;

    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Wraps <paramref name="plaintext"/>. Two wraps of the same never look alike.</summary>
    /// <param name="backingKey">32 bytes.</param>
    /// <param name="keyId">At most 255 bytes of UTF-8; authenticated, stored in the clear.</param>
    /// <param name="keyVersion">The backing key's version; authenticated, stored in the clear.</param>
    /// <param name="context">Authenticated, not stored.</param>
    /// <param name="plaintext">1 to <see cref="MaxPlaintextSize"/> bytes.</param>
    /// <exception cref="ArgumentException">A size is wrong, or the key id is not well-formed.</exception>
    public static byte[] Wrap(ReadOnlySpan<byte> backingKey, string keyId, uint keyVersion, EncryptionContext context, ReadOnlySpan<byte> plaintext)
    {
        Require.Length(backingKey, SecretKey.Size);
        Require.LengthBetween(plaintext, 1, MaxPlaintextSize);
        byte[] id = StrictUtf8.GetBytes(keyId);
        Require.LengthBetween(id, 0, MaxKeyIdSize, nameof(keyId));

        int headerSize = FixedHeaderSize + id.Length;
        byte[] wrapped = new byte[headerSize + Overhead + plaintext.Length];
        Span<byte> header = wrapped.AsSpan(0, headerSize);
        header[0] = FormatVersion;
        header[1] = (byte)id.Length;
        id.CopyTo(header[2..]);
        BinaryPrimitives.WriteUInt32BigEndian(header[^sizeof(uint)..], keyVersion);

        Span<byte> nonce = wrapped.AsSpan(headerSize, NonceSize);
        Span<byte> commitment = wrapped.AsSpan(headerSize + NonceSize, CommitmentSize);
        Span<byte> sealedKey = wrapped.AsSpan(headerSize + NonceSize + CommitmentSize);
        RandomNumberGenerator.Fill(nonce);

        Span<byte> derived = stackalloc byte[AesGcmSealing.KeySize + CommitmentSize];
        try
        {
            Derive(backingKey, nonce, derived);
            derived[^CommitmentSize..].CopyTo(commitment);
            using AesGcm aead = AesGcmSealing.Create(derived[..AesGcmSealing.KeySize]);
            aead.Seal(ZeroNonce, plaintext, sealedKey, [.. header, .. context.Canonical]);
            return wrapped;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>Unwraps. False, without a reason, for anything else than what <see cref="Wrap"/> made of this backing key and context; <paramref name="plaintext"/> is then all zeros.</summary>
    /// <param name="backingKey">32 bytes: the key and version that the header names.</param>
    /// <param name="wrapped">Any bytes.</param>
    /// <param name="context">The context it was wrapped with.</param>
    /// <param name="plaintext">Exactly <see cref="WrapHeader.PlaintextLength"/> bytes; with another size the answer is false.</param>
    /// <exception cref="ArgumentException"><paramref name="backingKey"/> is not 32 bytes long.</exception>
    public static bool TryUnwrap(ReadOnlySpan<byte> backingKey, ReadOnlySpan<byte> wrapped, EncryptionContext context, Span<byte> plaintext)
    {
        Require.Length(backingKey, SecretKey.Size);
        CryptographicOperations.ZeroMemory(plaintext);
        if (!TryMeasure(wrapped, out int headerSize, out int plaintextLength) || plaintext.Length != plaintextLength)
        {
            return false;
        }

        ReadOnlySpan<byte> nonce = wrapped.Slice(headerSize, NonceSize);
        ReadOnlySpan<byte> commitment = wrapped.Slice(headerSize + NonceSize, CommitmentSize);
        ReadOnlySpan<byte> sealedKey = wrapped[(headerSize + NonceSize + CommitmentSize)..];

        Span<byte> derived = stackalloc byte[AesGcmSealing.KeySize + CommitmentSize];
        try
        {
            Derive(backingKey, nonce, derived);
            if (!CryptographicOperations.FixedTimeEquals(derived[^CommitmentSize..], commitment))
            {
                return false;
            }

            using AesGcm aead = AesGcmSealing.Create(derived[..AesGcmSealing.KeySize]);
            return aead.TryOpen(ZeroNonce, sealedKey, plaintext, [.. wrapped[..headerSize], .. context.Canonical]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>Unwraps what must be a key. Null, without a reason, for anything else.</summary>
    /// <param name="backingKey">32 bytes: the key and version that the header names.</param>
    /// <param name="wrapped">Any bytes.</param>
    /// <param name="context">The context it was wrapped with.</param>
    /// <param name="size">In bytes, what the key's size must be; null for any of <see cref="SecretKey.MinSize"/> to <see cref="SecretKey.MaxSize"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="backingKey"/> is not 32 bytes long.</exception>
    public static SecretKey? TryUnwrapKey(ReadOnlySpan<byte> backingKey, ReadOnlySpan<byte> wrapped, EncryptionContext context, int? size = SecretKey.Size)
    {
        if (!TryMeasure(wrapped, out _, out int length) || length != (size ?? length) || length is < SecretKey.MinSize or > SecretKey.MaxSize)
        {
            return null;
        }

        Span<byte> longest = stackalloc byte[SecretKey.MaxSize];
        Span<byte> key = longest[..length];
        try
        {
            return TryUnwrap(backingKey, wrapped, context, key) ? SecretKey.CopyAnySize(key) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Reads which key wrapped a blob, which says nothing about its authenticity. False for any bytes that are not in the format; never throws.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> wrapped, out WrapHeader header)
    {
        header = default;
        if (!TryMeasure(wrapped, out int headerSize, out int plaintextLength))
        {
            return false;
        }

        ReadOnlySpan<byte> id = wrapped[2..(headerSize - sizeof(uint))];
        if (!Utf8.IsValid(id))
        {
            return false;
        }

        header = new WrapHeader(StrictUtf8.GetString(id), BinaryPrimitives.ReadUInt32BigEndian(wrapped[(2 + id.Length)..]), plaintextLength);
        return true;
    }

    private static bool TryMeasure(ReadOnlySpan<byte> wrapped, out int headerSize, out int plaintextLength)
    {
        headerSize = 0;
        plaintextLength = 0;
        if (wrapped.Length < FixedHeaderSize || wrapped[0] != FormatVersion)
        {
            return false;
        }

        headerSize = FixedHeaderSize + wrapped[1];
        plaintextLength = wrapped.Length - headerSize - Overhead;
        return plaintextLength is >= 1 and <= MaxPlaintextSize;
    }

    private static void Derive(ReadOnlySpan<byte> backingKey, ReadOnlySpan<byte> nonce, Span<byte> derived) =>
        SP800108HmacCounterKdf.DeriveBytes(backingKey, HashAlgorithmName.SHA256, Label, nonce, derived);
}
