using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Access;

/// <summary>
/// An aws-chunked body: chunks of <c>header CRLF data CRLF</c>, one of size 0 (without data and its CRLF) last, trailers of <c>name:value CRLF</c>, CRLF.
/// Data of any chunk size passes through in the pieces in which it arrives.
/// </summary>
internal sealed class ChunkedPayload(BodyReader body, long length, Trailers trailers, ChunkSigner? signer) : Payload(body, length)
{
    /// <summary>The least size in bytes of any chunk but the last with data.</summary>
    private const int MinChunkSize = 8192;

    private readonly IncrementalHash? hash = signer is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly LineBuffer line = new();
    private readonly byte[] signature = new byte[SigV4.HexSize];
    private State state;
    private int chunk;
    private long size;
    private long left;
    private long received;

    private enum State
    {
        Header,
        Data,
        DataEnd,
        Trailers,
        End,
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private protected override async ValueTask<ReadOnlyMemory<byte>> NextAsync(BodyReader body, CancellationToken cancellationToken)
    {
        while (!body.Current.IsEmpty || await body.FillAsync(cancellationToken))
        {
            switch (state)
            {
                case State.Header when line.TryComplete(body):
                    Begin(line.Line);
                    break;
                case State.Data:
                    return Take(body.Current);
                case State.DataEnd when line.TryComplete(body):
                    End(line.Line);
                    break;
                case State.Trailers when line.TryComplete(body):
                    AddTrailer(line.Line);
                    break;
                case State.End:
                    // Bytes after the end: whoever reads the body otherwise would see another object.
                    throw Malformed();
            }
        }
        return state == State.End ? default : throw Malformed();
    }

    private protected override void Close()
    {
        hash?.Dispose();
        signer?.Dispose();
    }

    private void Begin(ReadOnlySpan<byte> text)
    {
        if (!ChunkHeader.TryParse(text, out var header) || header.Size > DecodedLength - received || (signer is not null && header.Signature.Length != SigV4.HexSize))
        {
            throw Malformed();
        }
        if (header.Size > 0 && chunk > 0 && size < MinChunkSize)
        {
            throw new AccessException(AccessErrors.InvalidChunkSize(chunk, size));
        }
        if (signer is not null)
        {
            header.Signature.CopyTo(signature);
        }
        chunk++;
        size = left = header.Size;
        state = State.Data;
        if (size == 0)
        {
            VerifyChunk();
            state = received == DecodedLength ? State.Trailers : throw Malformed();
        }
    }

    private ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> current)
    {
        var piece = current[..(int)Math.Min(left, current.Length)];
        hash?.AppendData(piece.Span);
        received += piece.Length;
        left -= piece.Length;
        if (left == 0)
        {
            state = State.DataEnd;
        }
        return piece;
    }

    private void End(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            throw Malformed();
        }
        VerifyChunk();
        state = State.Header;
    }

    private void AddTrailer(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            trailers.Add(text, hash);
            return;
        }
        trailers.Complete(signer, hash);
        Trailers = trailers.Values;
        state = State.End;
    }

    private void VerifyChunk() => signer?.VerifyChunk(hash!, signature);

    private static AccessException Malformed() => new(AccessErrors.IncompleteChunks);
}
