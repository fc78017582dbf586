using Serverless.EndToEnd.Access;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Versions;

namespace Serverless.EndToEnd.Recordings;

/// <summary>The inputs whose answers s3-buckets-and-preconditions.json recorded, by test.</summary>
internal static class ObjectScripts
{
    private const string Key = "test-precondition";

    public static IReadOnlyDictionary<string, Func<Replay, Task>> All { get; } = new Dictionary<string, Func<Replay, Task>>
    {
        ["TestS3BucketPolicy::test_bucket_policy_crud"] = async replay =>
        {
            // What is recorded is a public policy.
            await replay.SendAsync(null, PolicyRequests.DeletePublicAccessBlock(replay.Bucket));
            await replay.SendAsync("get-bucket-default-policy", PolicyRequests.GetPolicy(replay.Bucket));
            await replay.SendAsync("put-bucket-policy", PolicyRequests.PutPolicy(replay.Bucket, $$"""
                {"Statement": [{"Action": "s3:GetObject", "Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "arn:aws:s3:::{{replay.Bucket}}/*"}], "Version": "2012-10-17"}
                """.Trim()));
            await replay.SendAsync("get-bucket-policy", PolicyRequests.GetPolicy(replay.Bucket));
            await replay.SendAsync("delete-bucket-policy", PolicyRequests.DeletePolicy(replay.Bucket));
            await replay.SendAsync("get-bucket-policy-after-delete", PolicyRequests.GetPolicy(replay.Bucket));
            await replay.SendAsync("delete-bucket-policy-after-delete", PolicyRequests.DeletePolicy(replay.Bucket));
        },
        ["TestS3BucketPolicy::test_bucket_policy_exc"] = async replay =>
        {
            await replay.SendAsync("put-empty-bucket-policy", PolicyRequests.PutPolicy(replay.Bucket, ""));
            await replay.SendAsync("put-bucket-policy-randomstring", PolicyRequests.PutPolicy(replay.Bucket, "random string"));
            await replay.SendAsync("put-bucket-policy-empty-json", PolicyRequests.PutPolicy(replay.Bucket, "{}"));
        },
        ["TestS3DeletePrecondition::test_delete_object_if_match_non_express"] = replay =>
            RefuseDeletionAsync(replay, "delete-obj-if-match", _ => [("If-Match", "badvalue")]),
        ["TestS3DeletePrecondition::test_delete_object_if_match_modified_non_express"] = replay =>
            RefuseDeletionAsync(replay, "delete-obj-if-match-last-modified", _ => [("x-amz-if-match-last-modified-time", "Sat, 21 Feb 2026 00:00:00 GMT")]),
        ["TestS3DeletePrecondition::test_delete_object_if_match_size_non_express"] = replay =>
            RefuseDeletionAsync(replay, "delete-obj-if-match-size", _ => [("x-amz-if-match-size", "10")]),
        ["TestS3DeletePrecondition::test_delete_object_if_match_all_non_express"] = replay => RefuseDeletionAsync(replay, "delete-obj-if-match-all", etag =>
            [("If-Match", etag), ("x-amz-if-match-last-modified-time", "Sat, 21 Feb 2026 00:00:00 GMT"), ("x-amz-if-match-size", "10")]),
        ["TestS3ObjectCRUD::test_delete_object"] = async replay =>
        {
            await replay.PutAsync("put-object", "test-delete", "test-delete", []);
            await replay.DeleteAsync("delete-object", "test-delete");
            await replay.DeleteAsync("delete-nonexistent-object", "test-delete");
            await replay.SendAsync("delete-nonexistent-object-versionid",
                RawRequest.Delete(replay.Bucket, "test-delete") with { Query = [("versionId", "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD")] });
        },
        ["TestS3ObjectCRUD::test_delete_objects"] = async replay =>
        {
            await replay.PutAsync("put-object", "test-delete", "test-delete", []);
            await replay.DeleteObjectsAsync("delete-object-wrong-version-id", "<Object><Key>test-delete</Key><VersionId>HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD</VersionId></Object>");
            await replay.DeleteObjectsAsync("delete-objects",
                "<Object><Key>test-delete</Key></Object><Object><Key>a-wrong-key</Key></Object><Object><Key>c-wrong-key</Key></Object>");
        },
        ["TestS3ObjectCRUD::test_get_object_range"] = async replay =>
        {
            await replay.PutAsync(null, "test-key-range", "0123456789", []);
            foreach (var (recording, range) in new[]
            {
                ("get-0-8", "bytes=0-8"), ("get-0-8-checksum", "bytes=0-8"), ("get-1-1", "bytes=1-1"), ("get-0-0", "bytes=0-0"), ("get-1-", "bytes=1-"),
                ("get--1-", "bytes=-1-"), ("get--2", "bytes=-2"), ("get--9", "bytes=-9"), ("get--15", "bytes=-15"), ("get-0-100", "bytes=0-100"),
                ("get-0--1", "bytes=0--1"), ("get-multiple-ranges", "bytes=0-1,3-4,7-9"), ("get-wrong-format", "0-1"), ("get--", "bytes=-"),
                ("get--0", "bytes=-0"), ("get-1-0", "bytes=1-0"), ("get-100-200", "bytes=100-200"),
            })
            {
                await replay.GetAsync(recording, "test-key-range", ("Range", range));
            }
            await replay.PutAsync("put-after-failed", "test-key-range", "01234567890123456789", []);
        },
        ["TestS3ObjectWritePrecondition::test_put_object_if_match"] = async replay =>
        {
            var etag = (await replay.PutAsync("put-obj", Key, "test", []))["etag"]!;
            await replay.PutAsync("put-obj-if-match-wrong-etag", Key, "", [("If-Match", "\"d41d8cd98f00b204e9800998ecf8427f\"")]);
            etag = (await replay.PutAsync("put-obj-overwrite", Key, "", [("If-Match", etag)]))["etag"]!;
            await replay.DeleteAsync("del-obj", Key);
            await replay.PutAsync("put-obj-if-match-key-not-exists", Key, "", [("If-Match", etag)]);
            await replay.PutAsync("put-obj-after-del", Key, "", []);
        },
        ["TestS3ObjectWritePrecondition::test_put_object_if_match_and_if_none_match_validation"] = replay =>
            replay.PutAsync("put-obj-both-precondition", Key, "", [("If-None-Match", "*"), ("If-Match", "abcdef")]),
        ["TestS3ObjectWritePrecondition::test_put_object_if_match_validation"] = async replay =>
        {
            await replay.PutAsync("put-obj-if-match-star-value", "test-precondition-validation", "test", [("If-Match", "*")]);
            await replay.PutAsync("put-obj-if-match-bad-value", "test-precondition-validation", "test", [("If-Match", "abcdef")]);
            await replay.PutAsync("put-obj-if-match-bad-value-2", "test-precondition-validation", "test", [("If-Match", "bad-char_/")]);
        },
        ["TestS3ObjectWritePrecondition::test_put_object_if_none_match"] = async replay =>
        {
            await replay.PutAsync("put-obj", Key, "", [("If-None-Match", "*")]);
            await replay.PutAsync("put-obj-if-none-match", Key, "", [("If-None-Match", "*")]);
            await replay.DeleteAsync("del-obj", Key);
            await replay.PutAsync("put-obj-after-del", Key, "", [("If-None-Match", "*")]);
        },
        ["TestS3ObjectWritePrecondition::test_put_object_if_match_versioned_bucket"] = async replay =>
        {
            await replay.Service.ConfigureAsync(replay.Bucket, "Enabled");
            var etag = (await replay.PutAsync("put-obj", Key, "test", []))["etag"]!;
            await replay.PutAsync("put-obj-if-none-match-bad-value", Key, "", [("If-Match", "\"d41d8cd98f00b204e9800998ecf8427f\"")]);
            await replay.DeleteAsync("del-obj", Key);
            await replay.PutAsync("put-obj-after-del-exc", Key, "", [("If-Match", etag)]);
            etag = (await replay.PutAsync("put-obj-after-del", Key, "test-after-del", []))["etag"]!;
            await replay.PutAsync("put-obj-if-match", Key, "test-if-match", [("If-Match", etag)]);
            await replay.ListVersionsAsync("list-object-versions");
        },
        ["TestS3ObjectWritePrecondition::test_put_object_if_none_match_versioned_bucket"] = async replay =>
        {
            await replay.Service.ConfigureAsync(replay.Bucket, "Enabled");
            await replay.PutAsync("put-obj", Key, "", [("If-None-Match", "*")]);
            await replay.PutAsync("put-obj-if-none-match", Key, "", [("If-None-Match", "*")]);
            await replay.DeleteAsync("del-obj", Key);
            await replay.PutAsync("put-obj-after-del", Key, "", [("If-None-Match", "*")]);
            await replay.ListVersionsAsync("list-object-versions");
        },
        ["TestS3ObjectWritePrecondition::test_put_object_if_none_match_validation"] = async replay =>
        {
            await replay.PutAsync("put-obj", Key, "", [("If-None-Match", "*")]);
            await replay.PutAsync("put-obj-if-none-match-bad-value", Key, "", [("If-None-Match", "etag")]);
        },
    };

    private static async Task RefuseDeletionAsync(Replay replay, string recording, Func<string, (string, string)[]> conditions)
    {
        var put = await replay.PutAsync(null, "test", "test", []);
        await replay.DeleteAsync(recording, "test", conditions(put["etag"]!));
    }
}
