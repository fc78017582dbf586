using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Encryption.Tests;

/// <summary>Whatever is done to a sealed message, reading it to its end fails, and nothing but true plaintext has been read before.</summary>
public class TamperingTests
{
    private static readonly byte[] Plaintext = Message.Plaintext(2 * ChunkSize + 100);
    private readonly byte[] _message = Message.Seal(Plaintext);

    private byte[] Header => _message[..HeaderSize];

    [Theory]
    [InlineData(0)]
    [InlineData(SaltSize)]
    [InlineData(HeaderSize - 1)]
    [InlineData(HeaderSize)]
    [InlineData(HeaderSize + ChunkSize - 1)]
    [InlineData(HeaderSize + ChunkSize)]
    [InlineData(HeaderSize + SealedChunkSize - 1)]
    [InlineData(HeaderSize + SealedChunkSize)]
    [InlineData(HeaderSize + 2 * SealedChunkSize)]
    [InlineData(HeaderSize + 2 * SealedChunkSize + 99)]
    [InlineData(HeaderSize + 2 * SealedChunkSize + 100)]
    [InlineData(HeaderSize + 2 * SealedChunkSize + 115)]
    public void A_flipped_bit_is_refused_in_every_region(int at)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            byte[] altered = [.. _message];
            altered[at] ^= (byte)(1 << bit);
            Refused(altered);
        }
    }

    [Theory]
    [InlineData(HeaderSize)]
    [InlineData(HeaderSize + 1)]
    [InlineData(HeaderSize + TagSize)]
    [InlineData(HeaderSize + SealedChunkSize - 1)]
    [InlineData(HeaderSize + SealedChunkSize)]
    [InlineData(HeaderSize + SealedChunkSize + 15)]
    [InlineData(HeaderSize + SealedChunkSize + 16)]
    [InlineData(HeaderSize + 2 * SealedChunkSize)]
    [InlineData(HeaderSize + 2 * SealedChunkSize + TagSize)]
    [InlineData(HeaderSize + 2 * SealedChunkSize + 115)]
    public void A_truncated_message_is_refused(int length) => Refused(_message[..length]);

    [Fact]
    public void A_message_whose_last_chunk_is_empty_is_refused_without_it()
    {
        byte[] full = Message.Seal(Plaintext[..ChunkSize]);
        Assert.Equal(Plaintext[..ChunkSize], Message.Read(full));
        Refused(full[..^TagSize]);
        Refused(full[..^1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(TagSize)]
    [InlineData(20)]
    [InlineData(SealedChunkSize - 116)]
    [InlineData(SealedChunkSize)]
    public void An_extended_message_is_refused(int by)
    {
        Refused([.. _message, .. new byte[by]]);
        Refused([.. _message, .. Chunk(2), .. new byte[by]]);
        Refused([.. _message, .. Chunk(0)[..by]]);
    }

    [Fact]
    public void Swapped_chunks_are_refused() => Refused([.. Header, .. Chunk(1), .. Chunk(0), .. Chunk(2)]);

    [Fact]
    public void Repeated_chunks_are_refused()
    {
        Refused([.. Header, .. Chunk(0), .. Chunk(0), .. Chunk(2)]);
        Refused([.. Header, .. Chunk(0), .. Chunk(1), .. Chunk(1), .. Chunk(2)]);
        Refused([.. Header, .. Chunk(0), .. Chunk(1), .. Chunk(2), .. Chunk(2)]);
    }

    [Fact]
    public void A_missing_chunk_is_refused()
    {
        Refused([.. Header, .. Chunk(1), .. Chunk(2)]);
        Refused([.. Header, .. Chunk(0), .. Chunk(2)]);
        Refused([.. Header, .. Chunk(2)]);
    }

    [Fact]
    public void A_chunk_of_another_message_under_the_same_key_is_refused()
    {
        byte[] other = Message.Seal(Plaintext);
        Refused([.. Header, .. Chunk(0), .. other[(int)ChunkOffset(1)..]]);
        Refused([.. Header, .. other[HeaderSize..]]);
        Refused([.. other[..HeaderSize], .. _message[HeaderSize..]]);
        Refused([.. other[..SaltSize], .. _message[SaltSize..]]);
    }

    [Fact]
    public void Another_key_or_context_is_refused()
    {
        Assert.Throws<CorruptDataException>(() => Message.Read(_message, key: new byte[32]));
        Assert.Throws<CorruptDataException>(() => Message.Read(_message, context: "object 7, part 2"u8.ToArray()));
    }

    [Fact]
    public void Every_refusal_reads_the_same()
    {
        string[] messages =
        [
            Refused(_message[..^1]).Message,
            Refused([.. _message, 0]).Message,
            Refused(_message[..(int)ChunkOffset(1)]).Message,
            Refused([.. Header, .. Chunk(1)]).Message,
        ];
        Assert.Single(messages.Distinct());
    }

    private byte[] Chunk(int index) => _message.Skip((int)ChunkOffset(index)).Take(SealedChunkSize).ToArray();

    private static CorruptDataException Refused(byte[] altered)
    {
        var read = new MemoryStream();
        CorruptDataException refusal = Assert.Throws<CorruptDataException>(() =>
        {
            using OpeningStream stream = Message.Open(altered, arriving: SealedChunkSize);
            stream.CopyTo(read);
        });
        Assert.True(Plaintext.AsSpan().StartsWith(read.ToArray()));
        return refusal;
    }
}
