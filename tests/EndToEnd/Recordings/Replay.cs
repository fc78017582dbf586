using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Recordings;

/// <summary>One recorded test, sent again: each answer is compared with the recording of its name.</summary>
internal sealed class Replay(ServiceFixture service, string bucket, JsonObject recordings)
{
    public const string Sse = "x-amz-server-side-encryption";

    /// <summary>Stands for the key of the recorded SSE-C requests, of which only the MD5 is known.</summary>
    public static CustomerKey Key { get; } = new(TestData.Bytes(32, seed: 20));

    /// <summary>The members of a recorded answer that are headers of ours. What the recording does not have, the answer must not have.</summary>
    private static readonly (string Member, string Header)[] Headers =
    [
        ("ServerSideEncryption", Sse), ("SSEKMSKeyId", $"{Sse}-aws-kms-key-id"), ("BucketKeyEnabled", $"{Sse}-bucket-key-enabled"), ("SSEKMSEncryptionContext", $"{Sse}-context"),
        ("SSECustomerAlgorithm", $"{Sse}-customer-algorithm"), ("SSECustomerKeyMD5", $"{Sse}-customer-key-md5"),
        ("ChecksumCRC32", "x-amz-checksum-crc32"), ("ChecksumCRC64NVME", "x-amz-checksum-crc64nvme"), ("ChecksumType", "x-amz-checksum-type"),
        ("AcceptRanges", "accept-ranges"), ("ContentRange", "content-range"), ("WebsiteRedirectLocation", "x-amz-website-redirect-location"),
        ("VersionId", "x-amz-version-id"), ("DeleteMarker", "x-amz-delete-marker"),
    ];

    private readonly HashSet<string> _replayed = [];

    public ServiceFixture Service => service;

    public string Bucket { get; set; } = bucket;

    public Placeholders Placeholders { get; } = new();

    /// <summary>The names of the recordings that have been compared.</summary>
    public IReadOnlySet<string> Replayed => _replayed;

