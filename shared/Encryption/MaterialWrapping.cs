using System.Security.Cryptography;

namespace Serverless.Encryption;

// Material wrapping
//
// Purpose: carries key material from its owner to a service that has given out an RSA public key.
// References: RFC 8017 section 7.1 (RSAES-OAEP, MGF1 with the same hash, no label); RFC 5649 (AES key wrap with padding);
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html.
//
//   RSA key      2048, 3072 or 4096 bits, e = 65537; public as SubjectPublicKeyInfo, private as PKCS #8, both DER
//   material     1 byte to what OAEP takes (modulus - 2 * hash - 2); behind an AES key of any size
//   AES key      16, 24 or 32 bytes, chosen by the owner
//
//   RSAES_OAEP_*          RSAES-OAEP(material)
//   RSA_AES_KEY_WRAP_*    RSAES-OAEP(AES key) || AES-KWP(material)        the first as long as the modulus
//
// That the material is from its owner is proved by nothing in it, for whoever has the public key can wrap: it is the request that is signed.

/// <summary>How material is wrapped for its way to the service.</summary>
public enum WrappingAlgorithm
{
    RsaesOaepSha1 = 1,
    RsaesOaepSha256 = 2,
    RsaAesKeyWrapSha1 = 3,
    RsaAesKeyWrapSha256 = 4,
}

/// <summary>Makes RSA wrapping keys and opens what was wrapped with them.</summary>
public static class MaterialWrapping
{
    /// <summary>The largest private key, in bytes, with room to spare: one of 4096 bits has some 2375.</summary>
    private const int MaxPrivateKeySize = KeyWrap.MaxPlaintextSize;

    private const int MaxAesKeySize = 32;

    /// <summary>Makes a key pair; it takes up to a second. The private key is pinned, and the caller's to clear.</summary>
    /// <param name="bits">2048, 3072 or 4096.</param>
    public static (byte[] PublicKey, byte[] PrivateKey) Generate(int bits)
    {
        using var rsa = RSA.Create(bits);
        byte[] buffer = GC.AllocateUninitializedArray<byte>(MaxPrivateKeySize, pinned: true);
        try
        {
            if (!rsa.TryExportPkcs8PrivateKey(buffer, out int size))
            {
                throw new ArgumentOutOfRangeException(nameof(bits));
            }

            byte[] privateKey = GC.AllocateUninitializedArray<byte>(size, pinned: true);
            buffer.AsSpan(0, size).CopyTo(privateKey);
            return (rsa.ExportSubjectPublicKeyInfo(), privateKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>Opens wrapped material. False, without a reason, for anything that was not wrapped so with the key pair's public key.</summary>
    /// <param name="privateKey">As <see cref="Generate"/> made it.</param>
    /// <param name="algorithm">How it was wrapped.</param>
    /// <param name="wrapped">Any bytes.</param>
    /// <param name="material">At least as long as <paramref name="wrapped"/>; the caller's to clear.</param>
    /// <param name="size">The material's size, in bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="material"/> is too short.</exception>
    public static bool TryOpen(ReadOnlySpan<byte> privateKey, WrappingAlgorithm algorithm, ReadOnlySpan<byte> wrapped, Span<byte> material, out int size)
    {
        Require.LengthBetween(material, wrapped.Length, int.MaxValue);
        RSAEncryptionPadding padding = algorithm is WrappingAlgorithm.RsaesOaepSha1 or WrappingAlgorithm.RsaAesKeyWrapSha1
            ? RSAEncryptionPadding.OaepSHA1
            : RSAEncryptionPadding.OaepSHA256;
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(privateKey, out _);
        if (algorithm is WrappingAlgorithm.RsaesOaepSha1 or WrappingAlgorithm.RsaesOaepSha256)
        {
            return TryDecrypt(rsa, padding, wrapped, material, out size);
        }

        int modulusSize = rsa.KeySize / 8;
        size = 0;
        if (wrapped.Length <= modulusSize)
        {
            return false;
        }

        // What OAEP holds may be longer than any AES key.
        byte[] aesKey = GC.AllocateUninitializedArray<byte>(modulusSize, pinned: true);
        try
        {
            return TryDecrypt(rsa, padding, wrapped[..modulusSize], aesKey, out int aesKeySize)
                && aesKeySize is 16 or 24 or MaxAesKeySize
                && TryUnwrap(aesKey.AsSpan(0, aesKeySize), wrapped[modulusSize..], material, out size);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(aesKey);
        }
    }

    /// <summary>AES key wrap with padding, opened.</summary>
    internal static bool TryUnwrap(ReadOnlySpan<byte> aesKey, ReadOnlySpan<byte> wrapped, Span<byte> material, out int size)
    {
        using var aes = Aes.Create();
        aes.SetKey(aesKey);
        try
        {
            return aes.TryDecryptKeyWrapPadded(wrapped, material, out size);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // It has not a wrap's size, or was not wrapped under this key.
            size = 0;
            return false;
        }
    }

    private static bool TryDecrypt(RSA rsa, RSAEncryptionPadding padding, ReadOnlySpan<byte> wrapped, Span<byte> destination, out int size)
    {
        try
        {
            return rsa.TryDecrypt(wrapped, destination, padding, out size);
        }
        catch (CryptographicException)
        {
            size = 0;
            return false;
        }
    }
}
