using System.Security.Cryptography;

namespace Serverless.Encryption;

// HKDF-Expand with SHA-512
//
// References: RFC 5869 section 2.3.
//
//   prk      any size; here a uniformly random 32-byte key
//   info     0 to 1024 bytes
//   output   1 to 255 * 64 bytes
//
// .NET's own HKDF.Expand is not used because it refuses a PRK shorter than the hash (RFC 5869 asks for one at least as long);
// a uniformly random 32-byte key needs no Extract step (same RFC, section 3.3) and C2SP chunked encryption expands it directly.

/// <summary>The Expand step of HKDF.</summary>
internal static class HkdfSha512
{
    public const int MaxInfoSize = 1024;

    private const int BlockSize = HMACSHA512.HashSizeInBytes;

    public static void Expand(ReadOnlySpan<byte> prk, ReadOnlySpan<byte> info, Span<byte> output)
    {
        Require.LengthBetween(info, 0, MaxInfoSize);
        Require.LengthBetween(output, 1, byte.MaxValue * BlockSize);

        // T(i) = HMAC(prk, T(i-1) || info || i), where T(0) is empty and i is one byte, from 1.
        Span<byte> buffer = stackalloc byte[BlockSize + MaxInfoSize + 1];
        Span<byte> message = buffer[..(BlockSize + info.Length + 1)];
        Span<byte> block = message[..BlockSize];
        info.CopyTo(message[BlockSize..]);
        try
        {
            for (int i = 1; !output.IsEmpty; i++)
            {
                message[^1] = (byte)i;
                HMACSHA512.HashData(prk, i == 1 ? message[BlockSize..] : message, block);
                int taken = Math.Min(BlockSize, output.Length);
                block[..taken].CopyTo(output);
                output = output[taken..];
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }
}
