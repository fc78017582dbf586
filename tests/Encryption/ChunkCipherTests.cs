using System.Security.Cryptography;
using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Encryption.Tests;

public class ChunkCipherTests
{
    private readonly byte[] _header = new byte[HeaderSize];

    [Fact]
    public void Two_messages_under_one_key_have_different_salts_and_commitments()
    {
        byte[] other = new byte[HeaderSize];
        ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header).Dispose();
        ChunkCipher.ForSealing(Message.InputKey, Message.Context, other).Dispose();
        Assert.NotEqual(_header[..SaltSize], other[..SaltSize]);
        Assert.NotEqual(_header[SaltSize..], other[SaltSize..]);
    }

    [Fact]
    public void A_header_opens_under_its_own_key_and_context_only()
    {
        ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header).Dispose();

        using ChunkCipher? right = ChunkCipher.TryOpen(Message.InputKey, Message.Context, _header);
        Assert.NotNull(right);
        Assert.Null(ChunkCipher.TryOpen(RandomNumberGenerator.GetBytes(32), Message.Context, _header));
        Assert.Null(ChunkCipher.TryOpen(Message.InputKey, [.. Message.Context, 0], _header));
        Assert.Null(ChunkCipher.TryOpen(Message.InputKey, [], _header));
    }

    [Fact]
    public void A_header_with_any_bit_flipped_does_not_open()
    {
        ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header).Dispose();
        for (int bit = 0; bit < _header.Length * 8; bit++)
        {
            byte[] altered = [.. _header];
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(ChunkCipher.TryOpen(Message.InputKey, Message.Context, altered));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(57)]
    public void A_header_of_another_size_does_not_open(int size) =>
        Assert.Null(ChunkCipher.TryOpen(Message.InputKey, Message.Context, new byte[size]));

    [Fact]
    public void Any_chunk_opens_alone()
    {
        byte[] plaintext = Message.Plaintext(5 * ChunkSize + 99);
        byte[] message = Message.Seal(plaintext);
        using ChunkCipher cipher = ChunkCipher.TryOpen(Message.InputKey, Message.Context, message.AsSpan(0, HeaderSize))!;

        foreach (int index in (int[])[3, 0, 5, 1])
        {
            byte[] chunk = message.Skip((int)ChunkOffset(index)).Take(SealedChunkSize).ToArray();
            byte[] opened = new byte[chunk.Length - TagSize];
            Assert.True(cipher.TryOpenChunk(index, chunk, opened));
            Assert.Equal(plaintext.Skip(index * ChunkSize).Take(ChunkSize), opened);

            Assert.False(cipher.TryOpenChunk(index + 1, chunk, opened));
            Assert.All(opened, value => Assert.Equal(0, value));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16401)]
    public void A_chunk_of_a_length_that_no_chunk_has_does_not_open(int size)
    {
        using ChunkCipher cipher = ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header);
        Assert.False(cipher.TryOpenChunk(0, new byte[size], new byte[Math.Max(size - TagSize, 0)]));
    }

    [Fact]
    public void Chunks_are_sealed_in_order_and_each_only_once()
    {
        using ChunkCipher cipher = ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header);
        byte[] full = new byte[ChunkSize], sealedChunk = new byte[SealedChunkSize];

        Assert.Throws<InvalidOperationException>(() => cipher.Seal(1, full, sealedChunk));
        cipher.Seal(0, full, sealedChunk);
        Assert.Throws<InvalidOperationException>(() => cipher.Seal(0, full, sealedChunk));
        cipher.Seal(1, full, sealedChunk);
    }

    [Fact]
    public void Nothing_is_sealed_after_a_short_chunk()
    {
        using ChunkCipher cipher = ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header);
        cipher.Seal(0, [], new byte[TagSize]);
        Assert.Throws<InvalidOperationException>(() => cipher.Seal(0, [], new byte[TagSize]));
        Assert.Throws<InvalidOperationException>(() => cipher.Seal(1, [], new byte[TagSize]));
    }

    [Fact]
    public void A_cipher_that_opens_never_seals()
    {
        ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header).Dispose();
        using ChunkCipher cipher = ChunkCipher.TryOpen(Message.InputKey, Message.Context, _header)!;
        Assert.Throws<InvalidOperationException>(() => cipher.Seal(0, [], new byte[TagSize]));
    }

    [Fact]
    public void Chunk_numbers_end_below_2_to_the_38()
    {
        using ChunkCipher cipher = ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header);
        Assert.Throws<ArgumentOutOfRangeException>(() => cipher.Seal(1L << 38, [], new byte[TagSize]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cipher.Seal(-1, [], new byte[TagSize]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cipher.TryOpenChunk(1L << 38, new byte[TagSize], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => cipher.TryOpenChunk(-1, new byte[TagSize], []));
    }

    [Fact]
    public void Wrong_sizes_are_misuse()
    {
        using ChunkCipher cipher = ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header);
        Assert.Throws<ArgumentException>(() => cipher.Seal(0, new byte[ChunkSize + 1], new byte[SealedChunkSize + 1]));
        Assert.Throws<ArgumentException>(() => cipher.Seal(0, new byte[5], new byte[5]));
        Assert.Throws<ArgumentException>(() => cipher.Seal(0, new byte[5], new byte[22]));
        Assert.Throws<ArgumentException>(() => cipher.TryOpenChunk(0, new byte[21], new byte[6]));
        Assert.Throws<ArgumentException>(() => ChunkCipher.ForSealing(new byte[16], [], _header));
        Assert.Throws<ArgumentException>(() => ChunkCipher.ForSealing(Message.InputKey, new byte[MaxContextSize + 1], _header));
        Assert.Throws<ArgumentException>(() => ChunkCipher.ForSealing(Message.InputKey, [], new byte[23], _header));
        Assert.Throws<ArgumentException>(() => ChunkCipher.ForSealing(Message.InputKey, [], new byte[HeaderSize - 1]));
        Assert.Throws<ArgumentException>(() => ChunkCipher.TryOpen(new byte[33], [], _header));
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        const int Chunks = 1000;
        byte[] plaintext = Message.Plaintext(ChunkSize);
        byte[] sealedChunk = new byte[SealedChunkSize];
        using ChunkCipher sealing = ChunkCipher.ForSealing(Message.InputKey, Message.Context, _header);
        using ChunkCipher opening = ChunkCipher.TryOpen(Message.InputKey, Message.Context, _header)!;
        SealAndOpen(0, Chunks);

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool authentic = SealAndOpen(Chunks, 2 * Chunks);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(authentic);

        bool SealAndOpen(int from, int to)
        {
            bool all = true;
            for (int index = from; index < to; index++)
            {
                sealing.Seal(index, plaintext, sealedChunk);
                all &= opening.TryOpenChunk(index, sealedChunk, plaintext);
            }

            return all;
        }
    }
}
