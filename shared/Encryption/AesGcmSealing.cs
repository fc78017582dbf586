using System.Security.Cryptography;

namespace Serverless.Encryption;

// AES-256-GCM (AEAD_AES_256_GCM)
//
// References: NIST SP 800-38D, RFC 5116 section 5.2.
//
//   key          32 bytes
//   nonce        12 bytes; a (key, nonce) pair seals once
//   tag          16 bytes, appended to the ciphertext, as RFC 5116 has it
//   plaintext    up to 2^36 - 32 bytes; no caller here comes near (16 KiB chunks, 4 KiB wrapped keys)

/// <summary>Sealing and opening with AES-256-GCM where the tag follows the ciphertext and a failed authentication is a value.</summary>
internal static class AesGcmSealing
{
    public const int KeySize = 32;
    public const int NonceSize = 12;
    public const int TagSize = 16;

    public static AesGcm Create(ReadOnlySpan<byte> key)
    {
        Require.Length(key, KeySize);
        return new AesGcm(key, TagSize);
    }

    /// <param name="destination">Exactly <see cref="TagSize"/> bytes longer than <paramref name="plaintext"/>.</param>
    public static void Seal(this AesGcm aead, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> destination, ReadOnlySpan<byte> associatedData = default)
    {
        Require.Length(destination, plaintext.Length + TagSize);
        aead.Encrypt(nonce, plaintext, destination[..plaintext.Length], destination[plaintext.Length..], associatedData);
    }

    /// <summary>False when the tag does not match; <paramref name="plaintext"/> is then all zeros.</summary>
    /// <param name="plaintext">Exactly <see cref="TagSize"/> bytes shorter than <paramref name="sealedBytes"/>.</param>
    public static bool TryOpen(this AesGcm aead, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, Span<byte> plaintext, ReadOnlySpan<byte> associatedData = default)
    {
        Require.Length(plaintext, sealedBytes.Length - TagSize);
        try
        {
            aead.Decrypt(nonce, sealedBytes[..^TagSize], sealedBytes[^TagSize..], plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            // AesGcm clears it too, but does not document that.
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
    }
}
