using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;

namespace Serverless.Encryption;

// HMAC
//
// Purpose: message authentication codes under KMS keys, as GenerateMac makes and VerifyMac checks them.
// References: RFC 2104 and FIPS 198-1 (HMAC); FIPS 180-4 (SHA-224 to SHA-512); RFC 4231 (test vectors).
//
//   hash     MAC   block   (bytes)
//   SHA-224   28      64
//   SHA-256   32      64
//   SHA-384   48     128
//   SHA-512   64     128
//
//   key      1 byte or more; KMS makes it as long as the MAC
//   message  any length

/// <summary>The hash functions that HMAC is used with.</summary>
public enum HmacAlgorithm { Sha224, Sha256, Sha384, Sha512 }

/// <summary>Keyed hashes of messages.</summary>
public static class Hmac
{
    private const int Sha224Block = 64;

    /// <summary>The size of a MAC, in bytes.</summary>
    public static int SizeOf(HmacAlgorithm algorithm) => algorithm switch
    {
        HmacAlgorithm.Sha224 => 28,
        HmacAlgorithm.Sha256 => HMACSHA256.HashSizeInBytes,
        HmacAlgorithm.Sha384 => HMACSHA384.HashSizeInBytes,
        HmacAlgorithm.Sha512 => HMACSHA512.HashSizeInBytes,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>The MAC of a message, of <see cref="SizeOf"/> bytes. The array is the caller's.</summary>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static byte[] Compute(HmacAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> message)
    {
        Require.LengthBetween(key, 1, int.MaxValue);
        return algorithm switch
        {
            HmacAlgorithm.Sha224 => ComputeSha224(key, message),
            HmacAlgorithm.Sha256 => HMACSHA256.HashData(key, message),
            HmacAlgorithm.Sha384 => HMACSHA384.HashData(key, message),
            HmacAlgorithm.Sha512 => HMACSHA512.HashData(key, message),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
        };
    }

    /// <summary>Whether a MAC is the message's, in a time that tells nothing of how far it is from it.</summary>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static bool Verify(HmacAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> mac)
    {
        byte[] expected = Compute(algorithm, key, message);
        try
        {
            return CryptographicOperations.FixedTimeEquals(expected, mac);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(expected);
        }
    }

    // .NET has no SHA-224. The library's own HMAC would keep copies of the key that nothing clears.
    private static byte[] ComputeSha224(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message)
    {
        Span<byte> block = stackalloc byte[Sha224Block];
        block.Clear();
        try
        {
            if (key.Length <= Sha224Block)
            {
                key.CopyTo(block);
            }
            else
            {
                Sha224(key, [], block);
            }

            byte[] mac = new byte[SizeOf(HmacAlgorithm.Sha224)];
            Xor(block, 0x36);
            Sha224(block, message, mac);
            Xor(block, 0x36 ^ 0x5c);
            Sha224(block, mac, mac);
            return mac;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block);
        }
    }

    private static void Sha224(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> hash)
    {
        var digest = new Sha224Digest();
        digest.BlockUpdate(first);
        digest.BlockUpdate(second);
        // Clears what the digest holds of its input, too.
        digest.DoFinal(hash);
    }

    private static void Xor(Span<byte> block, byte pad)
    {
        foreach (ref byte b in block)
        {
            b ^= pad;
        }
    }
}
