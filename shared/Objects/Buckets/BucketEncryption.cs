using Serverless.Objects.Sse;

namespace Serverless.Objects.Buckets;

/// <summary>How objects are encrypted whose requests do not say (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html).</summary>
/// <param name="Mode">SSE-S3, SSE-KMS or DSSE-KMS.</param>
/// <param name="KmsKeyId">The KMS key as it was configured, which nobody has looked up; null for the managed key, and with SSE-S3.</param>
/// <param name="BucketKey">Whether SSE-KMS objects get a bucket key, also those whose requests ask for SSE-KMS but do not speak of one.</param>
public sealed record BucketEncryption(EncryptionMode Mode, string? KmsKeyId, bool BucketKey)
{
    /// <summary>What holds where nothing was configured.</summary>
    public static BucketEncryption Initial { get; } = new(EncryptionMode.S3, null, false);
}
