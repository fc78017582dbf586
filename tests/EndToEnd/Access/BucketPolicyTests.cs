using System.Net;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>A bucket's policy is put, read, judged to be public or not, and deleted; what is no policy is refused.</summary>
[Collection(AccessCollection.Name)]
public sealed class BucketPolicyTests(ServiceFixture service)
{
    [Fact]
    public async Task A_policy_lives_from_its_put_to_its_deletion_and_comes_back_to_the_letter()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).MustBeError(404, "NoSuchBucketPolicy", "The bucket policy does not exist");
        var first = DocumentedPolicies.For(DocumentedPolicies.DenySseC, bucket);
        foreach (var policy in new[] { first, DocumentedPolicies.For(DocumentedPolicies.RequireSseS3, bucket) })
        {
            Assert.Empty((await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, policy))).MustBe(HttpStatusCode.NoContent).Body);
            var got = (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).MustBe(HttpStatusCode.OK);
            Assert.Equal((policy, "application/json"), (got.Text, got["content-type"]));
        }
        for (var i = 0; i < 2; i++) (await service.Http.SendAsync(PolicyRequests.DeletePolicy(bucket))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).MustBeError(404, "NoSuchBucketPolicy");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_SDK_puts_gets_judges_and_deletes_it()
    {
        var bucket = await service.NewBucketAsync();
        var policy = DocumentedPolicies.For(DocumentedPolicies.RequireSseS3, bucket);
        await service.S3.PutBucketPolicyAsync(bucket, policy);
        Assert.Equal(policy, (await service.S3.GetBucketPolicyAsync(bucket)).Policy);
        Assert.False((await service.S3.GetBucketPolicyStatusAsync(new() { BucketName = bucket })).PolicyStatus.IsPublic);
        await service.S3.DeleteBucketPolicyAsync(bucket);
        // The SDK makes no exception of this one.
        Assert.Equal(HttpStatusCode.NotFound, (await service.S3.GetBucketPolicyAsync(bucket)).HttpStatusCode);
        var status = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => service.S3.GetBucketPolicyStatusAsync(new() { BucketName = bucket }));
        Assert.Equal("NoSuchBucketPolicy", status.ErrorCode);
    }

    [Theory]
    [InlineData("", "Policies must be valid JSON and the first byte must be '{'")]
    [InlineData("random string", "Policies must be valid JSON and the first byte must be '{'")]
    [InlineData("{}", "Missing required field Statement")]
    [InlineData("""{"Statement":[""", "This policy contains invalid Json")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::another-bucket/*"}]}""",
        "Policy has invalid resource")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetEverything","Resource":"arn:aws:s3:::BUCKET/*"}]}""",
        "Policy has invalid action")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"nobody"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}""",
        "Invalid principal in policy")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user/nobody"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}""",
        "Invalid principal in policy")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET"}]}""",
        "Action does not apply to any resource(s) in statement")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*","Condition":{"Null":{"s3:x-amz-acl":"true"}}}]}""",
        "Conditions do not apply to combination of actions and resources in statement")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}""",
        "Missing required field Principal")]
    public async Task What_is_no_policy_of_the_bucket_is_refused_and_changes_nothing(string policy, string message)
    {
        var bucket = await service.NewBucketAsync(DocumentedPolicies.DenySseC);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, policy.Replace("BUCKET", bucket, StringComparison.Ordinal)))).MustBeError(400, "MalformedPolicy", message);
        Assert.Equal(DocumentedPolicies.For(DocumentedPolicies.DenySseC, bucket), (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).Text);
    }

    [Fact]
    public async Task A_policy_that_is_no_UTF_8_is_refused()
    {
        var bucket = await service.NewBucketAsync();
        var spoilt = Encoding.UTF8.GetBytes(DocumentedPolicies.For(DocumentedPolicies.DenySseC, bucket));
        spoilt[spoilt.AsSpan().IndexOf("Restrict"u8)] = 0xFF;
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, "") with { Body = spoilt })).MustBeError(400, "MalformedPolicy");
    }

    [Fact]
    public async Task A_policy_may_take_20_KiB_and_no_more()
    {
        var bucket = await service.NewBucketAsync();
        var policy = DocumentedPolicies.For(DocumentedPolicies.DenySseC, bucket);
        var largest = policy[..^1] + new string(' ', 20 * 1024 - policy.Length) + "}";
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, largest))).MustBe(HttpStatusCode.NoContent);
        Assert.Equal(largest, (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).Text);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, largest + " "))).MustBeError(400, "MalformedPolicy");
        Assert.Equal(largest, (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).Text);
    }

    [Theory]
    [InlineData("Content-MD5", "BadDigest")]
    [InlineData("x-amz-checksum-sha256", "BadDigest")]
    [InlineData("x-amz-content-sha256", "XAmzContentSHA256Mismatch")]
    public async Task A_policy_that_is_not_the_one_that_was_sent_is_refused(string header, string code)
    {
        var bucket = await service.NewBucketAsync();
        var put = PolicyRequests.PutPolicy(bucket, DocumentedPolicies.For(DocumentedPolicies.DenySseC, bucket));
        Func<byte[], string> digest = header == "Content-MD5" ? body => Convert.ToBase64String(MD5.HashData(body)) : body => Convert.ToBase64String(SHA256.HashData(body));
        RawRequest Of(byte[] described) => header == "x-amz-content-sha256" ? put with { ContentSha256 = SigV4.Hash(described) } : put with { Headers = [(header, digest(described))] };
        (await service.Http.SendAsync(Of("another"u8.ToArray()))).MustBeError(400, code);
        (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).MustBeError(404, "NoSuchBucketPolicy");
        (await service.Http.SendAsync(Of(put.Body))).MustBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("999999999999", 403, "AccessDenied", "Access Denied")]
    [InlineData("somebody", 400, "InvalidBucketOwnerAWSAccountID", "The value of the expected bucket owner parameter must be an AWS Account ID... [somebody]")]
    public async Task A_bucket_of_another_owner_than_the_expected_one_is_left_alone(string owner, int status, string code, string message)
    {
        var bucket = await service.NewBucketAsync(DocumentedPolicies.DenySseC);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
        RawRequest[] requests =
        [
            PolicyRequests.PutPolicy(bucket, "{}"), PolicyRequests.GetPolicy(bucket), PolicyRequests.DeletePolicy(bucket), PolicyRequests.DeletePublicAccessBlock(bucket),
            new("GET", $"/{bucket}") { Query = [("location", "")] }, new("DELETE", $"/{bucket}"),
            RawRequest.Put(bucket, "object", "new"u8.ToArray()), RawRequest.Get(bucket, "object"), RawRequest.Delete(bucket, "object"),
        ];
        foreach (var request in requests)
            (await service.Http.SendAsync(request with { Headers = [("x-amz-expected-bucket-owner", owner)] })).MustBeError(status, code, message);
        (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket) with { Headers = [("x-amz-expected-bucket-owner", TestAccount.Id)] })).MustBe(HttpStatusCode.OK);
        Assert.Empty((await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK).Body);
    }

    [Fact]
    public async Task Nothing_is_known_of_a_bucket_that_is_not_there()
    {
        foreach (var request in new[] { PolicyRequests.PutPolicy("no-such-bucket", "{}"), PolicyRequests.GetPolicy("no-such-bucket"), PolicyRequests.DeletePolicy("no-such-bucket") })
            (await service.Http.SendAsync(request)).MustBeError(404, "NoSuchBucket", "The specified bucket does not exist");
    }

    [Theory]
    [InlineData("POST", "policy")]
    [InlineData("PUT", "policyStatus")]
    [InlineData("HEAD", "publicAccessBlock")]
    public async Task Another_method_does_nothing(string method, string subresource)
    {
        var bucket = await service.NewBucketAsync(DocumentedPolicies.DenySseC);
        (await service.Http.SendAsync(new RawRequest(method, $"/{bucket}") { Query = [(subresource, "")] })).MustBe(HttpStatusCode.MethodNotAllowed);
        (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).MustBe(HttpStatusCode.OK);
    }
}
