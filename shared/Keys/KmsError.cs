namespace Serverless.Keys;

/// <summary>What KMS answers instead of a result. All of them are made in <see cref="KmsErrors"/>.</summary>
/// <param name="Code">The exception's name in the KMS API, such as <c>NotFoundException</c>; S3 puts <c>KMS.</c> before it.</param>
/// <param name="Message">For people; never empty.</param>
/// <param name="Status">The HTTP status.</param>
public sealed record KmsError(string Code, string Message, int Status = 400);

/// <summary>Carries a <see cref="KmsError"/> to the place that answers.</summary>
public sealed class KmsException(KmsError error) : Exception(error.Message)
{
    public KmsError Error { get; } = error;
}
