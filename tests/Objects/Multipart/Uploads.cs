using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Tests.Multipart;

/// <summary>Uploads and parts that decisions are made on.</summary>
internal static class Uploads
{
    public static Bucket Bucket { get; } = new("bucket", "us-east-1", "container", DateTimeOffset.UnixEpoch, BlocksCustomerKeys: false);

    public static Upload New(UploadChecksum checksum, EncryptionMode mode = EncryptionMode.S3, string key = "key", DateTimeOffset begun = default) => new(
        UploadId.New(begun), Bucket.Name, Bucket.Container, key, begun, "arn:aws:iam::000000000000:root", null, false, null, checksum,
        new(ObjectStoreContract.Describe() with { Mode = mode }, ObjectStoreContract.Keys, null, ""));

    /// <summary>An ETag of that digit.</summary>
    public static string ETag(char digit) => new(digit, 32);
}
