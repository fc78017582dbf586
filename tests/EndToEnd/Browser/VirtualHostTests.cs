using System.Net;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Browser;

/// <summary>Buckets that are named in the Host header, before a domain of the setting.</summary>
[Collection(BrowserCollection.Name)]
public sealed class VirtualHostTests(BrowserFixture service)
{
    private const string Domain = BrowserFixture.Domain;

    private readonly RawClient _client = service.Http;

    [Theory]
    [InlineData($".{Domain}")]
    [InlineData($".{Domain}:8080")]
    [InlineData($".{Domain}.")]
    [InlineData(".S3.Example.TEST")]
    [InlineData($".{BrowserFixture.OtherDomain}")]
    public async Task An_object_of_a_bucket_in_the_host_is_that_of_the_bucket_in_the_path(string suffix)
    {
        var bucket = await service.NewBucketAsync();
        var put = new RawRequest("PUT", "/a/b%20c//") { Host = bucket + suffix, Body = "body"u8.ToArray() };
        (await _client.SendAsync(put)).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await _client.SendAsync(new("GET", $"/{bucket}/a/b%20c//"))).MustBe(HttpStatusCode.OK).Text);
        Assert.Equal("body", (await _client.SendAsync(put with { Method = "GET", Body = [], PresignedSeconds = 60 })).MustBe(HttpStatusCode.OK).Text);
        var listed = (await _client.SendAsync(new("GET", "/") { Host = bucket + suffix, Query = [("list-type", "2")] })).MustBe(HttpStatusCode.OK);
        Assert.Contains("<Key>a/b c//</Key>", listed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_bare_domain_buckets_are_in_the_path()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var host in new[] { Domain, $"{Domain}:80", BrowserFixture.OtherDomain, "other.example" })
        {
            (await _client.SendAsync(new("PUT", $"/{bucket}/key") { Host = host })).MustBe(HttpStatusCode.OK);
            Assert.Contains($"<Name>{bucket}</Name>", (await _client.SendAsync(new("GET", "/") { Host = host })).MustBe(HttpStatusCode.OK).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_bucket_whose_name_has_dots_is_created_used_and_deleted_by_its_host()
    {
        var (bucket, host) = ("dotted.name.here", $"dotted.name.here.{Domain}");
        var created = (await _client.SendAsync(new("PUT", "/") { Host = host })).MustBe(HttpStatusCode.OK);
        Assert.Equal($"http://{host}/", created["location"]);
        (await _client.SendAsync(new("HEAD", $"/{bucket}"))).MustBe(HttpStatusCode.OK);
        (await _client.SendAsync(new("DELETE", "/") { Host = host })).MustBe(HttpStatusCode.NoContent);
        var missing = (await _client.SendAsync(new("GET", "/key") { Host = host })).MustBeError(404, "NoSuchBucket");
        Assert.Equal((bucket, $"/{bucket}/key"), (missing.ErrorField("BucketName"), missing.ErrorField("Resource")));
    }

    [Fact]
    public async Task A_name_before_the_domain_that_is_no_buckets_is_refused() =>
        (await _client.SendAsync(new("PUT", "/") { Host = $"no_bucket.{Domain}" })).MustBeError(400, "InvalidBucketName");

    [Fact]
    public async Task The_host_that_was_signed_is_the_host_that_counts()
    {
        var (bucket, other) = (await service.NewBucketAsync(), await service.NewBucketAsync());
        foreach (var each in new[] { bucket, other }) (await _client.SendAsync(RawRequest.Put(each, "key", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        using var http = RawClient.NewHttpClient(null);
        foreach (int? seconds in new int?[] { null, 60 })
        {
            using var message = _client.Write(new("GET", "/key") { Host = $"{bucket}.{Domain}", PresignedSeconds = seconds });
            // Signed for one bucket and sent to another; and what proxies believe counts for nothing.
            message.Headers.Host = $"{other}.{Domain}";
            message.Headers.Add("X-Forwarded-Host", $"{bucket}.{Domain}");
            using var answer = await http.SendAsync(message);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("SignatureDoesNotMatch", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_for_other_APIs_and_for_probes_on_the_bare_host_is_an_objects_on_a_buckets()
    {
        var host = $"{await service.NewBucketAsync()}.{Domain}";
        (await _client.SendAsync(new("PUT", "/_health/live") { Host = host, Body = "body"u8.ToArray() })).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await _client.SendAsync(new("GET", "/_health/live") { Host = host })).MustBe(HttpStatusCode.OK).Text);
        (await _client.SendAsync(new("POST", "/") { Host = host, Headers = [("X-Amz-Target", "TrentService.ListKeys")] })).MustBeError(412, "PreconditionFailed");
        (await _client.SendAsync(new("GET", "/") { Host = host, Query = [("Action", "GetCallerIdentity")] })).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Other_APIs_are_on_the_bare_domain()
    {
        var kms = new RawRequest("POST", "/") { Host = Domain, Headers = [("X-Amz-Target", "TrentService.ListKeys"), ("Content-Type", "application/x-amz-json-1.1")], Body = "{}"u8.ToArray() };
        Assert.Contains("\"Keys\"", (await _client.SendAsync(kms with { Signer = kms.Signer with { Service = "kms" } })).MustBe(HttpStatusCode.OK).Text, StringComparison.Ordinal);
        var sts = new RawRequest("POST", "/") { Host = Domain, Headers = [("Content-Type", "application/x-www-form-urlencoded")], Body = "Action=GetCallerIdentity&Version=2011-06-15"u8.ToArray() };
        Assert.Contains(TestAccount.Id, (await _client.SendAsync(sts with { Signer = sts.Signer with { Service = "sts" } })).MustBe(HttpStatusCode.OK).Text, StringComparison.Ordinal);
        Assert.Empty((await _client.SendAsync(new("GET", "/_health/live") { Host = Domain, Anonymous = true })).MustBe(HttpStatusCode.OK).Body);
    }

    [Fact]
    public async Task The_SDK_names_the_bucket_in_the_host()
    {
        var bucket = await service.NewBucketAsync();
        using var s3 = ServiceClients.NewS3(new($"http://{Domain}:{service.Http.Endpoint.Port}"), config =>
        {
            config.ForcePathStyle = false;
            config.HttpClientFactory = new ToLoopback();
        });
        await s3.PutObjectAsync(new() { BucketName = bucket, Key = "a/b c", ContentBody = "body" });
        using var got = await s3.GetObjectAsync(bucket, "a/b c");
        Assert.Equal("body", await new StreamReader(got.ResponseStream).ReadToEndAsync());
        Assert.Equal(["a/b c"], (await s3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects.Select(found => found.Key));

        var upload = await s3.InitiateMultipartUploadAsync(bucket, "parts");
        var part = await s3.UploadPartAsync(new() { BucketName = bucket, Key = "parts", UploadId = upload.UploadId, PartNumber = 1, InputStream = new MemoryStream([1]) });
        var completed = await s3.CompleteMultipartUploadAsync(new() { BucketName = bucket, Key = "parts", UploadId = upload.UploadId, PartETags = [new PartETag(1, part.ETag)] });
        Assert.Equal($"http://{bucket}.{Domain}:{service.Http.Endpoint.Port}/parts", completed.Location);
        Assert.Contains((await s3.ListBucketsAsync()).Buckets, found => found.BucketName == bucket);
    }

    [Fact]
    public async Task CORS_is_that_of_the_bucket_in_the_host()
    {
        var host = $"{await service.NewBucketAsync()}.{Domain}";
        var document = "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://a.test</AllowedOrigin></CORSRule></CORSConfiguration>"u8.ToArray();
        (await _client.SendAsync(new("PUT", "/") { Host = host, Query = [("cors", "")], Body = document })).MustBe(HttpStatusCode.OK);
        (string, string)[] headers = [("Origin", "https://a.test"), ("Access-Control-Request-Method", "GET")];
        var preflight = (await _client.SendAsync(new("OPTIONS", "/key") { Host = host, Anonymous = true, UnsignedHeaders = headers })).MustBe(HttpStatusCode.OK);
        var get = (await _client.SendAsync(new("GET", "/key") { Host = host, UnsignedHeaders = headers })).MustBeError(404, "NoSuchKey");
        Assert.Equal(("https://a.test", "https://a.test"), (preflight["access-control-allow-origin"], get["access-control-allow-origin"]));
    }

    [Theory]
    [InlineData("https://s3.example.test")]
    [InlineData("s3.example.test:443")]
    public async Task A_domain_that_is_no_host_name_stops_the_start(string domain)
    {
        var folder = Directory.CreateTempSubdirectory("no-domain-");
        try
        {
            var (exitCode, output) = await ServiceProcess.RefuseAsync(service.Storage, folder.FullName, ("S3__Domain", $"{Domain}, {domain}"));
            Assert.Equal(1, exitCode);
            Assert.Contains("S3__Domain must be host names", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Resolves every name to this machine.</summary>
    private sealed class ToLoopback : Amazon.Runtime.HttpClientFactory
    {
        public override HttpClient CreateHttpClient(Amazon.Runtime.IClientConfig clientConfig) => new(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        });
    }
}
