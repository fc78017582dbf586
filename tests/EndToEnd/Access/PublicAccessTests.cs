using System.Net;
using System.Text;
using Amazon.S3;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>Everybody may do what a bucket's policy grants to everybody, once the bucket's public access block lets it.</summary>
[Collection(AccessCollection.Name)]
public sealed class PublicAccessTests(ServiceFixture service)
{
    [Fact]
    public async Task A_new_bucket_blocks_public_access_until_the_block_is_changed_or_deleted()
    {
        var bucket = await service.NewBucketAsync();
        var block = (await service.S3.GetPublicAccessBlockAsync(new() { BucketName = bucket })).PublicAccessBlockConfiguration;
        Assert.Equal((true, true, true, true), (block.BlockPublicAcls, block.IgnorePublicAcls, block.BlockPublicPolicy, block.RestrictPublicBuckets));
        var text = (await service.Http.SendAsync(new RawRequest("GET", $"/{bucket}") { Query = [("publicAccessBlock", "")] })).MustBe(HttpStatusCode.OK).Text;
        Assert.EndsWith("<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><BlockPublicAcls>true</BlockPublicAcls>"
            + "<IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>"
            + "</PublicAccessBlockConfiguration>", text, StringComparison.Ordinal);

        await service.S3.PutPublicAccessBlockAsync(new() { BucketName = bucket, PublicAccessBlockConfiguration = new() { BlockPublicPolicy = true, IgnorePublicAcls = false } });
        block = (await service.S3.GetPublicAccessBlockAsync(new() { BucketName = bucket })).PublicAccessBlockConfiguration;
        Assert.Equal((false, false, true, false), (block.BlockPublicAcls, block.IgnorePublicAcls, block.BlockPublicPolicy, block.RestrictPublicBuckets));

        for (var i = 0; i < 2; i++) await service.S3.DeletePublicAccessBlockAsync(new() { BucketName = bucket });
        var none = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => service.S3.GetPublicAccessBlockAsync(new() { BucketName = bucket }));
        Assert.Equal(("NoSuchPublicAccessBlockConfiguration", HttpStatusCode.NotFound, "The public access block configuration was not found"),
            (none.ErrorCode, none.StatusCode, none.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<PublicAccessBlockConfiguration>")]
    [InlineData("<Other/>")]
    [InlineData("<PublicAccessBlockConfiguration><BlockPublicPolicy>perhaps</BlockPublicPolicy></PublicAccessBlockConfiguration>")]
    [InlineData("<PublicAccessBlockConfiguration><BlockPublicPolicy/></PublicAccessBlockConfiguration>")]
    [InlineData("<PublicAccessBlockConfiguration><BlockEverything>true</BlockEverything></PublicAccessBlockConfiguration>")]
    [InlineData("<PublicAccessBlockConfiguration><All>true</All></PublicAccessBlockConfiguration>")]
    [InlineData("<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy><BlockPublicPolicy>false</BlockPublicPolicy></PublicAccessBlockConfiguration>")]
    public async Task A_block_that_is_none_is_refused_and_changes_nothing(string document)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}") { Query = [("publicAccessBlock", "")], Body = Encoding.UTF8.GetBytes(document) }))
            .MustBeError(400, "MalformedXML");
        Assert.True((await service.S3.GetPublicAccessBlockAsync(new() { BucketName = bucket })).PublicAccessBlockConfiguration.BlockPublicPolicy);
    }

