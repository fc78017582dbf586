using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using static Serverless.EndToEnd.Recordings.Replay;

namespace Serverless.EndToEnd.Recordings;

/// <summary>The inputs whose answers were recorded of buckets' default encryption, by test.</summary>
internal static class BucketEncryptionScripts
{
    private static readonly (string, string)[] Kms = [(Sse, "aws:kms")];

    /// <summary>Of s3-encryption.json.</summary>
    public static IReadOnlyDictionary<string, Func<Replay, Task>> OfEncryption { get; } = new Dictionary<string, Func<Replay, Task>>
    {
        ["TestS3::test_s3_sse_bucket_key_default"] = async replay =>
        {
            await replay.PutAsync("put-obj-default-before-setting", "before", "test-sse", []);
            await replay.GetAsync("get-obj-default-before-setting", "before");
            await replay.PutEncryptionAsync("put-bucket-encryption", "aws:kms", await NewKeyIdAsync(replay), bucketKey: true);
            await replay.GetEncryptionAsync("get-bucket-encryption");
            await replay.GetAsync("get-obj-default-after-setting", "before");
            await replay.PutAsync("put-obj-after-setting", "after", "test-sse", []);
            await replay.GetAsync("get-obj-after-setting", "after");
        },
        ["TestS3::test_s3_sse_default_kms_key"] = async replay =>
        {
            await replay.PutAsync("put-obj-default-kms-s3-key", "test", "test-sse", Kms);
            await replay.GetAsync("get-obj-default-kms-s3-key", "test");
            replay.Bucket = await replay.Service.NewBucketAsync();
            await replay.PutAsync("put-obj-default-kms-s3-key-bucket-2", "test", "test-sse", Kms);
            await replay.GetAsync("get-obj-default-kms-s3-key-bucket-2", "test");
            await replay.PutEncryptionAsync("put-bucket-encryption-default-kms-s3-key", "aws:kms", bucketKey: true);
            await replay.GetEncryptionAsync("get-bucket-encryption-default-kms-s3-key");
            await replay.PutAsync("put-obj-default-kms-s3-key-from-bucket", "from-bucket", "test-sse", []);
            await replay.GetAsync("get-obj-default-kms-s3-key-from-bucket", "from-bucket");
        },
    };

    /// <summary>Of s3-buckets-and-preconditions.json.</summary>
    public static IReadOnlyDictionary<string, Func<Replay, Task>> OfObjects { get; } = new Dictionary<string, Func<Replay, Task>>
    {
        ["TestS3BucketEncryption::test_s3_default_bucket_encryption"] = async replay =>
        {
            // It was recorded of GetBucketVersioning.
            await replay.SendAsync("get-bucket-no-encryption", new("GET", $"/{replay.Bucket}") { Query = [("versioning", "")] });
            await replay.GetEncryptionAsync("default-bucket-encryption");
            await replay.DeleteEncryptionAsync("delete-bucket-encryption");
            await replay.DeleteEncryptionAsync("delete-bucket-encryption-idempotent");
        },
        ["TestS3BucketEncryption::test_s3_default_bucket_encryption_exc"] = async replay =>
        {
            var existing = replay.Bucket;
            replay.Bucket = replay.Placeholders["<bucket-name:1>"] = "no-such-bucket";
            await replay.GetEncryptionAsync("get-bucket-enc-no-bucket");
            await replay.DeleteEncryptionAsync("delete-bucket-enc-no-bucket");
            await replay.PutEncryptionAsync("put-bucket-enc-no-bucket", "");
            replay.Bucket = existing;
            await replay.PutEncryptionAsync("put-bucket-encryption-no-rules", []);
            await replay.PutEncryptionAsync("put-bucket-encryption-two-rules", [Rule("AES256"), Rule("AES256")]);
            await replay.PutEncryptionAsync("put-bucket-encryption-kms-with-aes", "AES256", "a-key");
        },
        ["TestS3BucketEncryption::test_s3_bucket_encryption_sse_s3"] = async replay =>
        {
            await replay.PutEncryptionAsync("put-bucket-enc", "AES256");
            await PutAndReadAsync(replay);
        },
        ["TestS3BucketEncryption::test_s3_bucket_encryption_sse_kms"] = async replay =>
        {
            var key = await NewKeyIdAsync(replay);
            await replay.PutEncryptionAsync("put-bucket-enc", "aws:kms", key, bucketKey: true);
            await replay.GetEncryptionAsync("get-bucket-enc");
            await PutAndReadAsync(replay);
            await replay.PutEncryptionAsync("put-bucket-enc-bucket-key-disabled", "aws:kms", key, bucketKey: false);
            await replay.PutAsync("put-object-encrypted-bucket-key-disabled", "test", "test-encrypted", []);
        },
        ["TestS3BucketEncryption::test_s3_bucket_encryption_sse_kms_aws_managed_key"] = async replay =>
        {
            await replay.PutEncryptionAsync("put-bucket-enc", "aws:kms", bucketKey: true);
            await replay.GetEncryptionAsync("get-bucket-enc");
            var put = await replay.PutAsync("put-object-encrypted", "test", "test-encrypted", []);
            await replay.DescribeKeyAsync("managed-kms-key", put[$"{Sse}-aws-kms-key-id"]!);
            await ReadAsync(replay);
        },
    };

    /// <summary>A rule's elements.</summary>
    public static string Rule(string algorithm, string? keyId = null, bool? bucketKey = null) =>
        $"<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>{algorithm}</SSEAlgorithm>{(keyId is null ? "" : $"<KMSMasterKeyID>{keyId}</KMSMasterKeyID>")}"
        + $"</ApplyServerSideEncryptionByDefault>{(bucketKey is { } enabled ? $"<BucketKeyEnabled>{(enabled ? "true" : "false")}</BucketKeyEnabled>" : "")}</Rule>";

    private static async Task<string> NewKeyIdAsync(Replay replay)
    {
        var arn = await replay.Service.NewKeyAsync();
        return arn[(arn.LastIndexOf('/') + 1)..];
    }

    private static async Task PutAndReadAsync(Replay replay)
    {
        await replay.PutAsync("put-object-encrypted", "test", "test-encrypted", []);
        await ReadAsync(replay);
    }

    private static async Task ReadAsync(Replay replay)
    {
        await replay.HeadAsync("head-object-encrypted", "test");
        await replay.GetAsync("get-object-encrypted", "test");
    }
}
