using Serverless.Access;

namespace Serverless.Objects.Bodies;

/// <summary>The plaintext in a request's body.</summary>
public sealed class PayloadPlaintext(Payload payload) : IPlaintext
{
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) => payload.ReadAsync(cancellationToken);

    public string? Trailer(string name) => payload.Trailers.GetValueOrDefault(name);
}
