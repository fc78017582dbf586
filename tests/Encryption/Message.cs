using System.Buffers;

namespace Serverless.Encryption.Tests;

/// <summary>Sealing and opening whole messages with the code under test, and the keys to do it with.</summary>
internal static class Message
{
    public static readonly byte[] InputKey = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    public static readonly byte[] Context = "object 7, part 1"u8.ToArray();

    /// <summary>A plaintext of which no two chunks are equal.</summary>
    public static byte[] Plaintext(int length)
    {
        byte[] plaintext = new byte[length];
        new Random(length).NextBytes(plaintext);
        return plaintext;
    }

    /// <summary>Seals through <see cref="SealingWriter"/>, the plaintext in pieces of the given sizes (the last of which repeats).</summary>
    public static byte[] Seal(byte[] plaintext, params int[] pieces)
    {
        var output = new ArrayBufferWriter<byte>();
        Span<byte> header = output.GetSpan(ChunkedEncryption.HeaderSize)[..ChunkedEncryption.HeaderSize];
        using var writer = new SealingWriter(ChunkCipher.ForSealing(InputKey, Context, header), output);
        output.Advance(ChunkedEncryption.HeaderSize);
        int at = 0;
        for (int i = 0; at < plaintext.Length; i++)
        {
            int size = pieces.Length == 0 ? plaintext.Length : pieces[Math.Min(i, pieces.Length - 1)];
            size = Math.Min(size, plaintext.Length - at);
            writer.Write(plaintext.AsSpan(at, size));
            at += size;
            Assert.Equal(at, writer.PlaintextLength);
        }

        writer.Complete();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A stream over the whole of a sealed message, which arrives in pieces of at most <paramref name="arriving"/> bytes.</summary>
    public static OpeningStream Open(byte[] sealedMessage, int arriving = int.MaxValue, byte[]? key = null, byte[]? context = null)
    {
        ChunkCipher cipher = ChunkCipher.TryOpen(key ?? InputKey, context ?? Context, sealedMessage.AsSpan(0, Math.Min(ChunkedEncryption.HeaderSize, sealedMessage.Length)))
            ?? throw new CorruptDataException();
        return new OpeningStream(new Trickle(sealedMessage[ChunkedEncryption.HeaderSize..], arriving), cipher, firstChunk: 0, readToEnd: true);
    }

    /// <summary>The plaintext of a sealed message; throws <see cref="CorruptDataException"/> as the stream does.</summary>
    public static byte[] Read(byte[] sealedMessage, byte[]? key = null, byte[]? context = null)
    {
        using OpeningStream stream = Open(sealedMessage, key: key, context: context);
        var plaintext = new MemoryStream();
        stream.CopyTo(plaintext);
        return plaintext.ToArray();
    }

    /// <summary>A source that gives at most a few bytes for each read, as networks do.</summary>
    private sealed class Trickle(byte[] content, int most) : MemoryStream(content, writable: false)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, most)]);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return Read(buffer.Span);
        }
    }
}
