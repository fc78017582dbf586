namespace Serverless.Objects.Bodies;

/// <summary>A plaintext that is to be stored, as it comes: from a request's body, or from another object.</summary>
public interface IPlaintext
{
    /// <summary>Reads on.</summary>
    /// <returns>The next bytes, valid until the next call; none at the end, when all of them are verified.</returns>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>What came behind the data under this lower-case name, once they have been read; null where nothing did.</summary>
    string? Trailer(string name);
}
