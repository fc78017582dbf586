using System.Buffers;
using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Encryption;

/// <summary>Sealed bytes on their way from a source: they arrive in pieces of any size, and leave as whole chunks.</summary>
internal sealed class SealedChunkBuffer : IDisposable
{
    /// <summary>How many chunks are read ahead: what fits into the 128 KiB arrays of the pool, sealed or opened. An eighth would take arrays of twice the size.</summary>
    public const int Chunks = 7;

    private const int Size = Chunks * SealedChunkSize;

    private byte[]? _bytes;
    private int _start;
    private int _end;

    /// <summary>Whether the source has nothing more to give.</summary>
    public bool SourceEnded { get; private set; }

    /// <summary>Where the source's next bytes go: behind the part of a chunk that is here. Never empty while no whole chunk is.</summary>
    public Memory<byte> Room()
    {
        _bytes ??= ArrayPool<byte>.Shared.Rent(Size);
        _bytes.AsSpan(_start.._end).CopyTo(_bytes);
        (_start, _end) = (0, _end - _start);
        return _bytes.AsMemory(_end, Size - _end);
    }

    /// <summary>Takes note of what the source has put into the room; nothing is the source's end.</summary>
    public void Arrived(int count)
    {
        _end += count;
        SourceEnded = count == 0;
    }

    /// <summary>The next chunk, when all of it is here. It is shorter than <see cref="SealedChunkSize"/> only where the source ends.</summary>
    public bool TryPeek(out ReadOnlySpan<byte> chunk)
    {
        int here = _end - _start;
        int size = here >= SealedChunkSize ? SealedChunkSize : SourceEnded ? here : 0;
        chunk = _bytes.AsSpan(_start, size);
        return size > 0;
    }

    /// <summary>Drops the chunk that was peeked at.</summary>
    public void Skip(int size) => _start += size;

    /// <summary>Gives the memory back. It held nothing secret.</summary>
    public void Dispose()
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
            (_start, _end) = (0, 0);
        }
    }
}
