using Serverless.Encryption;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Objects.Bodies;

/// <summary>
/// Reads a range of one stream's plaintext: which stored bytes it needs, and the plaintext out of them. The range is extended to whole chunks,
/// and to the end of the stream where it reaches the end of the plaintext, so that a truncated stream is noticed.
/// </summary>
/// <param name="Offset">The first byte of plaintext.</param>
/// <param name="Count">How many; 0 only for an empty stream.</param>
/// <param name="Length">The whole plaintext's length.</param>
/// <param name="TwoLayers">Whether the stream is sealed twice.</param>
public readonly record struct StreamOpener(long Offset, long Count, long Length, bool TwoLayers)
{
    private bool ToEnd => Offset + Count == Length;

    private long InnerFirstChunk => Offset / ChunkSize;

    private long InnerStart => ChunkOffset(InnerFirstChunk);

    private long InnerLength => SealedLength(Length);

    private long InnerEnd => ToEnd ? InnerLength : Math.Min(ChunkOffset((Offset + Count - 1) / ChunkSize + 1), InnerLength);

    /// <summary>The stored bytes that hold the range.</summary>
    public StoredRange Stored
    {
        get
        {
            if (!TwoLayers) return new(InnerStart, InnerEnd - InnerStart);
            var start = ChunkOffset(InnerStart / ChunkSize);
            var outerLength = SealedLength(InnerLength);
            var end = ToEnd ? outerLength : Math.Min(ChunkOffset((InnerEnd - 1) / ChunkSize + 1), outerLength);
            return new(start, end - start);
        }
    }

    /// <summary>
    /// Opens the range. The stream yields exactly <see cref="Count"/> bytes, each authenticated in its place, or throws <see cref="CorruptDataException"/>.
    /// </summary>
    /// <param name="stored">The stored bytes from <paramref name="position"/> on, which is at or before <see cref="Stored"/>'s offset; owned by the result.</param>
    public Stream Open(OpenKeys keys, StreamHeaders? headers, ReadOnlySpan<byte> objectId, int part, Stream stored, long position)
    {
        Span<byte> context = stackalloc byte[StreamContext.Size];
        StreamContext.Write(objectId, part, context);
        Stream source = new ExactStream(stored, Stored.Offset - position, Stored.Count, checkEnd: false);
        if (TwoLayers)
        {
            var firstChunk = InnerStart / ChunkSize;
            var opened = new OpeningStream(source, Cipher(keys.Outer, context, headers?.Outer), firstChunk, ToEnd);
            source = new ExactStream(opened, InnerStart - firstChunk * ChunkSize, InnerEnd - InnerStart, checkEnd: ToEnd);
        }
        var inner = new OpeningStream(source, Cipher(keys.Inner, context, headers?.Inner), InnerFirstChunk, ToEnd);
        return new ExactStream(inner, Offset - InnerFirstChunk * ChunkSize, Count, checkEnd: ToEnd);
    }

    private static ChunkCipher Cipher(SecretKey? key, ReadOnlySpan<byte> context, byte[]? header) =>
        (key is null || header is null ? null : ChunkCipher.TryOpen(key.Bytes, context, header)) ?? throw new CorruptDataException();
}
