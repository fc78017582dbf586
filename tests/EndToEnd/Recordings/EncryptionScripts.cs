using System.Text;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Versions;
using static Serverless.EndToEnd.Recordings.Replay;

namespace Serverless.EndToEnd.Recordings;

/// <summary>The inputs whose answers s3-encryption.json recorded, by test.</summary>
internal static class EncryptionScripts
{
    private const string Algorithm = $"{Sse}-customer-algorithm";
    private const string KeyMd5 = $"{Sse}-customer-key-MD5";

    private static readonly CustomerKey OtherKey = new(TestData.Bytes(32, seed: 21));

    /// <summary>The client under the recorded test took a key that was base64 already for the bytes of one.</summary>
    private static readonly CustomerKey EncodedTwice = new(Encoding.ASCII.GetBytes(Key.Base64));
    private static readonly CustomerKey ShortKey = new(Key.Bytes[..10]);

    private static readonly (string, string)[] Kms = [(Sse, "aws:kms")];
    private static readonly (string, string)[] WrongAlgorithm = [(Algorithm, "KMS"), Key.KeyHeader, (KeyMd5, Key.Md5)];
    private static readonly (string, string)[] WrongMd5 = [(Algorithm, "AES256"), Key.KeyHeader, (KeyMd5, OtherKey.Md5)];

