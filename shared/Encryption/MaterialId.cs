using System.Security.Cryptography;
using System.Text;

namespace Serverless.Encryption;

// Material id
//
// Purpose: a public name for key material, the same for the same material in the same key, so that material that is imported again is known again.
// References: RFC 5869 (HKDF-SHA-256).
//
//   id (32) = HKDF(input key = material, salt = label as below, info = key id in UTF-8)
//
// It tells about the material what a ciphertext under it tells: whether a guess is right. Material is a key of 28 bytes or more that its owner has made at random, so there
// is nothing to guess. The material is HKDF's input, not its key, so that the id is none of the MACs that an HMAC key computes for its callers; and the key id is in it, so that
// the same material in two keys does not show.

/// <summary>Names key material.</summary>
public static class MaterialId
{
    private const int Size = 32;

    private static ReadOnlySpan<byte> Label => "serverless-sse key material id v1 HKDF-SHA-256"u8;

    /// <summary>The id of material in a key: 64 hexadecimal digits in lower case.</summary>
    public static string Of(ReadOnlySpan<byte> material, string keyId)
    {
        Span<byte> id = stackalloc byte[Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, material, id, Label, Encoding.UTF8.GetBytes(keyId));
        return Convert.ToHexStringLower(id);
    }
}
