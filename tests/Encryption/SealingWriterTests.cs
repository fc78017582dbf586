using System.Buffers;
using CsCheck;
using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Encryption.Tests;

public class SealingWriterTests
{
    public static TheoryData<int> Lengths => [0, 1, 16383, 16384, 16385, 32768, 100_000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void An_independent_decryption_reads_what_was_sealed(int length)
    {
        byte[] plaintext = Message.Plaintext(length);
        byte[] message = Message.Seal(plaintext);
        Assert.Equal(SealedLength(length), message.Length);
        Assert.Equal(plaintext, Cobblestone256.Decrypt(Message.InputKey, Message.Context, message));
    }

    [Fact]
    public void The_chunk_number_reaches_beyond_one_byte_of_the_nonce()
    {
        byte[] plaintext = Message.Plaintext(300 * ChunkSize + 1);
        byte[] message = Message.Seal(plaintext);
        Assert.True(plaintext.AsSpan().SequenceEqual(Cobblestone256.Decrypt(Message.InputKey, Message.Context, message)));
    }

    [Fact]
    public void The_pieces_that_the_plaintext_arrives_in_do_not_matter()
    {
        Gen.Select(Gen.Int[0, 70_000], Gen.OneOf(Gen.Int[1, 100], Gen.Int[16300, 16500], Gen.Int[1, 70_000]).Array[1, 12]).Sample((length, pieces) =>
        {
            byte[] plaintext = Message.Plaintext(length);
            byte[] message = Message.Seal(plaintext, pieces);
            byte[] expected = Cobblestone256.Encrypt(Message.InputKey, Message.Context, message[..SaltSize], plaintext);
            return message.AsSpan().SequenceEqual(expected);
        }, iter: 300);
    }

    [Fact]
    public void A_message_ends_once()
    {
        using var writer = new SealingWriter(ChunkCipher.ForSealing(Message.InputKey, Message.Context, new byte[HeaderSize]), new ArrayBufferWriter<byte>());
        writer.Write("content"u8);
        writer.Complete();
        Assert.Throws<InvalidOperationException>(writer.Complete);
        Assert.Throws<InvalidOperationException>(() => writer.Write("more"u8));
        Assert.Equal(7, writer.PlaintextLength);
    }

    [Fact]
    public void A_disposed_writer_writes_no_last_chunk()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new SealingWriter(ChunkCipher.ForSealing(Message.InputKey, Message.Context, new byte[HeaderSize]), output);
        writer.Write(new byte[ChunkSize + 5]);
        writer.Dispose();
        writer.Dispose();
        Assert.Equal(SealedChunkSize, output.WrittenCount);
        Assert.Throws<InvalidOperationException>(writer.Complete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Plaintext_does_not_stay_behind_in_the_pool(bool completed)
    {
        using (var writer = new SealingWriter(ChunkCipher.ForSealing(Message.InputKey, Message.Context, new byte[HeaderSize]), new ArrayBufferWriter<byte>()))
        {
            writer.Write(Message.Plaintext(100));
            if (completed)
            {
                writer.Complete();
            }
        }

        Pool.HoldsNothingOf(Message.Plaintext(100), ChunkSize);
    }

    [Fact]
    public void Sealing_1000_chunks_allocates_nothing()
    {
        byte[] plaintext = Message.Plaintext(ChunkSize);
        var output = new ArrayBufferWriter<byte>(1002 * SealedChunkSize);
        using var writer = new SealingWriter(ChunkCipher.ForSealing(Message.InputKey, Message.Context, new byte[HeaderSize]), output);
        writer.Write(plaintext.AsSpan(1));
        writer.Write(plaintext);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            writer.Write(plaintext);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001 * SealedChunkSize, output.WrittenCount);
    }
}
