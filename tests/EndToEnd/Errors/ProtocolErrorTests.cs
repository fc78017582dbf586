using System.Net;
using System.Security.Cryptography;
using System.Text;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Errors;

/// <summary>Requests that are not as S3's are, whatever they are for.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ProtocolErrorTests(BrowserFixture service)
{
    private readonly RawClient _client = service.Http;

    [Theory]
    [InlineData("POST", "/", "", "SERVICE", "GET")]
    [InlineData("PUT", "/", "", "SERVICE", "GET")]
    [InlineData("DELETE", "/", "", "SERVICE", "GET")]
    [InlineData("HEAD", "/", "", null, "GET")]
    [InlineData("POST", "/bucket/key", "", "OBJECT", "HEAD, DELETE, GET, PUT")]
    [InlineData("POST", "/bucket", "cors", "BUCKET", "DELETE, GET, PUT")]
    [InlineData("PUT", "/bucket", "location", "BUCKET", "GET")]
    [InlineData("DELETE", "/bucket", "uploads", "BUCKET", "GET")]
    [InlineData("HEAD", "/bucket", "policy", null, "DELETE, GET, PUT")]
    [InlineData("HEAD", "/bucket/key", "uploadId=1", null, "DELETE, POST, GET, PUT")]
    public async Task Another_method_is_told_which_there_are(string method, string path, string parameter, string? resourceType, string allow)
    {
        var bucket = await service.NewBucketAsync();
        var answer = await _client.SendAsync(new(method, path.Replace("bucket", bucket, StringComparison.Ordinal)) { Query = parameter.Length == 0 ? [] : [(parameter.Split('=')[0], parameter.Split('=').ElementAtOrDefault(1) ?? "")] });
        Assert.Equal((HttpStatusCode.MethodNotAllowed, allow), (answer.Status, answer["allow"]));
        if (resourceType is null) Assert.Empty(answer.Body);
        else Assert.Equal(("MethodNotAllowed", method, resourceType), (answer.ErrorCode, answer.ErrorField("Method"), answer.ErrorField("ResourceType")));
    }

    [Theory]
    [InlineData("GET", "/bucket?unknown=1&max-keys=1", 200, null)]
    [InlineData("GET", "/bucket/object?unknown", 200, null)]
    [InlineData("PUT", "/bucket/other?a=b&c", 200, null)]
    [InlineData("GET", "/no-such-bucket-here?max-keys=x", 404, "NoSuchBucket")]
    [InlineData("GET", "/bucket?max-keys=x", 400, "InvalidArgument")]
    [InlineData("GET", "/bucket?max-keys=-1", 400, "InvalidArgument")]
    [InlineData("GET", "/bucket/%FF", 400, "InvalidURI")]
    [InlineData("GET", "/bucket/%C3", 400, "InvalidURI")]
    [InlineData("GET", "/bucket/%ED%A0%80", 400, "InvalidURI")]
    [InlineData("GET", "/bucket/%C0%AF", 400, "InvalidURI")]
    [InlineData("GET", "/bucket/%", 400, "InvalidURI")]
    [InlineData("GET", "/bucket/%4", 400, "InvalidURI")]
    [InlineData("GET", "/bucket/%G0", 400, "InvalidURI")]
    [InlineData("GET", "/bucket?prefix=%FF", 400, "InvalidURI")]
    [InlineData("GET", "/bucket?prefix=%", 400, "InvalidURI")]
    [InlineData("PUT", "/-bad-name", 400, "InvalidBucketName")]
    [InlineData("GET", "/Bad_Name/object", 404, "NoSuchBucket")]
    public async Task A_request_is_judged_in_S3s_order(string method, string target, int status, string? code)
    {
        var bucket = await service.NewBucketAsync();
        (await _client.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        var path = target.Split('?')[0].Replace("bucket", bucket, StringComparison.Ordinal).Replace("no-such-" + bucket, "no-such-bucket", StringComparison.Ordinal);
        // What no client could sign, none needs to.
        var isMalformed = code == "InvalidURI";
        var request = new RawRequest(method, path)
        {
            Anonymous = isMalformed,
            Query = isMalformed ? [] : [.. target.Split('?').ElementAtOrDefault(1)?.Split('&').Select(pair => pair.Split('=')).Select(pair => (pair[0], pair.ElementAtOrDefault(1) ?? "")) ?? []],
            Tamper = isMalformed && target.Contains('?', StringComparison.Ordinal) ? sent => sent + target[target.IndexOf('?', StringComparison.Ordinal)..] : null,
        };
        var answer = await _client.SendAsync(request);
        if (code is null) answer.MustBe((HttpStatusCode)status);
        else answer.MustBeError(status, code);
    }

    public static TheoryData<string> Documents => ["CreateBucket", "PutBucketEncryption", "PutPublicAccessBlock", "PutBucketCors", "DeleteObjects", "CompleteMultipartUpload", "UpdateObjectEncryption"];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task A_document_that_is_none_is_malformed(string operation)
    {
        var bucket = await service.NewBucketAsync();
        (await _client.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        var upload = await RawUpload.BeginAsync(_client, bucket, "upload");
        var request = operation switch
        {
            "CreateBucket" => new RawRequest("PUT", $"/{bucket}-other"),
            "PutBucketEncryption" => new("PUT", $"/{bucket}") { Query = [("encryption", "")] },
            "PutPublicAccessBlock" => new("PUT", $"/{bucket}") { Query = [("publicAccessBlock", "")] },
            "PutBucketCors" => new("PUT", $"/{bucket}") { Query = [("cors", "")] },
            "DeleteObjects" => new("POST", $"/{bucket}") { Query = [("delete", "")] },
            "CompleteMultipartUpload" => upload.Completion(""),
            _ => new("PUT", $"/{bucket}/object") { Query = [("encryption", "")] },
        };
        string[] documents =
        [
            "no XML", "<", "<a", "<a>", "<a></b>", "<a/><b/>", "<Other/>", "<a:b/>", "<a>&unknown;</a>", "\0", "<a>\u0001</a>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "<?xml version=\"1.0\" encoding=\"no-such\"?><a/>", "<?xml version=\"2.0\"?><a/>",
            "<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>", string.Concat(Enumerable.Repeat("<a>", 3000)), "<a xmlns=\"\" b=\"1\" b=\"2\"/>",
        ];
        foreach (var body in documents.Select(Encoding.UTF8.GetBytes).Append([0xFF, 0xFE, 0x3C, 0x00]).Append([0x3C, 0x61, 0x3E, 0xFF, 0x3C, 0x2F, 0x61, 0x3E]))
        {
            var answer = await _client.SendAsync(request with { Body = body, Headers = [("Content-MD5", Convert.ToBase64String(MD5.HashData(body)))] });
            Assert.True(answer.Status == HttpStatusCode.BadRequest && answer.ErrorCode == "MalformedXML", $"{Encoding.UTF8.GetString(body)[..Math.Min(body.Length, 80)]}: {answer.Text}");
        }
        (await _client.SendAsync(new("HEAD", $"/{bucket}-other"))).MustBe(HttpStatusCode.NotFound);
        Assert.Equal("body", (await _client.SendAsync(RawRequest.Get(bucket, "object"))).Text);
    }

    [Fact]
    public async Task Every_answer_has_its_ids_and_every_error_its_document()
    {
        var bucket = await service.NewBucketAsync();
        var etag = (await _client.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK)["etag"]!;
        (RawRequest Request, int Status)[] requests =
        [
            (new("GET", "/"), 200), (new("GET", $"/{bucket}"), 200), (new("HEAD", $"/{bucket}"), 200), (RawRequest.Get(bucket, "object"), 200), (RawRequest.Get(bucket, "object", ("Range", "bytes=1-2")), 206),
            (RawRequest.Get(bucket, "object", ("If-None-Match", etag)), 304), (RawRequest.Head(bucket, "object", ("If-None-Match", etag)), 304), (RawRequest.Delete(bucket, "missing"), 204),
            (RawRequest.Get(bucket, "missing"), 404), (RawRequest.Head(bucket, "missing"), 404), (RawRequest.Get(bucket, "object", ("If-Match", "\"no\"")), 412), (RawRequest.Get(bucket, "object", ("Range", "bytes=9-")), 416),
            (new("POST", $"/{bucket}/object"), 405), (new("GET", $"/{bucket}/object") { Query = [("torrent", "")] }, 501), (new("GET", "/%FF") { Anonymous = true }, 400),
            (RawRequest.Get(bucket, "object") with { Anonymous = true }, 403), (RawRequest.Get(bucket, "object") with { Tamper = path => path + "?a" }, 403), (new("OPTIONS", $"/{bucket}") { Anonymous = true }, 400),
            (new BrowserForm(bucket) { Anonymous = true }.ToRequest(), 403),
        ];
        var ids = new HashSet<string>();
        foreach (var (request, status) in requests)
        {
            var answer = (await _client.SendAsync(request)).MustBe((HttpStatusCode)status);
            Assert.True(ids.Add(answer["x-amz-request-id"] ?? throw new InvalidOperationException($"{request.Method} {request.Path} has no id.")), "Ids are of one answer each.");
            Assert.Equal(16, answer["x-amz-request-id"]!.Length);
            Assert.NotNull(answer["x-amz-id-2"]);
            if (status < 400 || request.Method == "HEAD") continue;
            Assert.Equal("application/xml", answer["content-type"]);
            Assert.Equal((answer["x-amz-request-id"], answer["x-amz-id-2"], request.Path), (answer.ErrorField("RequestId"), answer.ErrorField("HostId"), answer.ErrorField("Resource")));
            Assert.All(new[] { "Code", "Message" }, name => Assert.False(string.IsNullOrEmpty(answer.ErrorField(name))));
        }
    }

    [Theory]
    [InlineData(7_000, true)]
    [InlineData(9_000, false)]
    [InlineData(60_000, false)]
    public async Task Headers_of_more_than_8_KiB_are_refused(int size, bool taken)
    {
        var request = new RawRequest("GET", "/") { UnsignedHeaders = [("x-filler", new string('f', size))] };
        var answer = await _client.SendAsync(request);
        if (taken)
        {
            answer.MustBe(HttpStatusCode.OK);
            return;
        }
        Assert.Equal("8192", answer.MustBeError(400, "RequestHeaderSectionTooLarge", "Your request header section exceeds the maximum allowed size.").ErrorField("MaxSizeAllowed"));
        // The line counts as well.
        (await _client.SendAsync(new("GET", "/") { Query = [("prefix", new string('p', Math.Min(size, 9000)))] })).MustBeError(400, "RequestHeaderSectionTooLarge");
    }

    [Fact]
    public async Task Metadata_of_2_KiB_may_be_of_many_names()
    {
        var bucket = await service.NewBucketAsync();
        var metadata = Enumerable.Range(0, 200).Select(i => ($"x-amz-meta-{i:D3}", "value")).ToArray();
        (await _client.SendAsync(RawRequest.Put(bucket, "object", [], metadata))).MustBe(HttpStatusCode.OK);
        var head = (await _client.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.OK);
        Assert.Equal(200, head.Headers.Count(header => header.Key.StartsWith("x-amz-meta-", StringComparison.Ordinal)));
    }

    /// <summary>What is not HTTP as the server knows it is the server's to refuse, and has no document.</summary>
    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400")]
    [InlineData("GET http://other.s3.example.test/ HTTP/1.1\r\nHost: bucket.s3.example.test\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nno header\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400")]
    [InlineData("PUT /a/b HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("PUT /a/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "400")]
    [InlineData("no request\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", "403")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "403")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "403")]
    public async Task What_is_no_request_is_refused_and_the_connection_ends(string text, string status)
    {
        using var connection = await RawConnection.OpenAsync(_client.Endpoint);
        await connection.SendAsync(text);
        Assert.StartsWith($"HTTP/1.1 {status} ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        var body = await connection.ReadToEndAsync();
        Assert.Equal(status == "403", body.Contains("<Code>AccessDenied</Code>", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(17_000, 0, "414")]
    [InlineData(0, 70_000, "431")]
    public async Task What_is_far_too_long_is_refused_by_the_server(int line, int header, string status)
    {
        using var connection = await RawConnection.OpenAsync(_client.Endpoint);
        await connection.SendAsync($"GET /{new string('k', line)} HTTP/1.1\r\nHost: a\r\nx-filler: {new string('f', header)}\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
    }
}
