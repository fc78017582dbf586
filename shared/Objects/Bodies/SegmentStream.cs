namespace Serverless.Objects.Bodies;

/// <summary>A read-only, seekable stream over segments in memory.</summary>
internal sealed class SegmentStream(ReadOnlyMemory<byte>[] segments, long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override int Read(Span<byte> buffer)
    {
        var copied = 0;
        while (copied < buffer.Length && Remainder() is { IsEmpty: false } remainder)
        {
            var count = Math.Min(remainder.Length, buffer.Length - copied);
            remainder.Span[..count].CopyTo(buffer[copied..]);
            copied += count;
            _position += count;
        }
        return copied;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Hands the segments on as they are: no copy between the pool and the socket.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        while (Remainder() is { IsEmpty: false } remainder)
        {
            await destination.WriteAsync(remainder, cancellationToken).ConfigureAwait(false);
            _position += remainder.Length;
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private ReadOnlyMemory<byte> Remainder()
    {
        var start = 0L;
        foreach (var segment in segments)
        {
            if (_position < start + segment.Length) return segment[(int)(_position - start)..];
            start += segment.Length;
        }
        return default;
    }
}
