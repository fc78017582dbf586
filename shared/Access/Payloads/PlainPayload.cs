using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Serverless.Access;

/// <summary>A body without framing, with or without a signed SHA-256.</summary>
internal sealed class PlainPayload(BodyReader body, long? length, string? expectedHash) : Payload(body, length)
{
    private readonly IncrementalHash? hash = expectedHash is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long received;
    private bool ended;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private protected override async ValueTask<ReadOnlyMemory<byte>> NextAsync(BodyReader body, CancellationToken cancellationToken)
    {
        if (body.Current.IsEmpty && !await body.FillAsync(cancellationToken))
        {
            Verify();
            return default;
        }
        var piece = body.Current;
        received += piece.Length;
        hash?.AppendData(piece.Span);
        return received <= (DecodedLength ?? long.MaxValue) ? piece : throw new AccessException(AccessErrors.IncompleteBody);
    }

    private protected override void Close() => hash?.Dispose();

    private void Verify()
    {
        if (received != (DecodedLength ?? received))
        {
            throw new AccessException(AccessErrors.IncompleteBody);
        }
        if (ended || hash is null)
        {
            return;
        }
        ended = true;
        var computed = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (!computed.Equals(expectedHash, StringComparison.OrdinalIgnoreCase))
        {
            throw new AccessException(AccessErrors.ContentSha256Mismatch(expectedHash!, computed));
        }
    }
}
