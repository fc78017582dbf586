using Serverless.Access;
using Serverless.Objects.Bodies;

namespace Serverless.Objects.Browser;

/// <summary>A request's body as a stream, for whoever parses it. It does not own the body.</summary>
internal sealed class PayloadStream(Payload payload) : ForwardStream
{
    private ReadOnlyMemory<byte> _piece;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_piece.IsEmpty) _piece = await payload.ReadAsync(cancellationToken).ConfigureAwait(false);
        var count = Math.Min(buffer.Length, _piece.Length);
        _piece.Span[..count].CopyTo(buffer.Span);
        _piece = _piece[count..];
        return count;
    }
}
