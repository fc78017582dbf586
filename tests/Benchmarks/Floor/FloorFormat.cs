using System.Buffers.Binary;

namespace Serverless.Benchmarks.Floor;

/// <summary>How the floor stores an object: a random nonce of 12 bytes, then chunks of 16 KiB of AES-256-GCM, each under the nonce after the one before.</summary>
internal static class FloorFormat
{
    public const int NonceSize = 12;
    public const int TagSize = 16;
    public const int ChunkSize = 16384;
    public const int SealedChunkSize = ChunkSize + TagSize;

    /// <summary>What goes to or comes from the store at a time: seven chunks fit into one of the array pool's 128 KiB.</summary>
    public const int BlockSize = 7 * SealedChunkSize;

    public static long SealedLength(long length) => NonceSize + length + (length + ChunkSize - 1) / ChunkSize * TagSize;

    public static long PlaintextLength(long sealedLength)
    {
        var chunks = sealedLength - NonceSize;
        return chunks - (chunks + SealedChunkSize - 1) / SealedChunkSize * TagSize;
    }

    public static void Next(Span<byte> nonce)
    {
        var counter = nonce[^4..];
        BinaryPrimitives.WriteUInt32BigEndian(counter, BinaryPrimitives.ReadUInt32BigEndian(counter) + 1);
    }
}
