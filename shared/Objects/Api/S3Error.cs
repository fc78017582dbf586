namespace Serverless.Objects.Api;

/// <summary>An error that a caller of the S3 API can cause, as S3 answers it.</summary>
/// <param name="Code">The error code, such as <c>NoSuchKey</c>.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Message">S3's sentence; never empty, since clients fail on an empty one.</param>
/// <param name="Fields">Elements that this error has beside Code and Message, in their order.</param>
public sealed record S3Error(string Code, int Status, string Message, params IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>Headers that the answer has beside the usual ones.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether it tells that an object is not there, or a version.</summary>
    public bool IsOfMissing => Code is "NoSuchKey" or "NoSuchVersion";

    /// <summary>The same error with one more element.</summary>
    public S3Error With(string name, string value) => this with { Fields = [.. Fields, new(name, value)] };
}

/// <summary>Carries an <see cref="S3Error"/> through streams and awaits to the one place that answers it.</summary>
public sealed class S3Exception(S3Error error) : Exception($"{error.Code}: {error.Message}")
{
    public S3Error Error { get; } = error;
}