    [Fact]
    public async Task A_public_policy_is_not_accepted_while_it_is_blocked()
    {
        var bucket = await service.NewBucketAsync();
        var policy = DocumentedPolicies.For(DocumentedPolicies.PublicRead, bucket);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, policy))).MustBeDenied("s3:PutBucketPolicy", $"arn:aws:s3:::{bucket}",
            "because public policies are blocked by the BlockPublicPolicy block public access setting.");
        (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).MustBeError(404, "NoSuchBucketPolicy");

        await BlockAsync(bucket, policy: false, buckets: true);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, policy))).MustBe(HttpStatusCode.NoContent);
        Assert.True((await service.S3.GetBucketPolicyStatusAsync(new() { BucketName = bucket })).PolicyStatus.IsPublic);
    }

    [Fact]
    public async Task Everybody_may_do_what_a_public_policy_says_and_nothing_else_unless_the_bucket_is_restricted()
    {
        var bucket = await service.NewBucketAsync(DocumentedPolicies.PublicRead, open: true);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await service.Http.SendAsync(Anonymously(RawRequest.Get(bucket, "object")))).MustBe(HttpStatusCode.OK).Text);
        (await service.Http.SendAsync(Anonymously(RawRequest.Head(bucket, "object")))).MustBe(HttpStatusCode.OK);

        RawRequest[] others =
        [
            RawRequest.Put(bucket, "object", "new"u8.ToArray()), RawRequest.Delete(bucket, "object"), new("DELETE", $"/{bucket}"), new("GET", $"/{bucket}") { Query = [("location", "")] },
            PolicyRequests.GetPolicy(bucket), PolicyRequests.PutPolicy(bucket, "{}"), PolicyRequests.DeletePolicy(bucket), PolicyRequests.DeletePublicAccessBlock(bucket),
            new("GET", "/"), new("PUT", $"/another-{bucket}"), new("GET", $"/{bucket}"), new("GET", $"/{bucket}") { Query = [("acl", "")] },
            // Who may not list the bucket does not learn that a key is not there.
            RawRequest.Get(bucket, "none"),
        ];
        foreach (var request in others) (await service.Http.SendAsync(Anonymously(request))).MustBeError(403, "AccessDenied", "Access Denied");
        foreach (var head in new[] { RawRequest.Head(bucket, "none"), new RawRequest("HEAD", $"/{bucket}") })
            Assert.Empty((await service.Http.SendAsync(Anonymously(head))).MustBe(HttpStatusCode.Forbidden).Body);

        await BlockAsync(bucket, policy: false, buckets: true);
        (await service.Http.SendAsync(Anonymously(RawRequest.Get(bucket, "object")))).MustBeError(403, "AccessDenied", "Access Denied");
        Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK).Text);
        await BlockAsync(bucket, policy: true, buckets: false);
        (await service.Http.SendAsync(Anonymously(RawRequest.Get(bucket, "object")))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_missing_key_is_told_to_everybody_who_may_list_the_bucket()
    {
        var bucket = await service.NewBucketAsync("""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],
              "Resource":["arn:aws:s3:::amzn-s3-demo-bucket","arn:aws:s3:::amzn-s3-demo-bucket/*"]}]}
            """, open: true);
        (await service.Http.SendAsync(Anonymously(RawRequest.Get(bucket, "none")))).MustBeError(404, "NoSuchKey");
        (await service.Http.SendAsync(Anonymously(RawRequest.Head(bucket, "none")))).MustBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_policy_for_some_addresses_is_not_public_and_works_on_a_blocked_bucket()
    {
        var bucket = await service.NewBucketAsync(ForAddresses("127.0.0.0/8"));
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await service.Http.SendAsync(Anonymously(RawRequest.Get(bucket, "object")))).MustBe(HttpStatusCode.OK).Text);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, DocumentedPolicies.For(ForAddresses("10.0.0.0/8"), bucket)))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(Anonymously(RawRequest.Get(bucket, "object")))).MustBeError(403, "AccessDenied");
    }

    [Fact]
    public async Task Nobody_anonymous_manages_a_policy_or_uses_a_KMS_key_whatever_the_policy_grants()
    {
        var bucket = await service.NewBucketAsync(
            PolicyRequests.Policy("Allow", "s3:*", "", "arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/*"), open: true);
        foreach (var request in new[] { PolicyRequests.GetPolicy(bucket), PolicyRequests.PutPolicy(bucket, "{}"), PolicyRequests.DeletePolicy(bucket) })
            (await service.Http.SendAsync(Anonymously(request))).MustBeError(405, "MethodNotAllowed");

        (await service.Http.SendAsync(Anonymously(RawRequest.Put(bucket, "plain", "body"u8.ToArray())))).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await service.Http.SendAsync(Anonymously(RawRequest.Get(bucket, "plain")))).Text);
        const string needed = "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.";
        var kms = ("x-amz-server-side-encryption", "aws:kms");
        (await service.Http.SendAsync(Anonymously(RawRequest.Put(bucket, "object", [], kms)))).MustBeError(400, "InvalidArgument", needed);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", [], kms))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(Anonymously(RawRequest.Get(bucket, "object")))).MustBeError(400, "InvalidArgument", needed);
    }

    [Fact]
    public async Task That_a_bucket_is_not_there_is_no_secret() =>
        (await service.Http.SendAsync(Anonymously(RawRequest.Get("no-such-bucket", "object")))).MustBeError(404, "NoSuchBucket");

    private static RawRequest Anonymously(RawRequest request) => request with { Anonymous = true };

    private static string ForAddresses(string range) => PolicyRequests.Policy("Allow", "s3:GetObject", $$"""
        "IpAddress":{"aws:SourceIp":"{{range}}"}
        """);

    private async Task BlockAsync(string bucket, bool policy, bool buckets) => await service.S3.PutPublicAccessBlockAsync(
        new() { BucketName = bucket, PublicAccessBlockConfiguration = new() { BlockPublicPolicy = policy, RestrictPublicBuckets = buckets } });
}
