using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Authentication;

/// <summary>What a presigned URL says of encryption, in its signed headers or in its parameters, is what is done.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PresignedEncryptionTests(BrowserFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string KeyId = $"{Sse}-aws-kms-key-id";

    private readonly RawClient _client = service.Http;

    [Theory]
    [InlineData("AES256")]
    [InlineData("aws:kms")]
    [InlineData("aws:kms:dsse")]
    public async Task The_SDKs_URL_puts_with_the_method_and_key_that_were_signed(string method)
    {
        var (bucket, key) = (await service.NewBucketAsync(), method == "AES256" ? null : await service.NewKeyAsync());
        var url = await service.S3.GetPreSignedURLAsync(new()
        {
            BucketName = bucket,
            Key = "a key",
            Verb = HttpVerb.PUT,
            Expires = DateTime.UtcNow.AddMinutes(5),
            Protocol = Protocol.HTTP,
            ServerSideEncryptionMethod = new(method),
            ServerSideEncryptionKeyManagementServiceKeyId = key,
        });
        using var http = RawClient.NewHttpClient(null);
        (string, string)[] signed = [(Sse, method), .. key is null ? Array.Empty<(string, string)>() : [(KeyId, key)]];
        using var put = await http.SendAsync(Message(url, signed));
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        var head = (await _client.SendAsync(RawRequest.Head(bucket, "a key"))).MustBe(HttpStatusCode.OK);
        Assert.Equal((method, key), (head[Sse], head[KeyId]));

        // Without the headers that were signed, or with others, it is another request.
        (string, string)[][] others = [[], [(Sse, method == "AES256" ? "aws:kms" : "AES256"), .. signed[1..]], .. key is null ? Array.Empty<(string, string)[]>() : [[(Sse, method), (KeyId, "alias/aws/s3")]]];
        foreach (var other in others)
        {
            using var refused = await http.SendAsync(Message(url, other));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    [Fact]
    public async Task The_SDKs_URLs_read_write_and_look_with_a_customers_key_in_signed_headers()
    {
        var (bucket, key) = (await service.NewBucketAsync(), CustomerKey.New());
        using var http = RawClient.NewHttpClient(service.Process.AuthorityFile);
        foreach (var (verb, method) in new[] { (HttpVerb.PUT, "PUT"), (HttpVerb.HEAD, "HEAD"), (HttpVerb.GET, "GET"), (HttpVerb.DELETE, "DELETE") })
        {
            var request = new GetPreSignedUrlRequest { BucketName = bucket, Key = "object", Verb = verb, Expires = DateTime.UtcNow.AddMinutes(5), Protocol = Protocol.HTTPS };
            if (method != "DELETE") request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
            var url = await service.S3OverTls.GetPreSignedURLAsync(request);
            // The SDK signs the algorithm alone; what is not signed is refused, so that the key goes into a URL of one's own.
            var own = new RawRequest(method, $"/{bucket}/object") { PresignedSeconds = 60, Headers = method == "DELETE" ? [] : [.. key.Headers], Body = method == "PUT" ? "body"u8.ToArray() : [] };
            var answer = (await service.Https.SendAsync(own)).MustBe(method == "DELETE" ? HttpStatusCode.NoContent : HttpStatusCode.OK);
            if (method == "GET") Assert.Equal("body", answer.Text);
            if (method == "DELETE") continue;
            Assert.Equal("AES256", answer[$"{Sse}-customer-algorithm"]);
            using var message = new HttpRequestMessage(new(method), url);
            foreach (var (name, value) in key.Headers) message.Headers.TryAddWithoutValidation(name, value);
            using var unsigned = await http.SendAsync(message);
            Assert.Equal(HttpStatusCode.Forbidden, unsigned.StatusCode);
        }
    }

    [Theory]
    [InlineData("AES256")]
    [InlineData("aws:kms")]
    public async Task Parameters_stand_for_headers_and_may_not_be_contradicted(string method)
    {
        var bucket = await service.NewBucketAsync();
        var put = RawRequest.Put(bucket, "object", "body"u8.ToArray()) with { PresignedSeconds = 60, Query = [(Sse, method), ("x-amz-meta-a", "b")] };
        Assert.Equal(method, (await _client.SendAsync(put)).MustBe(HttpStatusCode.OK)[Sse]);
        var head = (await _client.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.OK);
        Assert.Equal((method, "b"), (head[Sse], head["x-amz-meta-a"]));
        (await _client.SendAsync(put with { UnsignedHeaders = [(Sse, "aws:kms:dsse")] })).MustBeError(403, "AccessDenied", "There were headers present in the request which were not signed");
        (await _client.SendAsync(put with { Tamper = target => target.Replace(Uri.EscapeDataString(method), "aws%3Akms%3Adsse", StringComparison.Ordinal) })).MustBeError(403, "SignatureDoesNotMatch");
        (await _client.SendAsync(put with { Query = [(Sse, "ROT13")] })).MustBeError(400, "InvalidArgument", "The encryption method specified is not supported");
    }

    [Fact]
    public async Task A_part_is_uploaded_by_a_URL_plain_and_with_a_customers_key()
    {
        var (bucket, customer) = (await service.NewBucketAsync(), CustomerKey.New());
        foreach (var key in new[] { null, customer })
        {
            (string, string)[] headers = key is null ? [] : [.. key.Headers];
            var begun = (await service.Https.SendAsync(RawUpload.Create(bucket, "upload", headers) with { PresignedSeconds = 60 })).MustBe(HttpStatusCode.OK);
            var upload = RawUpload.Of(service.Https, bucket, "upload", begun);
            var part = upload.Part(1, "part"u8.ToArray(), headers) with { PresignedSeconds = 60, ContentSha256 = null };
            var etag = (await service.Https.SendAsync(part)).MustBe(HttpStatusCode.OK)["etag"]!;
            // Neither another part nor another key.
            (await service.Https.SendAsync(part with { Tamper = target => target.Replace("partNumber=1", "partNumber=2", StringComparison.Ordinal) })).MustBeError(403, "SignatureDoesNotMatch");
            if (key is not null) (await service.Https.SendAsync(part with { Headers = [.. CustomerKey.New().Headers] })).MustBeError(400, "InvalidRequest");
            (await service.Https.SendAsync(upload.Completion([(1, etag)]) with { PresignedSeconds = 60, ContentSha256 = null })).MustBe(HttpStatusCode.OK);
            Assert.Equal("part", (await service.Https.SendAsync(RawRequest.Get(bucket, "upload", headers) with { PresignedSeconds = 60 })).MustBe(HttpStatusCode.OK).Text);
        }
    }

    private static HttpRequestMessage Message(string url, (string Name, string Value)[] headers)
    {
        var message = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent("body"u8.ToArray()) };
        foreach (var (name, value) in headers) message.Headers.TryAddWithoutValidation(name, value);
        return message;
    }
}
