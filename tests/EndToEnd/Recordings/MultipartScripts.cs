using System.Globalization;
using System.Text;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using static Serverless.EndToEnd.Recordings.Replay;

namespace Serverless.EndToEnd.Recordings;

/// <summary>The recordings of uploads in parts, in both files.</summary>
internal static class MultipartScripts
{
    private const string Precondition = "test-precondition";
    private const string Source = "source_file.txt";
    private const string Destination = "destination_file.txt";
    private const string Digits = "0123456789";

    private static readonly CustomerKey OtherKey = new(TestData.Bytes(32, seed: 21));

    public static IReadOnlyDictionary<string, Func<Replay, Task>> OfEncryption { get; } = new Dictionary<string, Func<Replay, Task>>
    {
        ["TestS3::test_s3_multipart_upload_sse"] = async replay =>
        {
            const string key = "test-sse-field-multipart";
            var arn = await replay.Service.NewKeyAsync();
            var upload = await BeginAsync(replay, "multi-sse-create-multipart", key, (Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", arn), ($"{Sse}-bucket-key-enabled", "true"));
            var part = await PartAsync(replay, "multi-sse-upload-part", upload, 1, "test-sse"u8.ToArray());
            await replay.SendAsync("multi-sse-compete-multipart", upload.Completion([part]));
            await replay.GetAsync("get-obj", key);
        },
        ["TestS3SSECEncryption::test_multipart_upload_sse_c"] = async replay =>
        {
            replay.ETagsAreMd5 = false;
            const string key = "test-sse-c-multipart";
            var upload = await BeginAsync(replay, "create-mpu-sse-c", key, Key.Headers);
            var body = Encoding.ASCII.GetBytes(new string('a', 5_242_881));
            var parts = new List<(int, string)>();
            for (var i = 0; i < 3; i++) parts.Add(await PartAsync(replay, $"upload-part-{i}", upload, i + 1, body, Key.Headers));
            await replay.SendAsync("list-parts", upload.PartsList());
            await replay.SendAsync("complete-multipart-checksum", upload.Completion(parts));
            await replay.GetAsync("get-obj-sse-c", key, Key.Headers);
            await replay.GetAsync("get-obj-no-sse-c-param", key);
        },
        ["TestS3SSECEncryption::test_multipart_upload_sse_c_validation"] = async replay =>
        {
            var plain = await BeginAsync(replay, "create-mpu-no-sse-c", "test-sse-c-multipart");
            await replay.SendAsync("mpu-no-sse-c-upload-part-with-sse-c", plain.Part(1, "test"u8.ToArray(), Key.Headers));
            var customer = await BeginAsync(replay, "create-mpu-sse-c", "test-sse-c-multipart", Key.Headers);
            await replay.SendAsync("mpu-sse-c-upload-part-no-sse-c", customer.Part(1, "test"u8.ToArray()));
            await replay.SendAsync("mpu-sse-c-upload-part-wrong-sse-c", customer.Part(1, "test"u8.ToArray(), OtherKey.Headers));
        },
    };

    public static IReadOnlyDictionary<string, Func<Replay, Task>> OfObjects { get; } = new Dictionary<string, Func<Replay, Task>>
    {
        ["TestS3Multipart::test_upload_part_copy_range"] = async replay =>
        {
            await replay.PutAsync("put-src-object", "src-key", Digits, []);
            var upload = await BeginAsync(replay, "create-multipart", "test-upload-part-copy");
            foreach (var (number, range) in new[] { (1, "0-8"), (2, "1-1"), (3, "0-0") }) await CopyAsync(replay, $"upload-part-copy-{number}", upload, number, "src-key", Range($"bytes={range}"));
            await replay.SendAsync("list-parts", upload.PartsList());
            await CopyAsync(replay, "upload-part-copy-wrong-format", upload, 1, "src-key", Range("0-8"));
            foreach (var range in (string[])["1-0", "-1-", "0--1", "0-1,3-4,7-9", "-", "-0", "0-100", "100-200", "1-", "-2", "-15"])
                await CopyAsync(replay, $"upload-part-copy-range-exc-{range}", upload, 1, "src-key", Range($"bytes={range}"));
        },
        ["TestS3Multipart::test_upload_part_copy_no_copy_source_range"] = async replay =>
        {
            await replay.PutAsync("put-src-object", "src-key", Digits, []);
            var upload = await BeginAsync(replay, "create-multipart", "test-upload-part-copy");
            await CopyAsync(replay, "upload-part-copy", upload, 1, "src-key");
            await replay.SendAsync("list-parts", upload.PartsList());
        },
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_match_success"] = replay => TakeAsync(replay, "upload-part-copy-if-match", etag => [("Match", etag)]),
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_match_none_success"] = replay =>
            TakeAsync(replay, "upload-part-copy-if-none-match", _ => [("None-Match", "none-match")]),
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_unmodified_since_success"] = replay =>
            TakeAsync(replay, "upload-part-copy-if-unmodified-since", _ => [("Unmodified-Since", Date(days: 1))]),
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_modified_since_success"] = replay =>
            TakeAsync(replay, "upload-part-copy-if-modified-since", _ => [("Modified-Since", Date(days: -1))]),
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_modified_since_in_future_success"] = replay =>
            TakeAsync(replay, "upload-part-copy-if-modified-since-in-future", _ => [("Modified-Since", Date(days: 1))]),
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_match_and_if_unmodified_since_match"] = replay =>
            TakeAsync(replay, "upload-part-copy", etag => [("Match", etag), ("Unmodified-Since", Date(days: -1))]),
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_match_failed"] = replay =>
            CopyUnderAsync(replay, "upload-part-copy-source-if-match", _ => [("Match", "not-matching")]),
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_none_match_failed"] = replay =>
            CopyUnderAsync(replay, "upload-part-copy-source-if-none-match", etag => [("None-Match", etag)]),
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_unmodified_since_match_failed"] = replay =>
            CopyUnderAsync(replay, "upload-part-copy-source-unmodified-since-match", _ => [("Unmodified-Since", Date(days: -1))]),
        ["TestS3Multipart::test_upload_part_copy_with_copy_source_if_none_match_and_if_unmodified_since_match_failed"] = replay =>
            CopyUnderAsync(replay, "upload-part-copy-source-unmodified-since-and-if-none-match", _ => [("None-Match", "none-match"), ("Unmodified-Since", Date(days: -1))]),
        ["TestS3Multipart::test_upload_part_copy_with_if_modified_since_failed"] = replay =>
            CopyUnderAsync(replay, "upload-part-copy-source-modified-since-match", _ => [("Modified-Since", Date(days: 0))]),

        ["TestS3ObjectWritePrecondition::test_multipart_if_match_etag"] = async replay =>
        {
            var etag = (await replay.PutAsync("put-obj", Precondition, "test", []))["etag"]!;
            var (upload, part) = await BeginWithPartAsync(replay, "create-multipart");
            var completed = await replay.SendAsync("complete-multipart-if-match", upload.Completion([part], ("If-Match", etag)));
            (upload, part) = await BeginWithPartAsync(replay, "create-multipart-overwrite");
            await replay.SendAsync("complete-multipart-if-match-true-etag", upload.Completion([part], ("If-Match", etag)));
            await replay.SendAsync("complete-multipart-if-match-overwrite-multipart", upload.Completion([part], ("If-Match", RawUpload.Field(completed, "ETag"))));
        },
        ["TestS3ObjectWritePrecondition::test_multipart_if_match_with_put"] = async replay =>
        {
            var before = (await replay.PutAsync("put-obj", Precondition, "test", []))["etag"]!;
            var (upload, part) = await BeginWithPartAsync(replay, "create-multipart");
            var during = (await replay.PutAsync("put-obj-during", Precondition, "test2", []))["etag"]!;
            await replay.SendAsync("complete-multipart-if-match-put-before", upload.Completion([part], ("If-Match", before)));
            await replay.SendAsync("complete-multipart-if-match-put-during", upload.Completion([part], ("If-Match", during)));
            (upload, part) = await BeginWithPartAsync(replay, "create-multipart-again");
            await replay.SendAsync("complete-multipart-if-match-put-before-restart", upload.Completion([part], ("If-Match", during)));
        },
        ["TestS3ObjectWritePrecondition::test_multipart_if_match_with_put_identical"] = async replay =>
        {
            await replay.PutAsync("put-obj", Precondition, "test", []);
            var (upload, part) = await BeginWithPartAsync(replay, "create-multipart");
            var during = (await replay.PutAsync("put-obj-during", Precondition, "test", []))["etag"]!;
            await replay.SendAsync("complete-multipart-if-match-put-during", upload.Completion([part], ("If-Match", during)));
            (upload, part) = await BeginWithPartAsync(replay, "create-multipart-again");
            await replay.SendAsync("complete-multipart-if-match-put-before-restart", upload.Completion([part], ("If-Match", during)));
        },
        ["TestS3ObjectWritePrecondition::test_multipart_if_match_with_delete"] = async replay =>
        {
            var etag = (await replay.PutAsync("put-obj", Precondition, "test", []))["etag"]!;
            var (upload, part) = await BeginWithPartAsync(replay, "create-multipart");
            await replay.DeleteAsync("del-obj", Precondition);
            await replay.SendAsync("complete-multipart-after-del", upload.Completion([part], ("If-Match", etag)));
            etag = (await replay.PutAsync("put-obj-2", Precondition, "test", []))["etag"]!;
            await replay.SendAsync("complete-multipart-if-match-after-put", upload.Completion([part], ("If-Match", etag)));
        },
        ["TestS3ObjectWritePrecondition::test_multipart_if_none_match_with_delete"] = async replay =>
        {
            await replay.PutAsync("put-obj", Precondition, "", []);
            var (upload, part) = await BeginWithPartAsync(replay, "create-multipart");
            await replay.SendAsync("complete-multipart-if-none-match", upload.Completion([part], ("If-None-Match", "*")));
            await replay.DeleteAsync("del-obj", Precondition);
            await replay.SendAsync("complete-multipart-after-del", upload.Completion([part], ("If-None-Match", "*")));
            (upload, part) = await BeginWithPartAsync(replay, null);
            await replay.SendAsync("complete-multipart-after-del-restart", upload.Completion([part], ("If-None-Match", "*")));
        },
        ["TestS3ObjectWritePrecondition::test_multipart_if_none_match_with_put"] = async replay =>
        {
            var (upload, part) = await BeginWithPartAsync(replay, "create-multipart");
            await replay.PutAsync("put-obj", Precondition, "", []);
            await replay.SendAsync("complete-multipart-if-none-match-put-during", upload.Completion([part], ("If-None-Match", "*")));
        },
    };

    private static async Task<RawUpload> BeginAsync(Replay replay, string? recording, string key, params (string, string)[] headers) =>
        RawUpload.Of(replay.Service.Https, replay.Bucket, key, await replay.SendAsync(recording, RawUpload.Create(replay.Bucket, key, headers)));

    /// <summary>A part as boto3 sends it, with CRC32.</summary>
    private static async Task<(int Number, string ETag)> PartAsync(Replay replay, string? recording, RawUpload upload, int number, byte[] body, params (string, string)[] headers) =>
        (number, (await replay.SendAsync(recording, upload.Part(number, body,
            [.. headers, ("x-amz-sdk-checksum-algorithm", "CRC32"), ("x-amz-checksum-crc32", PayloadFormTests.Crc32Of(body))])))["etag"]!);

    private static async Task<(RawUpload Upload, (int, string) Part)> BeginWithPartAsync(Replay replay, string? recording)
    {
        var upload = await BeginAsync(replay, recording, Precondition);
        return (upload, await PartAsync(replay, null, upload, 1, "test"u8.ToArray()));
    }

    private static Task<RawAnswer> CopyAsync(Replay replay, string recording, RawUpload upload, int number, string source, params (string, string)[] headers) =>
        replay.SendAsync(recording, upload.Copy(number, $"{replay.Bucket}/{source}", headers));

    /// <summary>A copy whose conditions hold.</summary>
    private static async Task TakeAsync(Replay replay, string recording, Func<string, (string, string)[]> conditions)
    {
        var upload = await CopyUnderAsync(replay, recording, conditions);
        await replay.SendAsync("list-parts", upload.PartsList());
    }

    private static async Task<RawUpload> CopyUnderAsync(Replay replay, string recording, Func<string, (string Name, string Value)[]> conditions)
    {
        var put = await replay.PutAsync(null, Source, Digits, []);
        var upload = await BeginAsync(replay, null, Destination);
        await CopyAsync(replay, recording, upload, 1, Source, [.. conditions(put["etag"]!).Select(condition => ($"x-amz-copy-source-if-{condition.Name}", condition.Value))]);
        return upload;
    }

    private static (string, string) Range(string value) => ("x-amz-copy-source-range", value);

    private static string Date(int days) => DateTimeOffset.UtcNow.AddDays(days).ToString("R", CultureInfo.InvariantCulture);
}
