using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
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
        ("VersionId", "x-amz-version-id"), ("DeleteMarker", "x-amz-delete-marker"), ("CopySourceVersionId", "x-amz-copy-source-version-id"),
    ];

    /// <summary>The documents whose elements are members of the recorded answer itself.</summary>
    private static readonly string[] FlatDocuments = ["InitiateMultipartUploadResult", "ListPartsResult", "CompleteMultipartUploadResult", "GetObjectAttributesResponse"];

    private readonly HashSet<string> _replayed = [];

    public ServiceFixture Service => service;

    public string Bucket { get; set; } = bucket;

    /// <summary>The key that an SSE-C answer must name.</summary>
    public CustomerKey AnsweredKey { get; set; } = Key;

    public Placeholders Placeholders { get; } = new();

    /// <summary>Whether ETags are MD5s where the answer does not tell the encryption.</summary>
    public bool ETagsAreMd5 { get; set; } = true;

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

    /// <summary>CopyObject within the bucket.</summary>
    public Task<RawAnswer> CopyAsync(string? recording, string source, string key, params (string, string)[] headers) =>
        SendAsync(recording, RawRequest.Copy(Bucket, source, Bucket, key, headers));

    /// <summary>GetObjectAttributes.</summary>
    public Task<RawAnswer> AttributesAsync(string recording, string key, string attributes, params (string, string)[] headers) =>
        SendAsync(recording, RawRequest.Get(Bucket, key, [("x-amz-object-attributes", attributes), .. headers]) with { Query = [("attributes", "")] });

    /// <summary>GetObjectAcl; the grants are compared.</summary>
    public async Task AclAsync(string recording, string key)
    {
        var answer = await SendAsync(recording, RawRequest.Get(Bucket, key) with { Query = [("acl", "")] });
        var recorded = recordings[recording]!.AsObject();
        var elements = XElement.Parse(answer.Text).Elements().ToDictionary(element => element.Name.LocalName);
        CompareDocument(recording, recorded["Owner"]!.AsObject(), elements["Owner"], etagIsMd5: false);
        foreach (var (grant, element) in recorded["Grants"]!.AsArray().Zip(elements["AccessControlList"].Elements(), (grant, element) => (grant!.AsObject(), element)))
        {
            var parts = element.Elements().ToDictionary(part => part.Name.LocalName);
            Assert.Equal((string)grant["Permission"]!, parts["Permission"].Value);
            var grantee = grant["Grantee"]!.DeepClone().AsObject();
            Assert.Equal((string)grantee["Type"]!, parts["Grantee"].Attribute(XName.Get("type", "http://www.w3.org/2001/XMLSchema-instance"))?.Value);
            grantee.Remove("Type");
            CompareDocument(recording, grantee, parts["Grantee"], etagIsMd5: false);
        }
        Assert.Equal(recorded["Grants"]!.AsArray().Count, elements["AccessControlList"].Elements().Count());
    }

    /// <summary>DeleteObjects; what became of each object is compared, in no order.</summary>
    public async Task DeleteObjectsAsync(string recording, string content)
    {
        var answer = await SendAsync(recording, DeletionRequest.Of(Bucket, content));
        var recorded = recordings[recording]!.AsObject();
        Assert.Equal(Outcomes(recorded["Deleted"]).Concat(Outcomes(recorded["Errors"])).Order(), DeletionRequest.Outcomes(answer).Order());

        static IEnumerable<string> Outcomes(JsonNode? list) => (list?.AsArray() ?? []).Select(outcome => string.Join(' ',
            new[] { "Key", "VersionId", "Code", "Message" }.Select(member => (string?)outcome![member]).Where(value => value is not null)));
    }

    /// <summary>ListObjectVersions; each version and delete marker is compared, in their order.</summary>
    public async Task ListVersionsAsync(string recording)
    {
        var answer = await SendAsync(recording, new("GET", $"/{Bucket}") { Query = [("versions", ""), ("encoding-type", "url")] });
        var document = XElement.Parse(answer.Text);
        var recorded = recordings[recording]!.AsObject();
        foreach (var (member, element) in new[] { ("Versions", "Version"), ("DeleteMarkers", "DeleteMarker") })
        {
            var answered = document.Elements().Where(entry => entry.Name.LocalName == element).ToList();
            Assert.Equal(recorded[member]!.AsArray().Count, answered.Count);
            foreach (var (expected, entry) in recorded[member]!.AsArray().Zip(answered))
            {
                Assert.Equal(expected!.AsObject().Select(field => field.Key).Order(), entry.Elements().Select(field => field.Name.LocalName).Order());
                foreach (var (name, value) in expected.AsObject())
                {
                    var text = (value is JsonArray list ? list[0] : value is JsonObject owner ? owner["ID"] : value)!.ToString();
                    if (text != "datetime") Assert.True(Placeholders.Match(value is JsonValue flag && flag.TryGetValue<bool>(out var isTrue) ? (isTrue ? "true" : "false") : text, Value(entry, name)),
                        $"{recording}, {name}: {Value(entry, name)} instead of {text}");
                }
            }
        }
        foreach (var name in new[] { "IsTruncated", "KeyMarker", "MaxKeys", "Prefix", "VersionIdMarker", "EncodingType", "Name" })
            Assert.True(Placeholders.Match(recorded[name]!.ToString(), Value(document, name)), $"{recording}, {name}: {Value(document, name)}");

        static string Value(XElement parent, string name) => parent.Elements().Single(element => element.Name.LocalName == name) is { HasElements: true } owner ? owner.Elements().First().Value
            : parent.Elements().Single(element => element.Name.LocalName == name).Value;
    }

    public Task<RawAnswer> PutEncryptionAsync(string recording, string algorithm, string? keyId = null, bool? bucketKey = null) =>
        PutEncryptionAsync(recording, [BucketEncryptionScripts.Rule(algorithm, keyId, bucketKey)]);

    public Task<RawAnswer> PutEncryptionAsync(string recording, string[] rules) => SendAsync(recording, OnEncryption("PUT") with
    {
        Body = Encoding.UTF8.GetBytes($"<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{string.Concat(rules)}</ServerSideEncryptionConfiguration>"),
    });

    public Task<RawAnswer> GetEncryptionAsync(string recording) => SendAsync(recording, OnEncryption("GET"));

    public Task<RawAnswer> DeleteEncryptionAsync(string recording) => SendAsync(recording, OnEncryption("DELETE"));

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
        var created = await CallKmsAsync("CreateKey", new() { ["Description"] = "a key of the recorded test" }, region);
        CompareKey(recording, recordings[recording]!.AsObject(), created);
        return (string)created["Arn"]!;
    }

    /// <summary>KMS's DescribeKey.</summary>
    public async Task DescribeKeyAsync(string recording, string keyId) =>
        CompareKey(recording, recordings[recording]!["KeyMetadata"]!.AsObject(), await CallKmsAsync("DescribeKey", new() { ["KeyId"] = keyId }, TestAccount.Region));

    private async Task<JsonObject> CallKmsAsync(string operation, JsonObject members, string region)
    {
        var answer = await service.Http.SendAsync(new RawRequest("POST", "/")
        {
            Headers = [("X-Amz-Target", $"TrentService.{operation}"), ("Content-Type", "application/x-amz-json-1.1")],
            Body = Encoding.UTF8.GetBytes(members.ToJsonString()),
            Signer = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, region, "kms", DateTimeOffset.UtcNow),
        });
        return JsonNode.Parse(answer.MustBe(HttpStatusCode.OK).Body)!["KeyMetadata"]!.AsObject();
    }

    private void CompareKey(string recording, JsonObject recorded, JsonObject key)
    {
        Assert.Equal(recorded.Select(member => member.Key).Order(), key.Select(member => member.Key).Order());
        foreach (var (name, value) in recorded)
        {
            if (value is JsonValue && value.ToString() is var text && text != "datetime")
                Assert.True(Placeholders.Match(text, key[name]!.ToString()), $"{recording}, {name}: {key[name]} instead of {text}");
        }
        _replayed.Add(recording);
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
        // The other modes' ETags are random.
        var isMd5 = (string?)recorded["ServerSideEncryption"] is { } method ? method == "AES256" : ETagsAreMd5 && recorded["SSECustomerAlgorithm"] is null;
        if (answer.Text.StartsWith('<') && XElement.Parse(answer.Text) is var flat && FlatDocuments.Contains(flat.Name.LocalName))
        {
            var inDocument = recorded.Where(member => member.Key is not ("ResponseMetadata" or "LastModified") && Headers.All(header => header.Member != member.Key || !IsAnswered(header)));
            CompareDocument(recording, new(inDocument.Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))), flat, isMd5);
            recorded = new(recorded.Where(member => Headers.Any(header => header.Member == member.Key && IsAnswered(header))).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        }

        bool IsAnswered((string Member, string Header) header) => answer[header.Header] is not null;

        foreach (var (member, header) in Headers)
        {
            var expected = member == "SSECustomerKeyMD5" && recorded[member] is not null ? AnsweredKey.Md5 : recorded[member]?.ToString();
            if (expected is null) Assert.True(answer[header] is null, $"{recording}: {header} is not in the recording, and is '{answer[header]}'");
            else Assert.True(Placeholders.Match(expected, answer[header]), $"{recording}, {header}: '{answer[header]}' instead of '{expected}'");
        }
        if (recorded["ContentType"] is { } type) Assert.Equal((string)type!, answer["content-type"]);
        if (recorded["ContentLength"] is { } length) Assert.Equal(((int)length).ToString(CultureInfo.InvariantCulture), answer["content-length"]);
        if (recorded["Body"] is JsonObject json) Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(answer.Body)), $"{recording}: {answer.Text}");
        // A large body was left out of its recording.
        else if (recorded["Body"] is { } body && ((string)body! != "" || (int?)recorded["ContentLength"] is null or 0)) Assert.Equal((string)body!, answer.Text);
        if (recorded["Policy"] is { } policy) Assert.True(Placeholders.Match(Plain(policy), Plain(JsonNode.Parse(answer.Body)!)), $"{recording}: {answer.Text}");
        if (recorded["LastModified"] is not null) Assert.NotNull(answer["last-modified"]);
        if (recorded["ETag"] is { } etag) CompareETag(recording, (string)etag!, answer["etag"], isMd5);
        foreach (var root in (string[])["CopyObjectResult", "CopyPartResult", "ServerSideEncryptionConfiguration"])
        {
            if (recorded[root] is not JsonObject document) continue;
            var answered = XElement.Parse(answer.Text);
            Assert.Equal(root, answered.Name.LocalName);
            CompareDocument(recording, document, answered, isMd5);
        }
        if (recorded["Metadata"] is JsonObject metadata)
            Assert.Equal(metadata.ToDictionary(pair => "x-amz-meta-" + pair.Key, pair => (string)pair.Value!),
                answer.Headers.Where(header => header.Key.StartsWith("x-amz-meta-", StringComparison.Ordinal)).ToDictionary());
    }

    private void CompareETag(string recording, string recorded, string? answered, bool isMd5)
    {
        // GetObjectAttributes alone has none.
        var quote = Regex.IsMatch(recorded, "^[0-9a-f]{32}$") ? "" : "\"";
        if (isMd5) Assert.True(Placeholders.Match(recorded, answered), $"{recording}, ETag: '{answered}' instead of '{recorded}'");
        // Of a random one, the number of parts is told.
        else Assert.Matches($"^{quote}[0-9a-f]{{32}}{Regex.Match(recorded, "-[0-9]+(?=\"$)").Value}{quote}$", answered);
    }

    private void CompareDocument(string recording, JsonObject recorded, XElement answered, bool etagIsMd5)
    {
        // What came since the recording; and what boto3 calls a list of rules or parts, which are elements of their own.
        var elements = answered.Elements().Where(element => element.Name.LocalName != "BlockedEncryptionTypes").ToLookup(element => element.Name.LocalName);
        Assert.Equal(recorded.Select(member => member.Value is JsonArray ? member.Key[..^1] : member.Key).Order(), elements.Select(element => element.Key).Order());
        foreach (var (name, value) in recorded)
        {
            if (value is JsonArray list)
            {
                Assert.Equal(list.Count, elements[name[..^1]].Count());
                foreach (var (item, element) in list.Zip(elements[name[..^1]])) CompareDocument(recording, item!.AsObject(), element, etagIsMd5);
                continue;
            }
            var answeredValue = Assert.Single(elements[name]);
            if (value is JsonObject inner) CompareDocument(recording, inner, answeredValue, etagIsMd5);
            // Whose they are, and where, the recordings leave out.
            else if (name is "ID" or "DisplayName" or "Bucket") Assert.NotEmpty(answeredValue.Value);
            else if (name == "LastModified") Assert.Matches(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$", answeredValue.Value);
            else if (name == "ETag") CompareETag(recording, (string)value!, answeredValue.Value, etagIsMd5);
            else Assert.True(Placeholders.Match(value!.ToString(), answeredValue.Value), $"{recording}, {name}: '{answeredValue.Value}' instead of '{value}'");
        }
    }

    private RawRequest OnEncryption(string method) => new(method, $"/{Bucket}") { Query = [("encryption", "")] };
}
