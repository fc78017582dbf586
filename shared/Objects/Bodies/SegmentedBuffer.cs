using System.Buffers;

namespace Serverless.Objects.Bodies;

/// <summary>
/// Sealed bytes in pooled memory, written through <see cref="IBufferWriter{T}"/> and sent to the store as a stream that can be rewound for a retry.
/// Segments of at most 1 MiB keep the array pool's own size classes and the large object heap out of the way.
/// It holds ciphertext only, so that nothing needs to be zeroed.
/// </summary>
public sealed class SegmentedBuffer : IBufferWriter<byte>, IDisposable
{
    private const int MaxSegmentSize = 1 << 20;

    private readonly List<(byte[] Array, int Length)> _segments = [];
    private readonly int _firstSegmentSize;
    private byte[] _current = [];
    private int _used;

    /// <param name="expectedSize">How many bytes will be written, as far as is known: small objects take a small segment.</param>
    public SegmentedBuffer(long expectedSize) => _firstSegmentSize = (int)Math.Clamp(expectedSize, 1, MaxSegmentSize);

    public long Length { get; private set; }

    public void Advance(int count)
    {
        _used += count;
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_current.Length - _used < Math.Max(sizeHint, 1)) Grow(sizeHint);
        return _current.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>The bytes written so far, segment by segment.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Segments()
    {
        foreach (var (array, length) in _segments) yield return array.AsMemory(0, length);
        if (_used > 0) yield return _current.AsMemory(0, _used);
    }

    /// <summary>A new stream over the bytes, from their start. Valid until this buffer is written to or disposed.</summary>
    public Stream OpenRead() => new SegmentStream([.. Segments()], Length);

    /// <summary>Forgets the content and keeps the current segment for the next.</summary>
    public void Reset()
    {
        foreach (var (array, _) in _segments) ArrayPool<byte>.Shared.Return(array);
        _segments.Clear();
        _used = 0;
        Length = 0;
    }

    public void Dispose()
    {
        Reset();
        if (_current.Length > 0) ArrayPool<byte>.Shared.Return(_current);
        _current = [];
    }

    private void Grow(int sizeHint)
    {
        var next = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, _segments.Count == 0 && _used == 0 ? _firstSegmentSize : MaxSegmentSize));
        if (_used > 0) _segments.Add((_current, _used));
        else if (_current.Length > 0) ArrayPool<byte>.Shared.Return(_current);
        _current = next;
        _used = 0;
    }
}
