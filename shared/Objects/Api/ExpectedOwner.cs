using Serverless.Access;

namespace Serverless.Objects.Api;

/// <summary>The owner that a client expects a bucket to have (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html).</summary>
internal static class ExpectedOwner
{
    /// <summary>The header about the bucket that the request is for.</summary>
    public const string OfBucket = "x-amz-expected-bucket-owner";

    /// <summary>The header about the bucket that a copy reads from.</summary>
    public const string OfSource = "x-amz-source-expected-bucket-owner";

    /// <exception cref="S3Exception">The header expects another owner than the account, or no account at all.</exception>
    public static void Require(S3Request request, string header, string accountId)
    {
        if (request.Header(header) is not { } expected || expected == accountId) return;
        throw new S3Exception(PrincipalName.IsAccount(expected) ? S3Errors.AccessDenied : S3Errors.InvalidExpectedBucketOwner(expected));
    }
}