    public static IReadOnlyDictionary<string, Func<Replay, Task>> All { get; } = new Dictionary<string, Func<Replay, Task>>
    {
        ["TestS3::test_s3_sse_validate_kms_key"] = async replay =>
        {
            const string uuid = "134f2428-cec1-4b25-a1ae-9048164dba47";
            var foreign = await replay.CreateKeyAsync("create-kms-key", TestAccount.OtherRegion);
            await PutUnderAsync(replay, "put-obj-wrong-kms-key", "fake-key-id");
            await PutUnderAsync(replay, "put-obj-wrong-kms-key-real-uuid", uuid);
            await PutUnderAsync(replay, "put-obj-wrong-kms-key-real-uuid-arn", $"arn:aws:kms:{TestAccount.Region}:{TestAccount.Id}:key/{uuid}");
            await PutUnderAsync(replay, "put-obj-different-region-kms-key", foreign);
            await PutUnderAsync(replay, "put-obj-different-region-kms-key-no-arn", foreign[(foreign.LastIndexOf('/') + 1)..]);
            await replay.PutAsync(null, "source", "test-sse", []);
            await replay.CopyAsync("copy-obj-wrong-kms-key", "source", "test", [.. Kms, ($"{Sse}-aws-kms-key-id", "fake-key-id")]);
            await replay.SendAsync("create-multipart-wrong-kms-key", RawUpload.Create(replay.Bucket, "test", [.. Kms, ($"{Sse}-aws-kms-key-id", "fake-key-id")]));
        },
        ["TestS3::test_s3_sse_validate_kms_key_state"] = async replay =>
        {
            var arn = await replay.CreateKeyAsync("create-kms-key", TestAccount.Region);
            await PutUnderAsync(replay, "success-put-object-sse", arn);
            await replay.GetAsync("success-get-object-sse", "test");
            await replay.Service.Kms.DisableKeyAsync(arn);
            await PutUnderAsync(replay, "put-obj-disabled-key", arn);
            await replay.GetAsync("get-obj-disabled-key", "test");
            await replay.Service.Kms.ScheduleKeyDeletionAsync(arn, 7);
            await replay.GetAsync("get-obj-pending-deletion-key", "test");
        },
        ["TestS3SSECEncryption::test_object_retrieval_sse_c"] = async replay =>
        {
            await PutUnderCustomerKeyAsync(replay);
            await replay.GetAsync("get-obj-no-sse-c", "test");
            await replay.GetAsync("get-obj-sse-c-wrong-key", "test", OtherKey.Headers);
            await replay.GetAsync("get-obj-sse-c-wrong-algo", "test", WrongAlgorithm);
            await replay.HeadAsync("head-obj-sse-c-wrong-algo", "test", WrongAlgorithm);
            await replay.GetAsync("get-obj-sse-c-no-md5", "test", EncodedTwice.Headers);
            await replay.HeadAsync("head-obj-sse-c-no-md5", "test", EncodedTwice.Headers);
            await replay.AttributesAsync("get-obj-attrs-sse-c-wrong-algo", "test", "ETag", WrongAlgorithm);
            // Named for reads, these two were recorded of writes.
            await replay.PutAsync("get-obj-sse-c-wrong-key-size", "test", "test_data", ShortKey.Headers);
            await replay.PutAsync("get-obj-sse-c-bad-md5", "test", "test_data", WrongMd5);
        },
        ["TestS3SSECEncryption::test_sse_c_with_versioning"] = async replay =>
        {
            await replay.Service.ConfigureAsync(replay.Bucket, "Enabled");
            var (first, second) = (CustomerKey.New(), CustomerKey.New());
            var ids = new List<string>();
            foreach (var (key, body) in new[] { (first, "version1"), (second, "version2") })
            {
                replay.AnsweredKey = key;
                ids.Add((await replay.PutAsync($"put-obj-sse-c-version-{body[^1]}", "test", body, key.Headers))["x-amz-version-id"]!);
            }
            await replay.GetAsync("get-obj-sse-c-last-version", "test", second.Headers);
            await replay.GetAsync("get-obj-sse-c-last-version-wrong-key", "test", first.Headers);
            await replay.SendAsync("get-obj-sse-c-version-2", VersioningTests.WithVersion(RawRequest.Get(replay.Bucket, "test", [.. second.Headers, ("x-amz-checksum-mode", "ENABLED")]), ids[1]));
            replay.AnsweredKey = first;
            await replay.SendAsync("get-obj-sse-c-version-1", VersioningTests.WithVersion(RawRequest.Get(replay.Bucket, "test", [.. first.Headers, ("x-amz-checksum-mode", "ENABLED")]), ids[0]));
        },
        ["TestS3SSECEncryption::test_put_object_default_checksum_with_sse_c"] = async replay =>
        {
            await replay.PutAsync(null, "test", "test data..", Key.Headers, checksum: false);
            await replay.GetAsync("get-obj-sse-c", "test", Key.Headers);
            await replay.HeadAsync("head-obj-sse-c", "test", [.. Key.Headers, ("x-amz-checksum-mode", "ENABLED")]);
            replay.ETagsAreMd5 = false;
            await replay.AttributesAsync("get-obj-attrs-sse-c", "test", "ETag,Checksum", Key.Headers);
        },
        ["TestS3SSECEncryption::test_put_object_lifecycle_with_sse_c"] = async replay =>
        {
            await PutUnderCustomerKeyAsync(replay);
            await replay.HeadAsync("head-obj-sse-c", "test", Key.Headers);
            await replay.GetAsync("get-obj-sse-c", "test", Key.Headers);
            await replay.DeleteAsync("del-obj-sse-c", "test");
            await PutUnderCustomerKeyAsync(replay);
            replay.ETagsAreMd5 = false;
            await replay.AttributesAsync("get-obj-attrs-sse-c", "test", "ETag,ObjectSize", Key.Headers);
        },
        ["TestS3SSECEncryption::test_put_object_validation_sse_c"] = async replay =>
        {
            await replay.PutAsync("put-obj-sse-c-no-algo", "test", "test_data", [Key.KeyHeader, (KeyMd5, Key.Md5)]);
            await replay.PutAsync("put-obj-sse-c-no-key", "test", "test_data", [(Algorithm, "AES256"), (KeyMd5, Key.Md5)]);
            await replay.PutAsync("put-obj-sse-c-no-md5", "test", "test_data", EncodedTwice.Headers);
            await replay.PutAsync("put-obj-sse-c-wrong-key-size", "test", "test_data", ShortKey.Headers);
            await replay.PutAsync("put-obj-sse-c-bad-md5", "test", "test_data", WrongMd5);
            await replay.PutAsync("put-obj-sse-c-wrong-algo", "test", "test_data", WrongAlgorithm);
            await replay.PutAsync("put-obj-sse-c-both-encryption", "test", "test_data", [.. Key.Headers, (Sse, "AES256")]);
        },
    };

    private static Task<RawAnswer> PutUnderAsync(Replay replay, string recording, string keyId) =>
        replay.PutAsync(recording, "test", "test-sse", [.. Kms, ($"{Sse}-aws-kms-key-id", keyId)]);

    private static Task<RawAnswer> PutUnderCustomerKeyAsync(Replay replay) => replay.PutAsync("put-obj-sse-c", "test", "test_data", Key.Headers);
}
