using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Authentication;

/// <summary>Presigned URLs give what they were signed for, while they are valid.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class PresignedTests(ServiceFixture service)
{
    private static readonly SigV4 Now = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, TestAccount.Region, "s3", DateTimeOffset.UtcNow);

    [Theory]
    [InlineData(10)]
    [InlineData(9 * TestData.Mebibyte)]
    public async Task The_SDKs_presigned_URLs_put_and_get(int size)
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(size);
        using var client = RawClient.NewHttpClient(null);
        var put = new Uri(await service.S3.GetPreSignedURLAsync(Url(bucket, HttpVerb.PUT)));
        using (var stored = await client.PutAsync(put, new ByteArrayContent(body))) Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        var get = new Uri(await service.S3.GetPreSignedURLAsync(Url(bucket, HttpVerb.GET)));
        var got = await client.GetByteArrayAsync(get);
        Assert.True(body.AsSpan().SequenceEqual(got));
        // It was signed for GET and for nothing else.
        using var deleted = await client.DeleteAsync(get);
        Assert.Equal(HttpStatusCode.Forbidden, deleted.StatusCode);
    }

    [Fact]
    public async Task An_expired_URL()
    {
        var answer = await ReadAsync(request => request with { PresignedSeconds = 60, Signer = Now with { Time = DateTimeOffset.UtcNow.AddSeconds(-62) } });
        answer.MustBeError(403, "AccessDenied", "Request has expired");
        Assert.Equal("60", answer.ErrorField("X-Amz-Expires"));
    }

    [Fact]
    public async Task A_URL_that_is_not_yet_valid() =>
        (await ReadAsync(request => request with { Signer = Now with { Time = DateTimeOffset.UtcNow.AddMinutes(20) } })).MustBeError(403, "AccessDenied", "Request is not yet valid");

    [Fact]
    public async Task A_URL_whose_life_was_prolonged() =>
        (await ReadAsync(request => request with { Tamper = target => target.Replace("X-Amz-Expires=60", "X-Amz-Expires=6000", StringComparison.Ordinal) })).MustBeError(403, "SignatureDoesNotMatch");

    [Fact]
    public async Task A_URL_with_a_parameter_more() =>
        (await ReadAsync(request => request with { Tamper = target => target + "&response-content-type=text/html" })).MustBeError(403, "SignatureDoesNotMatch");

    [Fact]
    public async Task A_URL_for_another_object() =>
        (await ReadAsync(request => request with { Tamper = target => target.Replace("/object?", "/other?", StringComparison.Ordinal) })).MustBeError(403, "SignatureDoesNotMatch");

    [Theory]
    [InlineData(0)]
    [InlineData(604_801)]
    public async Task A_life_of_nothing_or_of_more_than_a_week(int seconds) =>
        (await ReadAsync(request => request with { PresignedSeconds = seconds })).MustBeError(400, "AuthorizationQueryParametersError");

    [Fact]
    public async Task An_Authorization_header_beside_it() =>
        (await ReadAsync(request => request with { UnsignedHeaders = [("Authorization", "AWS4-HMAC-SHA256 Credential=x")] })).MustBeError(400, "InvalidArgument");

    [Fact]
    public async Task A_customer_key_in_the_query_is_not_taken_for_a_header()
    {
        var bucket = await service.NewBucketAsync();
        var key = CustomerKey.New();
        var put = RawRequest.Put(bucket, "object", "body"u8.ToArray()) with { Query = [.. key.Headers.Select(header => (header.Name.ToLowerInvariant(), header.Value))], PresignedSeconds = 60 };
        // S3 takes a key as a header only: an object must not come to be under no key of its owner's when one was named.
        var answer = await service.Https.SendAsync(put);
        if (answer.Status == HttpStatusCode.OK) Assert.Equal("AES256", answer["x-amz-server-side-encryption"]);
        Assert.Null(answer["x-amz-server-side-encryption-customer-algorithm"]);
    }

    private GetPreSignedUrlRequest Url(string bucket, HttpVerb verb) => new()
    {
        BucketName = bucket,
        Key = "a key/with ü",
        Verb = verb,
        Expires = DateTime.UtcNow.AddMinutes(5),
        Protocol = service.Http.Endpoint.Scheme == "http" ? Protocol.HTTP : Protocol.HTTPS,
    };

    private async Task<RawAnswer> ReadAsync(Func<RawRequest, RawRequest> spoil)
    {
        var bucket = await service.NewBucketAsync();
        foreach (var key in new[] { "object", "other" }) await service.Http.SendAsync(RawRequest.Put(bucket, key, "body"u8.ToArray()));
        var request = RawRequest.Get(bucket, "object") with { PresignedSeconds = 60 };
        Assert.Equal("body", (await service.Http.SendAsync(request)).MustBe(HttpStatusCode.OK).Text);
        var answer = await service.Http.SendAsync(spoil(request));
        Assert.DoesNotContain("body", answer.Text[..Math.Min(answer.Text.Length, 4)], StringComparison.Ordinal);
        return answer;
    }
}
