using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>A policy's deny holds for everybody, the account's root included, in every form of a request; root can always mend the policy.</summary>
[Collection(AccessCollection.Name)]
public sealed class DenialTests(ServiceFixture service)
{
    private const string ByPolicy = "with an explicit deny in a resource-based policy";
    private static readonly string Root = $"arn:aws:iam::{TestAccount.Id}:root";

    [Fact]
    public async Task Root_that_locked_itself_out_gets_nothing_but_the_policy()
    {
        var bucket = await service.NewBucketAsync(PolicyRequests.Policy("Deny", "s3:*", "", "arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/*"));
        var (bucketArn, objectArn) = ($"arn:aws:s3:::{bucket}", $"arn:aws:s3:::{bucket}/object");
        (RawRequest, string, string)[] denied =
        [
            (RawRequest.Put(bucket, "object", "body"u8.ToArray()), "s3:PutObject", objectArn),
            (RawRequest.Get(bucket, "object"), "s3:GetObject", objectArn),
            (RawRequest.Get(bucket, "object") with { Query = [("versionId", "null")] }, "s3:GetObjectVersion", objectArn),
            (RawRequest.Delete(bucket, "object"), "s3:DeleteObject", objectArn),
            (new("DELETE", $"/{bucket}"), "s3:DeleteBucket", bucketArn),
            (new("GET", $"/{bucket}") { Query = [("location", "")] }, "s3:GetBucketLocation", bucketArn),
            (new("GET", $"/{bucket}") { Query = [("policyStatus", "")] }, "s3:GetBucketPolicyStatus", bucketArn),
            (new("GET", $"/{bucket}") { Query = [("publicAccessBlock", "")] }, "s3:GetBucketPublicAccessBlock", bucketArn),
            (new("PUT", $"/{bucket}") { Query = [("publicAccessBlock", "")] }, "s3:PutBucketPublicAccessBlock", bucketArn),
            (PolicyRequests.DeletePublicAccessBlock(bucket), "s3:PutBucketPublicAccessBlock", bucketArn),
        ];
        foreach (var (request, action, resource) in denied) (await service.Http.SendAsync(request)).MustBeDenied(action, resource, ByPolicy);
        foreach (var head in new[] { RawRequest.Head(bucket, "object"), new RawRequest("HEAD", $"/{bucket}") })
            Assert.Empty((await service.Http.SendAsync(head)).MustBe(HttpStatusCode.Forbidden).Body);

        Assert.Contains("Deny", (await service.Http.SendAsync(PolicyRequests.GetPolicy(bucket))).MustBe(HttpStatusCode.OK).Text, StringComparison.Ordinal);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, DocumentedPolicies.For(PolicyRequests.Policy("Deny", "s3:PutObject"), bucket))))
            .MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBeDenied("s3:PutObject", objectArn, ByPolicy);
        (await service.Http.SendAsync(PolicyRequests.DeletePolicy(bucket))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_documented_policy_that_requires_TLS_denies_every_request_without_it()
    {
        var bucket = await service.NewBucketAsync(DocumentedPolicies.RequireTls);
        var (put, get) = (RawRequest.Put(bucket, "object", "body"u8.ToArray()), RawRequest.Get(bucket, "object"));
        (await service.Https.SendAsync(put)).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await service.Https.SendAsync(get)).MustBe(HttpStatusCode.OK).Text);
        (await service.Http.SendAsync(put)).MustBeDenied("s3:PutObject", $"arn:aws:s3:::{bucket}/object", ByPolicy);
        (await service.Http.SendAsync(get)).MustBeDenied("s3:GetObject", $"arn:aws:s3:::{bucket}/object", ByPolicy);
        (await service.Http.SendAsync(get with { PresignedSeconds = 60 })).MustBeDenied("s3:GetObject", $"arn:aws:s3:::{bucket}/object", ByPolicy);
        // A header that only a front end may write makes no TLS.
        (await service.Http.SendAsync(get with { UnsignedHeaders = [("X-Forwarded-Proto", "https")] })).MustBeError(403, "AccessDenied");
    }

    [Fact]
    public async Task The_TLS_version_is_known_where_TLS_ends_here()
    {
        var bucket = await service.NewBucketAsync(PolicyRequests.Policy("Deny", "s3:GetObject", """
            "NumericGreaterThanEquals":{"s3:TlsVersion":"1.2"}
            """));
        (await service.Https.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
        (await service.Https.SendAsync(RawRequest.Get(bucket, "object"))).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task NotPrincipal_denies_everybody_else()
    {
        var bucket = await service.NewBucketAsync($$"""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Deny","NotPrincipal":{"AWS":"{{Root}}"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*"},
              {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::amzn-s3-demo-bucket/*"}]}
            """, open: true);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object") with { Anonymous = true })).MustBeError(403, "AccessDenied", "Access Denied");
    }

    [Theory]
    [InlineData("REST-HEADER")]
    [InlineData("REST-QUERY-STRING")]
    public async Task A_way_to_sign_can_be_denied(string denied)
    {
        var bucket = await service.NewBucketAsync(PolicyRequests.Policy("Deny", "s3:GetObject", $$"""
            "StringEquals":{"s3:authType":"{{denied}}","s3:signatureversion":"AWS4-HMAC-SHA256"}
            """));
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
        foreach (var (type, request) in new[] { ("REST-HEADER", RawRequest.Get(bucket, "object")), ("REST-QUERY-STRING", RawRequest.Get(bucket, "object") with { PresignedSeconds = 60 }) })
            (await service.Http.SendAsync(request)).MustBe(type == denied ? HttpStatusCode.Forbidden : HttpStatusCode.OK);
    }

    [Fact]
    public async Task Presigned_URLs_that_are_too_old_for_the_bucket_are_denied()
    {
        var bucket = await service.NewBucketAsync(PolicyRequests.Policy("Deny", "s3:GetObject", """
            "NumericGreaterThan":{"s3:signatureAge":"600000"}
            """));
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
        var presigned = RawRequest.Get(bucket, "object") with { PresignedSeconds = 3600 };
        (await service.Http.SendAsync(presigned)).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(presigned with { Signer = presigned.Signer with { Time = DateTimeOffset.UtcNow.AddMinutes(-11) } }))
            .MustBeDenied("s3:GetObject", $"arn:aws:s3:::{bucket}/object", ByPolicy);
    }

    [Fact]
    public async Task Conditional_writes_can_be_required()
    {
        var bucket = await service.NewBucketAsync(DocumentedPolicies.RequireIfNoneMatch);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBeDenied("s3:PutObject", $"arn:aws:s3:::{bucket}/object", ByPolicy);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", [], ("If-None-Match", "*")))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Whoever_names_an_ETag_must_be_allowed_to_read()
    {
        var bucket = await service.NewBucketAsync(PolicyRequests.Policy("Deny", "s3:GetObject"));
        var etag = (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK)["etag"]!;
        foreach (var request in new[] { RawRequest.Put(bucket, "object", [], ("If-Match", etag)), RawRequest.Delete(bucket, "object", ("If-Match", etag)) })
            (await service.Http.SendAsync(request)).MustBeDenied("s3:GetObject", $"arn:aws:s3:::{bucket}/object", ByPolicy);
        (await service.Http.SendAsync(RawRequest.Delete(bucket, "object", ("If-Match", "*")))).MustBe(HttpStatusCode.NoContent);
    }

    /// <summary>A client that waits to be told to go on is not told, and one that is sending is read to the end.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_denied_upload_is_answered_without_its_body_being_taken(bool expectContinue)
    {
        var bucket = await service.NewBucketAsync(PolicyRequests.Policy("Deny", "s3:PutObject"));
        var put = RawRequest.Put(bucket, "object", TestData.Bytes(9 * TestData.Mebibyte)) with { ExpectContinue = expectContinue };
        (await service.Http.SendAsync(put)).MustBeDenied("s3:PutObject", $"arn:aws:s3:::{bucket}/object", ByPolicy);
        // Not even a body that is not what was signed is looked at.
        (await service.Http.SendAsync(put with { ContentSha256 = new string('0', 64) })).MustBeError(403, "AccessDenied");
    }
}
