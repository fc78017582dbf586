using CsCheck;
using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Encryption.Tests;

public class OpeningStreamTests
{
    [Theory]
    [MemberData(nameof(SealingWriterTests.Lengths), MemberType = typeof(SealingWriterTests))]
    public async Task What_was_sealed_independently_is_read_in_every_way(int length)
    {
        byte[] plaintext = Message.Plaintext(length);
        byte[] message = Cobblestone256.Encrypt(Message.InputKey, Message.Context, Message.Plaintext(SaltSize), plaintext);

        Assert.Equal(plaintext, Message.Read(message));

        await using OpeningStream copied = Message.Open(message, arriving: 5000);
        var copy = new MemoryStream();
        await copied.CopyToAsync(copy);
        Assert.Equal(plaintext, copy.ToArray());

        await using OpeningStream whole = Message.Open(message);
        byte[] buffer = new byte[length];
        await whole.ReadExactlyAsync(buffer);
        Assert.Equal(plaintext, buffer);
        Assert.Equal(0, await whole.ReadAsync(new byte[1]));
        Assert.Equal(0, await whole.ReadAsync(new byte[1]));
    }

    [Fact]
    public void The_sizes_of_reads_and_arrivals_do_not_matter()
    {
        Gen.Select(Gen.Int[0, 150_000], Gen.Int[1, 40_000], Gen.OneOf(Gen.Int[1, 100], Gen.Int[1, 50_000]).Array[1, 10], Gen.Bool).Sample((length, arriving, reads, asynchronous) =>
        {
            byte[] plaintext = Message.Plaintext(length);
            using OpeningStream stream = Message.Open(Message.Seal(plaintext), arriving);
            var opened = new MemoryStream();
            for (int i = 0, last = -1; last != 0; i++)
            {
                byte[] buffer = new byte[reads[i % reads.Length] + (i < 1000 ? 0 : 20_000)];
                last = asynchronous ? stream.ReadAsync(buffer).AsTask().GetAwaiter().GetResult() : stream.Read(buffer);
                opened.Write(buffer, 0, last);
            }

            return plaintext.AsSpan().SequenceEqual(opened.ToArray());
        }, iter: 200);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 1)]
    [InlineData(0, 4)]
    public void A_range_of_chunks_is_read_without_the_others(int first, int count)
    {
        byte[] plaintext = Message.Plaintext(3 * ChunkSize + 77);
        byte[] message = Message.Seal(plaintext);
        int from = (int)ChunkOffset(first), to = Math.Min(message.Length, (int)ChunkOffset(first + count));
        using var stream = new OpeningStream(new MemoryStream(message[from..to]), Cipher(message), first, readToEnd: false);

        var opened = new MemoryStream();
        stream.CopyTo(opened);
        Assert.Equal(plaintext.Skip(first * ChunkSize).Take(count * ChunkSize), opened.ToArray());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-SealedChunkSize)]
    public void A_range_that_begins_or_ends_elsewhere_is_refused_again_and_again(int shift)
    {
        byte[] message = Message.Seal(Message.Plaintext(4 * ChunkSize));
        int from = (int)ChunkOffset(2) + shift;
        using var stream = new OpeningStream(new MemoryStream(message[from..(from + SealedChunkSize)]), Cipher(message), 2, readToEnd: false);
        Assert.Throws<CorruptDataException>(() => stream.Read(new byte[1]));
        Assert.Throws<CorruptDataException>(() => stream.Read(new byte[1]));
    }

    [Fact]
    public void A_message_from_its_middle_to_its_end_is_read_to_its_end()
    {
        byte[] plaintext = Message.Plaintext(2 * ChunkSize);
        byte[] message = Message.Seal(plaintext);
        using var complete = new OpeningStream(new MemoryStream(message[(int)ChunkOffset(1)..]), Cipher(message), 1, readToEnd: true);
        using var truncated = new OpeningStream(new MemoryStream(message[(int)ChunkOffset(1)..^TagSize]), Cipher(message), 1, readToEnd: true);

        complete.ReadExactly(new byte[ChunkSize]);
        Assert.Equal(0, complete.Read(new byte[1]));
        truncated.ReadExactly(new byte[ChunkSize]);
        Assert.Throws<CorruptDataException>(() => truncated.Read(new byte[1]));
    }

    [Fact]
    public void No_message_has_a_first_chunk_beyond_2_to_the_38()
    {
        using var cipher = ChunkCipher.ForSealing(Message.InputKey, Message.Context, new byte[HeaderSize]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new OpeningStream(Stream.Null, cipher, MaxChunks, readToEnd: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OpeningStream(Stream.Null, cipher, -1, readToEnd: true));
    }

    [Fact]
    public void A_corrupt_message_stays_corrupt_and_leaves_nothing_of_the_failed_read()
    {
        byte[] message = Message.Seal(Message.Plaintext(2 * ChunkSize));
        message[(int)ChunkOffset(1) + 5] ^= 1;
        using OpeningStream stream = Message.Open(message);
        byte[] buffer = new byte[3 * ChunkSize];

        Assert.Throws<CorruptDataException>(() => stream.Read(buffer));
        Assert.All(buffer, value => Assert.Equal(0, value));
        Assert.Throws<CorruptDataException>(() => stream.Read(buffer));
    }

    [Fact]
    public void Chunks_before_a_corrupt_one_are_read()
    {
        byte[] plaintext = Message.Plaintext(3 * ChunkSize);
        byte[] message = Message.Seal(plaintext);
        message[(int)ChunkOffset(2)] ^= 1;
        using OpeningStream stream = Message.Open(message);
        byte[] buffer = new byte[2 * ChunkSize];

        stream.ReadExactly(buffer);
        Assert.Equal(plaintext[..(2 * ChunkSize)], buffer);
        Assert.Throws<CorruptDataException>(() => stream.Read(buffer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposing_disposes_the_source_and_ends_reading(bool asynchronous)
    {
        byte[] message = Message.Seal(Message.Plaintext(ChunkSize));
        var source = new MemoryStream(message[HeaderSize..]);
        var stream = new OpeningStream(source, Cipher(message), 0, readToEnd: true);
        Assert.Equal(10, await stream.ReadAsync(new byte[10]));
        for (int twice = 0; twice < 2; twice++)
        {
            if (asynchronous)
            {
                await stream.DisposeAsync();
            }
            else
            {
                stream.Dispose();
            }
        }

        Assert.False(source.CanRead);
        Assert.False(stream.CanRead);
        Assert.Throws<ObjectDisposedException>(() => stream.Read(new byte[10]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plaintext_does_not_stay_behind_in_the_pool(bool asynchronous)
    {
        byte[] secret = Message.Plaintext(16);
        byte[] message = Message.Seal([.. Enumerable.Repeat(secret, 2 * ChunkSize / 16).SelectMany(bytes => bytes)]);
        using (var stream = new OpeningStream(new MemoryStream(message[HeaderSize..]), Cipher(message), 0, readToEnd: true))
        {
            Assert.Equal(100, stream.Read(new byte[100]));
            if (asynchronous)
            {
                // From memory to nowhere, so it stays on this thread, whose arrays are looked at.
                await stream.CopyToAsync(Stream.Null);
            }
            else
            {
                stream.CopyTo(Stream.Null);
            }
        }

        Pool.HoldsNothingOf(secret, ChunkSize, 7 * SealedChunkSize);
    }

    private static ChunkCipher Cipher(byte[] message) => ChunkCipher.TryOpen(Message.InputKey, Message.Context, message.AsSpan(0, HeaderSize))!;
}
