using System.Buffers;
using Serverless.Encryption;

namespace Serverless.Objects.Bodies;

/// <summary>
/// Exactly <paramref name="count"/> bytes of a source, behind <paramref name="skip"/> others. A source that ends early throws <see cref="CorruptDataException"/>.
/// With <paramref name="checkEnd"/> the last bytes are given out only when the source has ended behind them:
/// a reader that has everything has also seen that nothing was cut off.
/// </summary>
internal sealed class ExactStream(Stream source, long skip, long count, bool checkEnd) : ForwardStream
{
    private const int SkipBufferSize = 16 * 1024;

    private readonly byte[] _probe = new byte[1];
    private long _toSkip = skip;
    private long _left = count;
    private bool _ended = !checkEnd;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_toSkip > 0) await SkipAsync(cancellationToken).ConfigureAwait(false);
        if (buffer.Length > _left) buffer = buffer[..(int)_left];
        var read = buffer.IsEmpty ? 0 : await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (read == 0 && !buffer.IsEmpty) throw new CorruptDataException();
        _left -= read;
        if (_left == 0 && !_ended)
        {
            if (await source.ReadAsync(_probe, cancellationToken).ConfigureAwait(false) != 0) throw new CorruptDataException();
            _ended = true;
        }
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) source.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask SkipAsync(CancellationToken cancellationToken)
    {
        var discarded = ArrayPool<byte>.Shared.Rent(SkipBufferSize);
        try
        {
            while (_toSkip > 0)
            {
                var read = await source.ReadAsync(discarded.AsMemory(0, (int)Math.Min(_toSkip, SkipBufferSize)), cancellationToken).ConfigureAwait(false);
                if (read == 0) throw new CorruptDataException();
                _toSkip -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(discarded, clearArray: true);
        }
    }
}
