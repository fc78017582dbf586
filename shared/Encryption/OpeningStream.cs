using System.Buffers;
using System.Security.Cryptography;
using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Encryption;

/// <summary>Reads the plaintext of sealed chunks. Every byte that it yields has been authenticated, and is in its place.</summary>
/// <remarks>
/// Chunks that do not authenticate, and with <paramref name="readToEnd"/> a message that is truncated or extended, throw <see cref="CorruptDataException"/> from the read that would
/// have yielded them, and from every later one. Buffers are pooled; those that held plaintext are zeroed. The stream owns source and cipher and disposes both.
/// Not for use by several threads at once.
/// </remarks>
/// <param name="sealedChunks">The chunks, from the first byte of chunk <paramref name="firstChunk"/>.</param>
/// <param name="cipher">The message's cipher.</param>
/// <param name="firstChunk">The number of the first chunk in the source.</param>
/// <param name="readToEnd">
/// True: the source goes on to the message's end, which must be a proper short last chunk. False: the source holds just the chunks that are wanted (the last may be the message's
/// short one), and that all of them arrived is for the caller to check by length.
/// </param>
public sealed class OpeningStream(Stream sealedChunks, ChunkCipher cipher, long firstChunk, bool readToEnd) : Stream
{
    private const int CopySize = SealedChunkBuffer.Chunks * ChunkSize;

    private readonly SealedChunkBuffer _ahead = new();

    // What is left of a chunk larger than the reader's buffer: _opened[_openedStart.._openedEnd].
    private byte[]? _opened;
    private int _openedStart;
    private int _openedEnd;

    private long _chunk = RequireChunk(firstChunk);
    private bool _shortChunkSeen;
    private bool _corrupt;
    private bool _disposed;

    /// <inheritdoc/>
    public override bool CanRead => !_disposed;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="CorruptDataException">A chunk, or the message's end, did not authenticate.</exception>
    public override int Read(Span<byte> buffer)
    {
        int read;
        while (!TryRead(buffer, out read))
        {
            _ahead.Arrived(sealedChunks.Read(_ahead.Room().Span));
        }

        return read;
    }

    /// <inheritdoc/>
    /// <exception cref="CorruptDataException">A chunk, or the message's end, did not authenticate.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        while (!TryRead(buffer.Span, out read))
        {
            _ahead.Arrived(await sealedChunks.ReadAsync(_ahead.Room(), cancellationToken).ConfigureAwait(false));
        }

        return read;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    // The inherited copies would leave plaintext behind in the pool.

    /// <inheritdoc/>
    /// <exception cref="CorruptDataException">A chunk, or the message's end, did not authenticate.</exception>
    public override void CopyTo(Stream destination, int bufferSize)
    {
        ValidateCopyToArguments(destination, bufferSize);
        byte[] plaintext = ArrayPool<byte>.Shared.Rent(CopySize);
        int used = 0;
        try
        {
            for (int read; (read = Read(plaintext.AsSpan(0, CopySize))) > 0;)
            {
                used = Math.Max(used, read);
                destination.Write(plaintext.AsSpan(0, read));
            }
        }
        finally
        {
            ReturnZeroed(plaintext, used);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="CorruptDataException">A chunk, or the message's end, did not authenticate.</exception>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        byte[] plaintext = ArrayPool<byte>.Shared.Rent(CopySize);
        int used = 0;
        try
        {
            for (int read; (read = await ReadAsync(plaintext.AsMemory(0, CopySize), cancellationToken).ConfigureAwait(false)) > 0;)
            {
                used = Math.Max(used, read);
                await destination.WriteAsync(plaintext.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ReturnZeroed(plaintext, used);
        }
    }

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await sealedChunks.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            ReleaseBuffers();
            cipher.Dispose();
            sealedChunks.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Opens what has arrived into <paramref name="buffer"/>, and at the end checks that it is one; false when more has to arrive first.</summary>
    private bool TryRead(Span<byte> buffer, out int read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_corrupt)
        {
            throw new CorruptDataException();
        }

        read = TakeOpened(buffer);
        while (_ahead.TryPeek(out ReadOnlySpan<byte> chunk))
        {
            int size = Math.Max(chunk.Length - TagSize, 0);
            if (size <= buffer.Length - read)
            {
                Open(chunk, buffer.Slice(read, size), buffer[..read]);
                read += size;
            }
            else if (read > 0 || buffer.IsEmpty)
            {
                return true;
            }
            else
            {
                _opened ??= ArrayPool<byte>.Shared.Rent(ChunkSize);
                Open(chunk, _opened.AsSpan(0, size), []);
                (_openedStart, _openedEnd) = (0, size);
                read = TakeOpened(buffer);
                return true;
            }
        }

        if (read == 0 && _ahead.SourceEnded && readToEnd && !_shortChunkSeen)
        {
            throw Corrupt();
        }

        return read > 0 || buffer.IsEmpty || _ahead.SourceEnded;
    }

    /// <summary>Opens the next chunk, or throws and clears what the same read has opened before, since it will not yield it.</summary>
    private void Open(ReadOnlySpan<byte> chunk, Span<byte> plaintext, Span<byte> openedBefore)
    {
        if (!cipher.TryOpenChunk(_chunk, chunk, plaintext))
        {
            CryptographicOperations.ZeroMemory(openedBefore);
            throw Corrupt();
        }

        _chunk++;
        _shortChunkSeen = chunk.Length < SealedChunkSize;
        _ahead.Skip(chunk.Length);
    }

    private int TakeOpened(Span<byte> buffer)
    {
        int taken = Math.Min(_openedEnd - _openedStart, buffer.Length);
        _opened.AsSpan(_openedStart, taken).CopyTo(buffer);
        _openedStart += taken;
        return taken;
    }

    private CorruptDataException Corrupt()
    {
        _corrupt = true;
        ReleaseBuffers();
        return new CorruptDataException();
    }

    private void ReleaseBuffers()
    {
        _ahead.Dispose();
        if (_opened is not null)
        {
            ReturnZeroed(_opened, ChunkSize);
            _opened = null;
        }
    }

    private static void ReturnZeroed(byte[] plaintext, int used)
    {
        CryptographicOperations.ZeroMemory(plaintext.AsSpan(0, used));
        ArrayPool<byte>.Shared.Return(plaintext);
    }
}
