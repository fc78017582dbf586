using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>SSE-KMS needs both permissions: on the object, and on the key, which is used for the caller by way of S3.</summary>
[Collection(AccessCollection.Name)]
public sealed class KeyAccessTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string KeyId = $"{Sse}-aws-kms-key-id";
    private const string AllOfS3 = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""";

    [Theory]
    [InlineData("aws:kms", "false")]
    [InlineData("aws:kms", "true")]
    [InlineData("aws:kms:dsse", "false")]
    public async Task A_user_who_may_use_the_bucket_and_not_the_key_is_refused_in_KMSs_words(string method, string bucketKey)
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        RawRequest Put(string name) => RawRequest.Put(bucket, name, "body"u8.ToArray(), (Sse, method), (KeyId, key), ($"{Sse}-bucket-key-enabled", bucketKey));
        (await service.Http.SendAsync(Put("object"))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "plain", "plain"u8.ToArray()))).MustBe(HttpStatusCode.OK);

        var user = await new QueryApi(service.Http).NewUserAsync(AllOfS3);
        var arn = await user.CallerAsync();
        string Refusal(string action) => $"User: {arn} is not authorized to perform: kms:{action} on resource: {key} because no identity-based policy allows the kms:{action} action";
        (await service.Http.SendAsync(By(user, Put("new")))).MustBeError(403, "AccessDenied", Refusal("GenerateDataKey"));
        (await service.Http.SendAsync(By(user, RawRequest.Get(bucket, "object")))).MustBeError(403, "AccessDenied", Refusal("Decrypt"));
        (await service.Http.SendAsync(RawRequest.Head(bucket, "new"))).MustBe(HttpStatusCode.NotFound);
        // Neither the object's headers nor an object that is not under the key need it.
        Assert.Equal(key, (await service.Http.SendAsync(By(user, RawRequest.Head(bucket, "object")))).MustBe(HttpStatusCode.OK)[KeyId]);
        Assert.Equal("plain", (await service.Http.SendAsync(By(user, RawRequest.Get(bucket, "plain")))).MustBe(HttpStatusCode.OK).Text);
        (await service.Http.SendAsync(By(user, RawRequest.Delete(bucket, "object")))).MustBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_permission_by_way_of_S3_is_one_for_S3_alone()
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        var user = await new QueryApi(service.Http).NewUserAsync(AllOfS3, """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:GenerateDataKey","kms:Decrypt"],"Resource":"KEY",
              "Condition":{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}}]}
            """.Replace("KEY", key, StringComparison.Ordinal));
        (await service.Http.SendAsync(By(user, RawRequest.Put(bucket, "object", "body"u8.ToArray(), (Sse, "aws:kms"), (KeyId, key))))).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await service.Http.SendAsync(By(user, RawRequest.Get(bucket, "object")))).MustBe(HttpStatusCode.OK).Text);
        var direct = await service.Http.SendAsync(new RawRequest("POST", "/")
        {
            Headers = [("X-Amz-Target", "TrentService.GenerateDataKey"), ("Content-Type", "application/x-amz-json-1.1")],
            Body = System.Text.Encoding.UTF8.GetBytes($$"""{"KeyId":"{{key}}","KeySpec":"AES_256"}"""),
            Signer = user.Signer("kms"),
        });
        Assert.Contains("AccessDeniedException", direct.MustBe(HttpStatusCode.BadRequest).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_managed_key_is_for_whoever_may_use_the_bucket()
    {
        var bucket = await service.NewBucketAsync();
        var user = await new QueryApi(service.Http).NewUserAsync(AllOfS3);
        (await service.Http.SendAsync(By(user, RawRequest.Put(bucket, "object", "body"u8.ToArray(), (Sse, "aws:kms"))))).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await service.Http.SendAsync(By(user, RawRequest.Get(bucket, "object")))).MustBe(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task Who_may_use_the_key_and_not_the_bucket_is_refused_by_the_bucket()
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        var user = await new QueryApi(service.Http).NewUserAsync("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}""");
        (await service.Http.SendAsync(By(user, RawRequest.Put(bucket, "object", [], (Sse, "aws:kms"), (KeyId, key))))).MustBeDenied("s3:PutObject", $"arn:aws:s3:::{bucket}/object",
            "because no identity-based policy allows the s3:PutObject action", await user.CallerAsync());
    }

    private static RawRequest By(QueryApi user, RawRequest request) => request with { Signer = user.Signer("s3") };
}
