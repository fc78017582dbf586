using System.Security.Cryptography;

namespace Serverless.Encryption;

// Content tag
//
// Purpose: authenticates public content that belongs to an encrypted object (its manifest) with the object's data key.
// References: NIST SP 800-108r1 section 4.1 (counter mode, HMAC-SHA-256), FIPS 198-1 (HMAC).
//
//   data key   32 bytes, uniformly random
//   content    any size
//   tag        32 bytes = HMAC-SHA-256(tag key, content), where tag key (32) = SP 800-108(data key, label as below, no context)
//
// The label keeps the tag key apart from the keys of chunked encryption, which come from the same data key through HKDF-SHA-512.

/// <summary>A message authentication code under a key derived from a data key.</summary>
public static class ContentTag
{
    /// <summary>A tag's size, in bytes.</summary>
    public const int Size = HMACSHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Label => "serverless-sse content tag v1 HMAC-SHA-256"u8;

    /// <summary>Computes the tag of <paramref name="content"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="dataKey"/> or <paramref name="tag"/> is not 32 bytes long.</exception>
    public static void Compute(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> content, Span<byte> tag)
    {
        Require.Length(dataKey, SecretKey.Size);
        Require.Length(tag, Size);
        Span<byte> tagKey = stackalloc byte[SecretKey.Size];
        try
        {
            SP800108HmacCounterKdf.DeriveBytes(dataKey, HashAlgorithmName.SHA256, Label, [], tagKey);
            HMACSHA256.HashData(tagKey, content, tag);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(tagKey);
        }
    }

    /// <summary>Whether <paramref name="tag"/>, which may have any length, is the tag of <paramref name="content"/>. Takes the same time wherever it differs.</summary>
    /// <exception cref="ArgumentException"><paramref name="dataKey"/> is not 32 bytes long.</exception>
    public static bool Verify(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> content, ReadOnlySpan<byte> tag)
    {
        Span<byte> expected = stackalloc byte[Size];
        Compute(dataKey, content, expected);
        return CryptographicOperations.FixedTimeEquals(expected, tag);
    }
}
