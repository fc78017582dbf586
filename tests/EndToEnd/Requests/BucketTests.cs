using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>Buckets are created, found, listed and deleted.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class BucketTests(ServiceFixture service)
{
    [Fact]
    public async Task A_bucket_lives_from_its_creation_to_its_deletion()
    {
        var bucket = $"life.of-a.bucket-{Guid.NewGuid():N}";
        Assert.Equal($"/{bucket}", (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}"))).MustBe(HttpStatusCode.OK)["location"]);
        Assert.Equal(TestAccount.Region, (await service.S3.HeadBucketAsync(new() { BucketName = bucket })).BucketRegion);
        Assert.Contains((await service.S3.ListBucketsAsync()).Buckets, listed => listed.BucketName == bucket && listed.CreationDate > DateTime.UtcNow.AddMinutes(-5));

        await service.S3.PutObjectAsync(new() { BucketName = bucket, Key = "object", ContentBody = "body" });
        (await service.Http.SendAsync(new RawRequest("DELETE", $"/{bucket}"))).MustBeError(409, "BucketNotEmpty", "The bucket you tried to delete is not empty");
        await service.S3.DeleteObjectAsync(bucket, "object");
        (await service.Http.SendAsync(new RawRequest("DELETE", $"/{bucket}"))).MustBe(HttpStatusCode.NoContent);

        (await service.Http.SendAsync(new RawRequest("HEAD", $"/{bucket}"))).MustBe(HttpStatusCode.NotFound);
        (await service.Http.SendAsync(new RawRequest("DELETE", $"/{bucket}"))).MustBeError(404, "NoSuchBucket", "The specified bucket does not exist");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBeError(404, "NoSuchBucket");
        Assert.DoesNotContain((await service.S3.ListBucketsAsync()).Buckets, listed => listed.BucketName == bucket);
        // Its name can be used again at once.
        (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}"))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBeError(404, "NoSuchKey");
    }

    [Fact]
    public async Task A_location_constraint_is_the_buckets_Region_and_its_keys()
    {
        var bucket = $"abroad-{Guid.NewGuid():N}";
        await service.S3.PutBucketAsync(new PutBucketRequest { BucketName = bucket, PutBucketConfiguration = new() { LocationConstraint = TestAccount.OtherRegion } });
        Assert.Equal(TestAccount.OtherRegion, (await service.S3.GetBucketLocationAsync(bucket)).Location.Value);
        var home = await service.NewBucketAsync();
        Assert.True(string.IsNullOrEmpty((await service.S3.GetBucketLocationAsync(home)).Location?.Value));

        var put = await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), ("x-amz-server-side-encryption", "aws:kms")));
        Assert.StartsWith($"arn:aws:kms:{TestAccount.OtherRegion}:{TestAccount.Id}:key/", put.MustBe(HttpStatusCode.OK)["x-amz-server-side-encryption-aws-kms-key-id"], StringComparison.Ordinal);
        var local = await service.NewKeyAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", [], ("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-aws-kms-key-id", local))))
            .MustBeError(400, "KMS.NotFoundException", $"Invalid arn {TestAccount.Region}");
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("UPPER-case")]
    [InlineData("under_score")]
    [InlineData("-leading")]
    [InlineData("trailing-")]
    [InlineData("two..dots")]
    [InlineData("192.168.5.4")]
    [InlineData("xn--punycode")]
    [InlineData("admin")]
    [InlineData("runtime")]
    public async Task A_name_against_the_rules_is_refused(string bucket) =>
        (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}"))).MustBeError(400, "InvalidBucketName", "The specified bucket is not valid.");

    [Fact]
    public async Task Creating_ones_own_bucket_again_is_taken_in_us_east_1_and_refused_elsewhere()
    {
        var bucket = await service.NewBucketAsync();
        await service.S3.PutObjectAsync(new() { BucketName = bucket, Key = "object", ContentBody = "body" });
        (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}"))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.OK);

        var abroad = new PutBucketRequest { BucketName = $"abroad-{Guid.NewGuid():N}", PutBucketConfiguration = new() { LocationConstraint = TestAccount.OtherRegion } };
        await service.S3.PutBucketAsync(abroad);
        var again = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => service.S3.PutBucketAsync(abroad));
        Assert.Equal(("BucketAlreadyOwnedByYou", HttpStatusCode.Conflict), (again.ErrorCode, again.StatusCode));
    }

    [Theory]
    [InlineData("<CreateBucketConfiguration")]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><CreateBucketConfiguration><LocationConstraint>&x;</LocationConstraint></CreateBucketConfiguration>")]
    [InlineData("<Other/>")]
    public async Task A_configuration_that_is_none_is_refused(string document) =>
        (await service.Http.SendAsync(new RawRequest("PUT", $"/malformed-{Guid.NewGuid():N}") { Body = System.Text.Encoding.UTF8.GetBytes(document) }))
            .MustBeError(400, "MalformedXML");

    /// <summary>Were the parameter ignored, the object would be overwritten or deleted.</summary>
    [Theory]
    [InlineData("PUT", "retention")]
    [InlineData("PUT", "legal-hold")]
    [InlineData("GET", "torrent")]
    [InlineData("POST", "restore")]
    public async Task An_operation_that_is_not_here_is_answered_so_and_does_nothing(string method, string subresource)
    {
        var bucket = await service.NewBucketAsync();
        await service.S3.PutObjectAsync(new() { BucketName = bucket, Key = "object", ContentBody = "body" });
        (await service.Http.SendAsync(new RawRequest(method, $"/{bucket}/object") { Query = [(subresource, "")] })).MustBeError(501, "NotImplemented");
        Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).Text);
    }
}
