namespace Serverless.Encryption;

// C2SP chunked encryption, instance Cobblestone-256
//
// Purpose: encrypts one message of up to 4 PiB as a stream, with authenticated random access.
// Reference: https://c2sp.org/chunked-encryption
//
//   input key    32 bytes, uniformly random
//   salt         24 bytes, random, never twice under one input key
//   context      0 to 512 bytes (a limit of this implementation), bound to the message but not stored in it
//   commitment   32 bytes, derived
//   chunk        16384 bytes of plaintext, 16400 sealed (AES-256-GCM, no associated data); the last is always shorter, and may be empty
//   message      at most 2^38 chunks
//
//   key (32) || base nonce (12) || commitment (32) =
//       HKDF-Expand-SHA-512(input key, "c2sp.org/chunked-encryption@v1+" || "AEAD_AES_256_GCM" || 0x00 || salt || context)
//   nonce of chunk k = base nonce XOR k (big-endian, in the low bytes)
//
//   +------+------------+---------+---------+-----+----------------------+
//   | salt | commitment | chunk 0 | chunk 1 | ... | last chunk           |
//   |  24  |     32     |  16400  |  16400  |     | 16 to 16399          |
//   +------+------------+---------+---------+-----+----------------------+
//
// A message cut at a chunk border is missing its short chunk, and only the message's end has a chunk with that number and length:
// so truncation and extension are detected without a flag for the last chunk.

/// <summary>The sizes of C2SP chunked encryption, and the arithmetic between plaintext and sealed lengths. All are in bytes.</summary>
public static class ChunkedEncryption
{
    /// <summary>The plaintext of every chunk but the last, which is shorter.</summary>
    public const int ChunkSize = 16384;

    /// <summary>What sealing adds to a chunk.</summary>
    public const int TagSize = AesGcmSealing.TagSize;

    /// <summary>A sealed chunk that is not the last.</summary>
    public const int SealedChunkSize = ChunkSize + TagSize;

    /// <summary>The salt at the beginning of the header.</summary>
    public const int SaltSize = 24;

    /// <summary>The key commitment that follows the salt.</summary>
    public const int CommitmentSize = 32;

    /// <summary>What precedes the first chunk: salt and commitment.</summary>
    public const int HeaderSize = SaltSize + CommitmentSize;

    /// <summary>The longest context.</summary>
    public const int MaxContextSize = 512;

    /// <summary>The number of chunks that a message may have: 2³⁸, where the specification draws the line.</summary>
    public const long MaxChunks = 1L << 38;

    /// <summary>The longest message: 4 PiB less one byte, since the last chunk is never full.</summary>
    public const long MaxPlaintextLength = MaxChunks * ChunkSize - 1;

    /// <summary>The length of a sealed message, header included.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="plaintextLength"/> is negative or more than <see cref="MaxPlaintextLength"/>.</exception>
    public static long SealedLength(long plaintextLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plaintextLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintextLength, MaxPlaintextLength);
        long chunks = plaintextLength / ChunkSize + 1;
        return HeaderSize + plaintextLength + chunks * TagSize;
    }

    /// <summary>The length of the plaintext in a sealed message; false for a length (header included) that no message has.</summary>
    public static bool TryGetPlaintextLength(long sealedLength, out long plaintextLength)
    {
        plaintextLength = 0;
        if (sealedLength < HeaderSize + TagSize)
        {
            return false;
        }

        (long fullChunks, long lastChunk) = Math.DivRem(sealedLength - HeaderSize, SealedChunkSize);
        if (lastChunk < TagSize || fullChunks >= MaxChunks)
        {
            return false;
        }

        plaintextLength = fullChunks * ChunkSize + lastChunk - TagSize;
        return true;
    }

    /// <summary>Where a chunk begins in a sealed message. Plaintext byte i is in chunk i / <see cref="ChunkSize"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="chunk"/> is negative or not below <see cref="MaxChunks"/>.</exception>
    public static long ChunkOffset(long chunk)
    {
        RequireChunk(chunk);
        return HeaderSize + chunk * SealedChunkSize;
    }

    internal static long RequireChunk(long chunk)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunk);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chunk, MaxChunks);
        return chunk;
    }
}
