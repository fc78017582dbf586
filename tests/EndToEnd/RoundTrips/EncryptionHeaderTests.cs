using System.Net;
using System.Security.Cryptography;
using System.Text;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.RoundTrips;

/// <summary>Which encryption headers an answer has, and which it must not have (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html, API_GetObject.html).</summary>
[Collection(EncryptionCollection.Name)]
public sealed class EncryptionHeaderTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string Context = "eyJkZXBhcnRtZW50IjoiMTAifQ==";

    [Theory]
    [InlineData(null)]
    [InlineData("AES256")]
    public async Task SSE_S3_answers_with_its_name_alone_and_the_MD5_as_ETag(string? requested)
    {
        var (put, get, head) = await RoundTripAsync(service.Http, requested is null ? [] : [(Sse, requested)], []);
        foreach (var answer in new[] { put, get, head })
        {
            Assert.Equal([Sse], answer.EncryptionHeaders);
            Assert.Equal("AES256", answer[Sse]);
            Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData("body"u8))}\"", answer["etag"]);
        }
    }

    [Theory]
    [InlineData("aws:kms")]
    [InlineData("aws:kms:dsse")]
    public async Task SSE_KMS_answers_with_the_managed_keys_ARN_where_the_request_names_no_key(string mode)
    {
        var (put, get, head) = await RoundTripAsync(service.Http, [(Sse, mode)], []);
        var managed = (await service.Kms.DescribeKeyAsync("alias/aws/s3")).KeyMetadata;
        Assert.Equal("Default key that protects my S3 objects when no other key is defined", managed.Description);
        foreach (var answer in new[] { put, get, head })
        {
            Assert.Equal([Sse, $"{Sse}-aws-kms-key-id"], answer.EncryptionHeaders);
            Assert.Equal(mode, answer[Sse]);
            Assert.Equal(managed.Arn, answer[$"{Sse}-aws-kms-key-id"]);
        }
    }

    [Fact]
    public async Task The_context_is_repeated_by_PUT_and_never_by_GET_or_HEAD_and_the_bucket_key_by_all()
    {
        var key = await service.NewKeyAsync();
        var (put, get, head) = await RoundTripAsync(service.Http,
            [(Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", key[(key.LastIndexOf('/') + 1)..]), ($"{Sse}-context", Context), ($"{Sse}-bucket-key-enabled", "true")], []);
        Assert.Equal([Sse, $"{Sse}-aws-kms-key-id", $"{Sse}-bucket-key-enabled", $"{Sse}-context"], put.EncryptionHeaders);
        Assert.Equal("""{"department":"10"}""", Encoding.UTF8.GetString(Convert.FromBase64String(put[$"{Sse}-context"]!)));
        foreach (var answer in new[] { put, get, head })
        {
            Assert.Equal(key, answer[$"{Sse}-aws-kms-key-id"]);
            Assert.Equal("true", answer[$"{Sse}-bucket-key-enabled"]);
        }
        foreach (var answer in new[] { get, head }) Assert.Equal([Sse, $"{Sse}-aws-kms-key-id", $"{Sse}-bucket-key-enabled"], answer.EncryptionHeaders);
    }

    [Fact]
    public async Task A_bucket_key_that_was_asked_for_with_false_is_left_out()
    {
        var (put, _, _) = await RoundTripAsync(service.Http, [(Sse, "aws:kms"), ($"{Sse}-bucket-key-enabled", "false")], []);
        Assert.Equal([Sse, $"{Sse}-aws-kms-key-id"], put.EncryptionHeaders);
    }

    [Fact]
    public async Task SSE_C_answers_with_the_algorithm_and_the_keys_MD5_and_without_the_SSE_header()
    {
        var key = CustomerKey.New();
        var (put, get, head) = await RoundTripAsync(service.Https, key.Headers, key.Headers);
        foreach (var answer in new[] { put, get, head })
        {
            Assert.Equal([$"{Sse}-customer-algorithm", $"{Sse}-customer-key-md5"], answer.EncryptionHeaders);
            Assert.Equal("AES256", answer[$"{Sse}-customer-algorithm"]);
            Assert.Equal(key.Md5, answer[$"{Sse}-customer-key-md5"]);
            Assert.NotEqual($"\"{Convert.ToHexStringLower(MD5.HashData("body"u8))}\"", answer["etag"]);
        }
    }

    [Fact]
    public async Task DELETE_needs_no_key()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Https.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), CustomerKey.New().Headers))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Delete(bucket, "object"))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_presigned_URL_may_ask_for_encryption_in_its_query()
    {
        var bucket = await service.NewBucketAsync();
        var put = await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()) with { Query = [(Sse, "aws:kms")], PresignedSeconds = 60 });
        Assert.Equal("aws:kms", put.MustBe(HttpStatusCode.OK)[Sse]);
        Assert.Equal("aws:kms", (await service.Http.SendAsync(RawRequest.Head(bucket, "object")))[Sse]);
    }

    private async Task<(RawAnswer Put, RawAnswer Get, RawAnswer Head)> RoundTripAsync(
        RawClient client, (string, string)[] putHeaders, (string, string)[] readHeaders)
    {
        var bucket = await service.NewBucketAsync();
        var put = (await client.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), putHeaders))).MustBe(HttpStatusCode.OK);
        var get = (await client.SendAsync(RawRequest.Get(bucket, "object", readHeaders))).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", get.Text);
        return (put, get, (await client.SendAsync(RawRequest.Head(bucket, "object", readHeaders))).MustBe(HttpStatusCode.OK));
    }
}
