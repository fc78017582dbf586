using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace Serverless.Benchmarks.Floor;

/// <summary>
/// A request's body on its way into Put Blob, sealed and hashed as it passes. The SDK asks for a seekable stream, since it knows the length of no other;
/// it is read once, from its start.
/// </summary>
internal sealed class SealedUpload(PipeReader body, AesGcm aead, IncrementalHash md5, byte[] nonce, long length) : Stream
{
    private readonly byte[] _plaintext = ArrayPool<byte>.Shared.Rent(FloorFormat.ChunkSize);
    private readonly byte[] _sealed = ArrayPool<byte>.Shared.Rent(FloorFormat.BlockSize);
    private bool _sent;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => FloorFormat.SealedLength(length);

    public override long Position
    {
        get => 0;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        _sent = true;
        await destination.WriteAsync(nonce, cancellationToken);
        var used = 0;
        for (var left = length; left > 0;)
        {
            var chunkSize = (int)Math.Min(left, FloorFormat.ChunkSize);
            var result = await body.ReadAtLeastAsync(chunkSize, cancellationToken);
            var arrived = result.Buffer;
            if (arrived.Length < chunkSize) throw new IOException("The client has gone.");
            for (; left > 0 && arrived.Length >= chunkSize; chunkSize = (int)Math.Min(left, FloorFormat.ChunkSize))
            {
                used += Seal(arrived.Slice(0, chunkSize), _sealed.AsSpan(used, chunkSize + FloorFormat.TagSize));
                arrived = arrived.Slice(chunkSize);
                left -= chunkSize;
                if (left > 0 && used < FloorFormat.BlockSize) continue;
                await destination.WriteAsync(_sealed.AsMemory(0, used), cancellationToken);
                used = 0;
            }
            body.AdvanceTo(arrived.Start, arrived.End);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        offset == 0 && origin == SeekOrigin.Begin && !_sent ? 0 : throw new NotSupportedException("The body has passed.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is copied as a whole.");

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ArrayPool<byte>.Shared.Return(_plaintext);
            ArrayPool<byte>.Shared.Return(_sealed);
        }
        base.Dispose(disposing);
    }

    private int Seal(ReadOnlySequence<byte> chunk, Span<byte> destination)
    {
        var size = (int)chunk.Length;
        var plaintext = chunk.FirstSpan;
        if (plaintext.Length < size)
        {
            chunk.CopyTo(_plaintext);
            plaintext = _plaintext.AsSpan(0, size);
        }
        md5.AppendData(plaintext);
        aead.Encrypt(nonce, plaintext, destination[..size], destination[size..]);
        FloorFormat.Next(nonce);
        return destination.Length;
    }
}
