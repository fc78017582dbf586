namespace Serverless.Access;

/// <summary>Why a request, its signature or its payload is refused. Every instance comes from <see cref="AccessErrors"/>.</summary>
/// <param name="Code">S3's error code.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Message">S3's message.</param>
public sealed record AccessError(string Code, int Status, string Message)
{
    /// <summary>Further elements of the error document, in order. They echo what the client sent, and never a secret, a derived key or the right signature.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];
}

/// <summary>Carries an <see cref="AccessError"/> across streams and await chains to the one place that answers.</summary>
public sealed class AccessException(AccessError error) : Exception($"{error.Code}: {error.Message}")
{
    /// <summary>What to answer.</summary>
    public AccessError Error { get; } = error;
}
