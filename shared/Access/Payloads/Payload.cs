using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>
/// A request's payload, decoded and verified as it is read. <b>Nothing read is to be trusted before the end was</b>: hash, chunk signatures and lengths
/// are proved only then. Not for concurrent use; dispose it when done.
/// </summary>
public abstract class Payload : IDisposable
{
    private readonly BodyReader body;
    private AccessError? failure;
    private int taken;

    private protected Payload(BodyReader body, long? decodedLength)
    {
        this.body = body;
        DecodedLength = decodedLength;
    }

    /// <summary>The payload's length in bytes, without framing, as announced; null where the client does not say. The end verifies it.</summary>
    public long? DecodedLength { get; }

    /// <summary>The trailers, by lower-case name; empty before the end.</summary>
    public IReadOnlyDictionary<string, string> Trailers { get; private protected set; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Whether reading has begun; before that, a client that sent <c>Expect: 100-continue</c> sends nothing.</summary>
    public bool HasBegun => body.HasBegun;

    /// <summary>The body as it comes, verified by nothing: for draining it where the request is refused before its payload is known.</summary>
    public static Payload Undecoded(HttpRequest request) => new PlainPayload(new BodyReader(request.BodyReader), null, null);

    /// <summary>Reads on.</summary>
    /// <returns>The next bytes, in the server's memory and valid until the next call; none at the end, when all is verified.</returns>
    /// <exception cref="AccessException">The payload is not what was signed or announced, or broke off. Every later call throws the same.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (failure is not null)
        {
            throw new AccessException(failure);
        }
        try
        {
            body.Advance(taken);
            taken = 0;
            var piece = await NextAsync(body, cancellationToken);
            taken = piece.Length;
            return piece;
        }
        catch (AccessException refused)
        {
            failure = refused.Error;
            throw;
        }
    }

    /// <summary>Reads and discards the rest, so that an answer sent early reaches a client that is still sending.</summary>
    /// <param name="limit">How many bytes of the body to read at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Whether the end was reached; if not, the connection is to be closed.</returns>
    public async ValueTask<bool> DrainAsync(long limit, CancellationToken cancellationToken)
    {
        failure ??= AccessErrors.IncompleteBody;
        try
        {
            for (var left = limit; left >= 0; left -= body.Current.Length, body.Advance(body.Current.Length))
            {
                if (body.Current.IsEmpty && !await body.FillAsync(cancellationToken))
                {
                    return true;
                }
            }
            return false;
        }
        catch (AccessException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        body.Dispose();
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>A piece at the front of <see cref="BodyReader.Current"/>, or nothing at the verified end.</summary>
    private protected abstract ValueTask<ReadOnlyMemory<byte>> NextAsync(BodyReader body, CancellationToken cancellationToken);

    private protected abstract void Close();
}
