using System.Buffers;
using System.Security.Cryptography;
using Serverless.Encryption;

namespace Serverless.Objects.Bodies;

/// <summary>The plaintext of an object that is read to be stored again. It does not own the stream; what it buffered is zeroed when it is disposed.</summary>
public sealed class StreamPlaintext(Stream plaintext) : IPlaintext, IDisposable
{
    /// <summary>Whole chunks, so that they are opened where they are read.</summary>
    private const int PieceSize = 4 * ChunkedEncryption.ChunkSize;

    private byte[]? _buffer;

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(PieceSize);
        return _buffer.AsMemory(0, await plaintext.ReadAsync(_buffer.AsMemory(0, PieceSize), cancellationToken).ConfigureAwait(false));
    }

    public string? Trailer(string name) => null;

    public void Dispose()
    {
        if (_buffer is null) return;
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, PieceSize));
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }
}