    /// <summary>PutObject as boto3 sends it, with CRC32 unless told otherwise.</summary>
    public Task<RawAnswer> PutAsync(string? recording, string key, string body, (string, string)[] headers, bool checksum = true)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return SendAsync(recording, RawRequest.Put(Bucket, key, bytes,
            checksum ? [.. headers, ("x-amz-sdk-checksum-algorithm", "CRC32"), ("x-amz-checksum-crc32", PayloadFormTests.Crc32Of(bytes))] : headers));
    }

    /// <summary>GetObject as boto3 sends it: it asks for the checksum.</summary>
    public Task<RawAnswer> GetAsync(string? recording, string key, params (string, string)[] headers) =>
        SendAsync(recording, RawRequest.Get(Bucket, key, [.. headers, ("x-amz-checksum-mode", "ENABLED")]));

    public Task<RawAnswer> HeadAsync(string recording, string key, params (string, string)[] headers) => SendAsync(recording, RawRequest.Head(Bucket, key, headers));

    public Task<RawAnswer> DeleteAsync(string recording, string key, params (string, string)[] headers) => SendAsync(recording, RawRequest.Delete(Bucket, key, headers));

    /// <summary>Sends a request over https and compares the answer with the recording, if it has one.</summary>
    public async Task<RawAnswer> SendAsync(string? recording, RawRequest request)
    {
        var answer = await service.Https.SendAsync(request);
        if (recording is null)
        {
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.NoContent, answer.Text);
            return answer;
        }
        var recorded = recordings[recording]!.AsObject();
        Assert.Equal((recording, (int)recorded["ResponseMetadata"]!["HTTPStatusCode"]!), (recording, (int)answer.Status));
        if (recorded["Error"] is JsonObject error) CompareError(recording, error, answer, request.Method == "HEAD");
        else CompareSuccess(recording, recorded, answer);
        _replayed.Add(recording);
        return answer;
    }

    /// <summary>KMS's CreateKey; the recording is of the key's description alone.</summary>
    public async Task<string> CreateKeyAsync(string recording, string region)
    {
        var answer = await service.Http.SendAsync(new RawRequest("POST", "/")
        {
            Headers = [("X-Amz-Target", "TrentService.CreateKey"), ("Content-Type", "application/x-amz-json-1.1")],
            Body = """{"Description":"a key of the recorded test"}"""u8.ToArray(),
            Signer = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, region, "kms", DateTimeOffset.UtcNow),
        });
        var created = JsonNode.Parse(answer.MustBe(HttpStatusCode.OK).Body)!["KeyMetadata"]!.AsObject();
        var recorded = recordings[recording]!.AsObject();
        Assert.Equal(recorded.Select(member => member.Key).Order(), created.Select(member => member.Key).Order());
        foreach (var (name, value) in recorded)
        {
            if (value is JsonValue && value.ToString() is var text && text != "datetime")
                Assert.True(Placeholders.Match(text, created[name]!.ToString()), $"{recording}, {name}: {created[name]} instead of {text}");
        }
        _replayed.Add(recording);
        return (string)created["Arn"]!;
    }

    private void CompareError(string recording, JsonObject recorded, RawAnswer answer, bool head)
    {
        if (head)
        {
            // What boto3 makes of a status without a body.
            Assert.Empty(answer.Body);
            return;
        }
        // Which request it was, every error of S3 says; the recordings leave it out.
        var fields = answer.Error!.Elements().Where(field => field.Name.LocalName is not ("Resource" or "RequestId" or "HostId"))
            .ToDictionary(field => field.Name.LocalName, field => field.Value);
        Assert.Equal((recording, string.Join(' ', recorded.Select(field => field.Key).Order())), (recording, string.Join(' ', fields.Keys.Order())));
        foreach (var (name, value) in recorded)
            Assert.True(Placeholders.Match((string)value!, fields[name]), $"{recording}, {name}: '{fields[name]}' instead of '{value}'");
    }

    private static string Plain(JsonNode json) => json.ToJsonString(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private void CompareSuccess(string recording, JsonObject recorded, RawAnswer answer)
    {
        foreach (var (member, header) in Headers)
        {
            var expected = member == "SSECustomerKeyMD5" && recorded[member] is not null ? Key.Md5 : recorded[member]?.ToString();
            if (expected is null) Assert.True(answer[header] is null, $"{recording}: {header} is not in the recording, and is '{answer[header]}'");
            else Assert.True(Placeholders.Match(expected, answer[header]), $"{recording}, {header}: '{answer[header]}' instead of '{expected}'");
        }
        if (recorded["ContentType"] is { } type) Assert.Equal((string)type!, answer["content-type"]);
        if (recorded["ContentLength"] is { } length) Assert.Equal(((int)length).ToString(CultureInfo.InvariantCulture), answer["content-length"]);
        if (recorded["Body"] is { } body) Assert.Equal((string)body!, answer.Text);
        if (recorded["Policy"] is { } policy) Assert.True(Placeholders.Match(Plain(policy), Plain(JsonNode.Parse(answer.Body)!)), $"{recording}: {answer.Text}");
        if (recorded["LastModified"] is not null) Assert.NotNull(answer["last-modified"]);
        // The other modes' ETags are random.
        if (recorded["ETag"] is { } etag) Assert.Matches((string?)recorded["ServerSideEncryption"] == "AES256" ? $"^{etag}$" : "^\"[0-9a-f]{32}\"$", answer["etag"]);
        if (recorded["Metadata"] is JsonObject metadata)
            Assert.Equal(metadata.ToDictionary(pair => "x-amz-meta-" + pair.Key, pair => (string)pair.Value!),
                answer.Headers.Where(header => header.Key.StartsWith("x-amz-meta-", StringComparison.Ordinal)).ToDictionary());
    }
}
