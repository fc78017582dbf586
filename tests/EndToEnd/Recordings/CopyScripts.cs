using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Versions;
using static Serverless.EndToEnd.Recordings.Replay;

namespace Serverless.EndToEnd.Recordings;

/// <summary>The inputs whose answers were recorded of CopyObject, by test.</summary>
internal static class CopyScripts
{
    private const string SourceAlgorithm = "x-amz-copy-source-server-side-encryption-customer-algorithm";
    private const string TargetAlgorithm = $"{Sse}-customer-algorithm";
    private const string Json = """{"key": "value"}""";

    private static readonly (string, string) Replace = ("x-amz-metadata-directive", "REPLACE");
    private static readonly (string, string) Standard = ("x-amz-storage-class", "STANDARD");

    /// <summary>Of s3-encryption.json.</summary>
    public static IReadOnlyDictionary<string, Func<Replay, Task>> OfEncryption { get; } = new Dictionary<string, Func<Replay, Task>>
    {
        ["TestS3::test_copy_in_place_with_bucket_encryption"] = async replay =>
        {
            await replay.PutEncryptionAsync("put-bucket-encryption", "AES256");
            await replay.PutAsync("put-obj", "test", "", []);
            await replay.CopyAsync("copy-obj", "test", "test");
        },
        ["TestS3::test_copy_object_kms"] = async replay =>
        {
            await replay.PutAsync(null, "test", "hello world", []);
            await replay.GetAsync("get-object", "test");
            await replay.CopyAsync("copy-object", "test", "copied", (Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", await replay.Service.NewKeyAsync()), ($"{Sse}-bucket-key-enabled", "true"));
            await replay.GetAsync("get-copied-object", "copied");
        },
        ["TestS3::test_s3_copy_object_in_place"] = async replay =>
        {
            await PutJsonAsync(replay);
            await replay.AttributesAsync("object-attrs", "test", "StorageClass");
            await replay.AclAsync("object-acl", "test");
            await replay.CopyAsync("copy-object-in-place-no-change", "test", "test");
            await replay.CopyAsync("copy-object-in-place-with-acl", "test", "test", ("x-amz-acl", "bucket-owner-full-control"));
            await replay.CopyAsync("copy-object-in-place-with-storage-class", "test", "test", Standard, ("x-amz-checksum-algorithm", "SHA256"));
            await replay.AttributesAsync("object-attrs-after-copy", "test", "StorageClass");
        },
        ["TestS3::test_s3_copy_object_in_place_metadata_directive"] = async replay =>
        {
            await PutJsonAsync(replay);
            await replay.CopyAsync("no-metadata-directive-fail", "test", "test", ("x-amz-meta-key2", "value2"));
            await replay.CopyAsync("copy-replace-directive", "test", "test", Replace, ("x-amz-meta-key2", "value2"));
            await replay.HeadAsync("head-replace-directive", "test");
            await replay.CopyAsync("copy-copy-directive", "test", "test", ("x-amz-metadata-directive", "COPY"), Standard);
            await replay.HeadAsync("head-copy-directive", "test");
            await replay.CopyAsync("copy-copy-directive-ignore", "test", "test", ("x-amz-metadata-directive", "COPY"), ("x-amz-meta-key3", "value3"), Standard);
            await replay.HeadAsync("head-copy-directive-ignore", "test");
            await replay.CopyAsync("copy-replace-directive-empty", "test", "test", Replace);
            await replay.HeadAsync("head-replace-directive-empty", "test");
        },
        ["TestS3::test_s3_copy_object_in_place_suspended_only"] = async replay =>
        {
            await PutJsonAsync(replay);
            await replay.CopyAsync("copy-in-place-non-versioned", "test", "test", Replace);
            await replay.HeadAsync("head-object-copied", "test");
            await replay.GetAsync("get-object-copied", "test");
            await replay.Service.ConfigureAsync(replay.Bucket, "Suspended");
            await replay.CopyAsync("copy-in-place-versioned-suspended", "test", "test", Replace);
            await replay.HeadAsync("head-object-copied-suspended", "test");
            await replay.GetAsync("get-object-copied-suspended", "test");
            await replay.CopyAsync("copy-in-place-versioned-suspended-twice", "test", "test", Replace);
        },
        ["TestS3::test_s3_copy_object_in_place_versioned"] = async replay =>
        {
            await replay.Service.ConfigureAsync(replay.Bucket, "Enabled");
            await PutJsonAsync(replay);
            await replay.AttributesAsync("object-attrs", "test", "StorageClass");
            await replay.CopyAsync("copy-object-in-place-no-change", "test", "test");
            var copied = (await replay.CopyAsync("copy-in-place-versioned", "test", "test", Replace))["x-amz-version-id"]!;
            await replay.HeadAsync("head-object-copied", "test");
            await replay.GetAsync("get-object-copied", "test");
            await replay.Service.ConfigureAsync(replay.Bucket, "Suspended");
            await replay.CopyAsync("copy-in-place-versioned-suspended", "test", "test", Replace);
            await replay.HeadAsync("head-object-copied-suspended", "test");
            await replay.GetAsync("get-object-copied-suspended", "test");
            await replay.SendAsync("head-object-previous-version-suspended", VersioningTests.WithVersion(RawRequest.Head(replay.Bucket, "test"), copied));
            await replay.Service.ConfigureAsync(replay.Bucket, "Enabled");
            await replay.CopyAsync("copy-in-place-versioned-re-enabled", "test", "test", Replace);
        },
        ["TestS3::test_s3_copy_object_in_place_storage_class"] = async replay =>
        {
            await replay.PutAsync("put-object", "test", "test", [Standard]);
            await replay.HeadAsync("head-object", "test");
            await replay.AttributesAsync("object-attrs", "test", "StorageClass");
            await replay.CopyAsync("copy-object-in-place-with-storage-class", "test", "test", Standard);
            await replay.AttributesAsync("object-attrs-after-copy", "test", "StorageClass");
        },
        ["TestS3::test_s3_copy_object_in_place_website_redirect_location"] = async replay =>
        {
            var redirect = ("x-amz-website-redirect-location", "/test/direct");
            await replay.PutAsync("put-object", "test", "test", [redirect]);
            await replay.HeadAsync("head-object", "test");
            await replay.CopyAsync("copy-object-in-place-with-website-redirection", "test", "test", redirect);
            await replay.HeadAsync("head-object-after-copy", "test");
        },
        ["TestS3::test_s3_copy_object_in_place_with_encryption"] = async replay =>
        {
            var kms = (Sse, "aws:kms");
            await replay.PutAsync("put-object-with-kms-encryption", "test", "test",
                [kms, ($"{Sse}-aws-kms-key-id", await replay.Service.NewKeyAsync()), ($"{Sse}-bucket-key-enabled", "true")]);
            await replay.HeadAsync("head-object", "test");
            await replay.CopyAsync("copy-object-in-place-with-sse", "test", "test", kms, ($"{Sse}-aws-kms-key-id", await replay.Service.NewKeyAsync()));
            await replay.HeadAsync("head-copy-with-sse", "test");
            await replay.CopyAsync("copy-object-in-place-without-kms-sse", "test", "test");
            await replay.HeadAsync("head-copy-without-kms-sse", "test");
            await replay.CopyAsync("copy-object-in-place-with-aes", "test", "test", (Sse, "AES256"));
            await replay.HeadAsync("head-copy-with-aes", "test");
        },
        ["TestS3SSECEncryption::test_copy_object_with_sse_c"] = async replay =>
        {
            (string, string)[] wrongSource = [(SourceAlgorithm, "KMS"), .. Key.CopySourceHeaders[1..]];
            (string, string)[] wrongTarget = [(TargetAlgorithm, "KMS"), .. Key.Headers[1..]];
            await replay.PutAsync("put-obj-sse-c", "test", "test_data", Key.Headers);
            await replay.CopyAsync("copy-obj-no-src-sse-c", "test", "copied", Key.Headers);
            await replay.CopyAsync("copy-obj-wrong-src-sse-c-algo", "test", "copied", wrongSource);
            await replay.CopyAsync("copy-obj-wrong-target-sse-c-algo", "test", "copied", [.. Key.CopySourceHeaders, .. wrongTarget]);
            await replay.CopyAsync("copy-obj-target-double-encryption", "test", "copied", [.. Key.CopySourceHeaders, .. Key.Headers, (Sse, "AES256")]);
            await replay.CopyAsync("copy-obj-sse-c-target-no-sse-c", "test", "plain", Key.CopySourceHeaders);
            await replay.CopyAsync("copy-obj-sse-c", "test", "copied", [.. Key.CopySourceHeaders, .. Key.Headers]);
            await replay.GetAsync("get-obj-no-sse-c-param", "copied");
        },
    };

    /// <summary>Of s3-buckets-and-preconditions.json; the bodies are those whose MD5s the recordings show.</summary>
    public static IReadOnlyDictionary<string, Func<Replay, Task>> OfObjects { get; } = new Dictionary<string, Func<Replay, Task>>
    {
        ["TestS3ObjectWritePrecondition::test_copy_object_if_match"] = async replay =>
        {
            await replay.PutAsync(null, "source", "source content", []);
            var etag = (await replay.PutAsync(null, "dest", "initial content", []))["etag"]!;
            await replay.CopyAsync("copy-obj-if-match-fail-no-object", "source", "non-existent-key", ("If-Match", etag));
            await replay.CopyAsync("copy-obj-if-match-fail-wrong-etag", "source", "dest", ("If-Match", "\"d41d8cd98f00b204e9800998ecf8427e\""));
            await replay.CopyAsync("copy-obj-if-match", "source", "dest", ("If-Match", etag));
        },
        ["TestS3ObjectWritePrecondition::test_copy_object_if_match_in_place"] = async replay =>
        {
            var etag = (await replay.PutAsync(null, "source", "source content", []))["etag"]!;
            await replay.CopyAsync("copy-obj-if-match-in-place", "source", "source", ("If-Match", etag), Replace);
        },
        ["TestS3ObjectWritePrecondition::test_copy_object_if_none_match"] = async replay =>
        {
            await replay.PutAsync(null, "source", "source content", []);
            await replay.CopyAsync("copy-obj", "source", "dest", ("If-None-Match", "*"));
            await replay.CopyAsync("copy-obj-if-none-match-fail", "source", "dest", ("If-None-Match", "*"));
        },
        ["TestS3ObjectWritePrecondition::test_copy_object_if_match_versioned_bucket"] = async replay =>
        {
            await replay.Service.ConfigureAsync(replay.Bucket, "Enabled");
            await replay.PutAsync(null, "source-object", "source content", []);
            var etag = (await replay.PutAsync("put-obj", "dest-object", "initial content", []))["etag"]!;
            await replay.CopyAsync("copy-obj-if-match-wrong-etag", "source-object", "dest-object", ("If-Match", "\"d41d8cd98f00b204e9800998ecf8427e\""));
            await replay.DeleteAsync("del-obj", "dest-object");
            await replay.CopyAsync("copy-obj-after-del-exc", "source-object", "dest-object", ("If-Match", etag));
            etag = (await replay.PutAsync("put-obj-after-del", "dest-object", "new content after delete", []))["etag"]!;
            await replay.CopyAsync("copy-obj-if-match", "source-object", "dest-object", ("If-Match", etag));
            await replay.ListVersionsAsync("list-object-versions");
        },
        ["TestS3ObjectWritePrecondition::test_copy_object_if_none_match_versioned_bucket"] = async replay =>
        {
            await replay.Service.ConfigureAsync(replay.Bucket, "Enabled");
            await replay.PutAsync(null, "source-object", "source content", []);
            await replay.CopyAsync("copy-obj", "source-object", "dest-object", ("If-None-Match", "*"));
            await replay.CopyAsync("copy-obj-if-none-match-fail", "source-object", "dest-object", ("If-None-Match", "*"));
            await replay.DeleteAsync("del-obj", "dest-object");
            await replay.CopyAsync("copy-obj-after-del", "source-object", "dest-object", ("If-None-Match", "*"));
            await replay.ListVersionsAsync("list-object-versions");
        },
        ["TestS3ObjectWritePrecondition::test_copy_object_if_none_match_in_place"] = async replay =>
        {
            await replay.PutAsync(null, "source", "source content", []);
            await replay.CopyAsync("copy-obj-if-none-match-fail", "source", "source", ("If-None-Match", "*"), Replace);
        },
        ["TestS3ObjectWritePrecondition::test_copy_object_precondition_write_validation"] = async replay =>
        {
            await replay.PutAsync(null, "source", "source content", []);
            await replay.CopyAsync("copy-obj-both", "source", "dest", ("If-Match", "etag"), ("If-None-Match", "*"));
            await replay.CopyAsync("copy-obj-if-match-star", "source", "dest", ("If-Match", "*"));
            await replay.CopyAsync("copy-obj-none-match-etag", "source", "dest", ("If-None-Match", "etag"));
        },
    };

    private static async Task PutJsonAsync(Replay replay)
    {
        await replay.PutAsync("put_object", "test", Json, [("Content-Type", "application/json"), ("x-amz-meta-key", "value")]);
        await replay.HeadAsync("head_object", "test");
    }
}
