using System.Buffers;
using Serverless.Encryption;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Bodies;

/// <summary>Seals one stream of an object: one layer, or two for DSSE-KMS, where the outer layer's plaintext is the whole inner stream, header included.</summary>
public sealed class StreamSealer : IDisposable
{
    private readonly SealingWriter _inner;
    private readonly SealingWriter? _outer;

    public StreamSealer(OpenKeys keys, ReadOnlySpan<byte> objectId, int part, IBufferWriter<byte> output)
    {
        Span<byte> context = stackalloc byte[StreamContext.Size];
        StreamContext.Write(objectId, part, context);
        var innerHeader = new byte[ChunkedEncryption.HeaderSize];
        var innerCipher = ChunkCipher.ForSealing(keys.Inner.Bytes, context, innerHeader);
        if (keys.Outer is null)
        {
            output.Write(innerHeader);
            _inner = new SealingWriter(innerCipher, output);
            Headers = new(innerHeader);
            return;
        }

        var outerHeader = new byte[ChunkedEncryption.HeaderSize];
        _outer = new SealingWriter(ChunkCipher.ForSealing(keys.Outer.Bytes, context, outerHeader), output);
        output.Write(outerHeader);
        _outer.Write(innerHeader);
        _inner = new SealingWriter(innerCipher, new LayerOutput(_outer));
        Headers = new(innerHeader, outerHeader);
    }

    public StreamHeaders Headers { get; }

    /// <summary>How many bytes of plaintext were written.</summary>
    public long PlaintextLength { get; private set; }

    /// <summary>How many bytes a stream of <paramref name="length"/> bytes of plaintext takes.</summary>
    public static long SealedLength(long length, bool twoLayers)
    {
        var inner = ChunkedEncryption.SealedLength(length);
        return twoLayers ? ChunkedEncryption.SealedLength(inner) : inner;
    }

    public void Write(ReadOnlySpan<byte> plaintext)
    {
        _inner.Write(plaintext);
        PlaintextLength += plaintext.Length;
    }

    public void Complete()
    {
        _inner.Complete();
        _outer?.Complete();
    }

    public void Dispose()
    {
        _inner.Dispose();
        _outer?.Dispose();
    }

    /// <summary>Hands what the inner layer sealed to the outer one.</summary>
    private sealed class LayerOutput(SealingWriter outer) : IBufferWriter<byte>
    {
        private byte[] _chunk = new byte[ChunkedEncryption.SealedChunkSize];

        public void Advance(int count) => outer.Write(_chunk.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (sizeHint > _chunk.Length) _chunk = new byte[sizeHint];
            return _chunk;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
