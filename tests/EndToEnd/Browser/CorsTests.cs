using System.Net;
using System.Text;
using Amazon.S3;
using Serverless.EndToEnd.Access;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Browser;

/// <summary>Which requests of other origins' pages a bucket takes, as S3 was recorded to answer them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class CorsTests(BrowserFixture service)
{
    private const string Origin = "https://app.example.test";
    private const string Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

    private const string NotAllowed = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
        + "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";

    private const string Rules = $"<CORSRule><AllowedOrigin>{Origin}</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-AMZ-*</AllowedHeader>"
        + "<ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-request-id</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds></CORSRule>"
        + "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule>";

    private readonly RawClient _client = service.Http;

    [Fact]
    public async Task The_SDK_puts_gets_and_deletes_a_configuration()
    {
        var bucket = await service.NewBucketAsync();
        var none = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => service.S3.GetCORSConfigurationAsync(bucket));
        Assert.Equal(("NoSuchCORSConfiguration", HttpStatusCode.NotFound, "The CORS configuration does not exist"), (none.ErrorCode, none.StatusCode, none.Message));
        await service.S3.DeleteCORSConfigurationAsync(bucket);

        await service.S3.PutCORSConfigurationAsync(bucket, new()
        {
            Rules = [new() { Id = "one", AllowedOrigins = ["https://*.test", "http://a:80"], AllowedMethods = ["GET", "HEAD"], AllowedHeaders = ["x-A"], ExposeHeaders = ["ETag"], MaxAgeSeconds = 5 }],
        });
        var rule = Assert.Single((await service.S3.GetCORSConfigurationAsync(bucket)).Configuration.Rules);
        Assert.Equal(("one", 5, "https://*.test,http://a:80", "GET,HEAD", "x-A", "ETag"),
            (rule.Id, rule.MaxAgeSeconds, string.Join(',', rule.AllowedOrigins), string.Join(',', rule.AllowedMethods), string.Join(',', rule.AllowedHeaders), string.Join(',', rule.ExposeHeaders)));

        await service.S3.DeleteCORSConfigurationAsync(bucket);
        await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => service.S3.GetCORSConfigurationAsync(bucket));
    }

    [Fact]
    public async Task A_document_of_64_KiB_is_kept_and_a_larger_one_is_refused()
    {
        var bucket = await service.NewBucketAsync();
        const string Before = "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>", Behind = "</AllowedOrigin></CORSRule></CORSConfiguration>";
        var origin = new string('o', 64 * 1024 - Before.Length - Behind.Length);
        (await _client.SendAsync(Put(bucket, Before + origin + Behind))).MustBe(HttpStatusCode.OK);
        Assert.Equal(origin, Assert.Single((await service.S3.GetCORSConfigurationAsync(bucket)).Configuration.Rules[0].AllowedOrigins));
        (await _client.SendAsync(Put(bucket, Before + origin + "o" + Behind))).MustBeError(400, "MalformedXML");
    }

    [Fact]
    public async Task A_change_is_on_the_trail_and_needs_its_permission()
    {
        var bucket = await NewBucketAsync();
        var user = await new QueryApi(service.Http).NewUserAsync();
        var arn = await user.CallerAsync();
        foreach (var (method, action) in new[] { ("PUT", "s3:PutBucketCORS"), ("DELETE", "s3:PutBucketCORS"), ("GET", "s3:GetBucketCORS") })
        {
            (await _client.SendAsync(Put(bucket, "") with { Method = method, Signer = user.Signer("s3") }))
                .MustBeDenied(action, $"arn:aws:s3:::{bucket}", $"because no identity-based policy allows the {action} action", arn);
        }
        var found = await Eventually.GetAsync(async () =>
            await service.CloudTrail.LookupAsync("ResourceName", $"arn:aws:s3:::{bucket}") is { Count: 4 } records ? records : null, "the records of the changes");
        Assert.Equal(["CreateBucket", "DeleteBucketCors", "PutBucketCors", "PutBucketCors"], found.Select(record => (string)record["eventName"]!).Order());
        var put = found.Single(record => (string)record["eventName"]! == "PutBucketCors" && record["errorCode"] is null);
        Assert.Equal(Origin, (string)put["requestParameters"]!["CORSConfiguration"]!["CORSRule"]![0]!["AllowedOrigin"]![0]!);
    }

    [Theory]
    [InlineData("object")]
    [InlineData("missing")]
    public async Task A_preflight_that_a_rule_allows_is_answered_without_a_signature_and_without_a_look_at_the_object(string key)
    {
        var answer = await PreflightAsync(await NewBucketAsync(), key, Origin, "PUT", "x-AMZ-acl, X-amz-meta-a");
        Assert.Equal((HttpStatusCode.OK, 0), (answer.Status, answer.Body.Length));
        Assert.Equal((Origin, "GET, PUT", "x-amz-acl, x-amz-meta-a", "ETag, x-amz-request-id", "3000", "true", Vary), (
            answer["access-control-allow-origin"], answer["access-control-allow-methods"], answer["access-control-allow-headers"], answer["access-control-expose-headers"],
            answer["access-control-max-age"], answer["access-control-allow-credentials"], answer["vary"]));
        Assert.NotNull(answer["x-amz-request-id"]);
        Assert.NotNull(answer["x-amz-id-2"]);
    }

    [Fact]
    public async Task A_rule_for_every_origin_answers_with_a_star_and_without_credentials()
    {
        var answer = await PreflightAsync(await NewBucketAsync(), "object", "http://random:1234", "HEAD");
        Assert.Equal((HttpStatusCode.OK, "*", "HEAD", null, null, Vary), (answer.Status, answer["access-control-allow-origin"], answer["access-control-allow-methods"],
            answer["access-control-allow-headers"], answer["access-control-allow-credentials"], answer["vary"]));
    }

    [Theory]
    [InlineData("object", "http://app.example.test", "PUT", null, "OBJECT")]
    [InlineData("object", "https://app.example.test.evil.test", "PUT", null, "OBJECT")]
    [InlineData("object", "null", "GET", null, "OBJECT")]
    [InlineData("object", Origin, "DELETE", null, "OBJECT")]
    [InlineData("object", Origin, "PUT", "authorization", "OBJECT")]
    [InlineData("object", "http://random:1234", "HEAD", "x-amz-acl", "OBJECT")]
    [InlineData("", "http://app.example.test", "GET", null, "BUCKET")]
    public async Task A_preflight_that_no_rule_allows_is_refused(string key, string origin, string method, string? headers, string type)
    {
        var answer = (await PreflightAsync(await NewBucketAsync(), key, origin, method, headers)).MustBeError(403, "AccessForbidden", NotAllowed);
        Assert.Equal((method, type, null, null), (answer.ErrorField("Method"), answer.ErrorField("ResourceType"), answer["access-control-allow-origin"], answer["vary"]));
    }

    [Fact]
    public async Task A_preflight_that_is_none_is_told_what_it_lacks()
    {
        var (bucket, without) = (await NewBucketAsync(), await service.NewBucketAsync());
        foreach (var any in new[] { bucket, without, "no-such-bucket", "No Bucket" })
            (await PreflightAsync(Uri.EscapeDataString(any), "object", null, "PUT")).MustBeError(400, "BadRequest", "Insufficient information. Origin request header needed.");
        (await PreflightAsync(bucket, "object", Origin, null)).MustBeError(400, "BadRequest", "Invalid Access-Control-Request-Method: null");
        (await PreflightAsync(bucket, "object", Origin, "PATCH")).MustBeError(400, "BadRequest", "Invalid Access-Control-Request-Method: PATCH");

        var disabled = (await PreflightAsync(without, "object", Origin, "PUT")).MustBeError(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.");
        Assert.Equal(("PUT", "BUCKET"), (disabled.ErrorField("Method"), disabled.ErrorField("ResourceType")));
        Assert.Equal("OPTIONS", (await PreflightAsync(without, "", Origin, null)).MustBeError(403, "AccessForbidden").ErrorField("Method"));
        foreach (var any in new[] { "no-such-bucket", "No Bucket" })
            (await PreflightAsync(Uri.EscapeDataString(any), "object", Origin, "PUT")).MustBeError(403, "AccessForbidden", "CORSResponse: Bucket not found");
        (await PreflightAsync("%FF", "", Origin, "PUT")).MustBeError(400, "InvalidURI");
    }

    [Fact]
    public async Task Answers_to_an_allowed_origin_say_so_be_they_errors_or_not()
    {
        var bucket = await NewBucketAsync();
        (await _client.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        var get = RawRequest.Get(bucket, "object") with { UnsignedHeaders = [("Origin", Origin)] };
        var etag = (await _client.SendAsync(get)).MustBe(HttpStatusCode.OK)["etag"]!;
        RawRequest[] requests =
        [
            get,
            get with { Headers = [("If-None-Match", etag)] },
            get with { Path = $"/{bucket}/missing" },
            get with { Path = $"/{bucket}" },
            get with { Anonymous = true },
            get with { Tamper = target => target + "?max-keys=1" },
            get with { UnsignedHeaders = [("Origin", Origin), ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-amz-acl")] },
            RawRequest.Put(bucket, "other", "body"u8.ToArray()) with { UnsignedHeaders = [("Origin", Origin)] },
        ];
        HttpStatusCode[] statuses = [HttpStatusCode.OK, HttpStatusCode.NotModified, HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.OK];
        foreach (var (request, status) in requests.Zip(statuses))
        {
            var answer = (await _client.SendAsync(request)).MustBe(status);
            Assert.Equal((Origin, "GET, PUT", "ETag, x-amz-request-id", "true", Vary), (answer["access-control-allow-origin"], answer["access-control-allow-methods"],
                answer["access-control-expose-headers"], answer["access-control-allow-credentials"], answer["vary"]));
            Assert.NotNull(answer["x-amz-request-id"]);
        }
    }

    [Fact]
    public async Task Answers_to_others_say_nothing_of_it_and_are_the_same()
    {
        var (bucket, without) = (await NewBucketAsync(), await service.NewBucketAsync());
        foreach (var each in new[] { bucket, without }) (await _client.SendAsync(RawRequest.Put(each, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        RawRequest[] requests =
        [
            RawRequest.Get(bucket, "object"),
            RawRequest.Get(bucket, "object") with { UnsignedHeaders = [("Origin", "http://app.example.test")] },
            RawRequest.Get(bucket, "object") with { UnsignedHeaders = [("Origin", Origin), ("Access-Control-Request-Method", "DELETE")] },
            RawRequest.Get(bucket, "object") with { UnsignedHeaders = [("Origin", Origin), ("Access-Control-Request-Headers", "authorization")] },
            RawRequest.Get(without, "object") with { UnsignedHeaders = [("Origin", Origin)] },
            new("GET", "/") { UnsignedHeaders = [("Origin", Origin)] },
        ];
        foreach (var request in requests)
        {
            var answer = (await _client.SendAsync(request)).MustBe(HttpStatusCode.OK);
            Assert.DoesNotContain(answer.Headers.Keys, name => name.StartsWith("access-control-", StringComparison.Ordinal) || name == "vary");
        }
        var deleted = (await _client.SendAsync(RawRequest.Delete(bucket, "object") with { UnsignedHeaders = [("Origin", Origin)] })).MustBe(HttpStatusCode.NoContent);
        Assert.Null(deleted["access-control-allow-origin"]);
    }

    private static RawRequest Put(string bucket, string document) => new("PUT", $"/{bucket}") { Query = [("cors", "")], Body = Encoding.UTF8.GetBytes(document) };

    private async Task<string> NewBucketAsync()
    {
        var bucket = await service.NewBucketAsync();
        (await _client.SendAsync(Put(bucket, $"<CORSConfiguration>{Rules}</CORSConfiguration>"))).MustBe(HttpStatusCode.OK);
        return bucket;
    }

    private Task<RawAnswer> PreflightAsync(string bucket, string key, string? origin, string? method, string? headers = null)
    {
        var sent = new[] { ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers) };
        return _client.SendAsync(new("OPTIONS", $"/{bucket}/{key}".TrimEnd('/')) { Anonymous = true, UnsignedHeaders = [.. sent.Where(header => header.Item2 is not null).Select(header => (header.Item1, header.Item2!))] });
    }
}
