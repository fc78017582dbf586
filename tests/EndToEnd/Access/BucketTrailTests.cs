using System.Net;
using System.Text.Json.Nodes;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>Who changed a bucket, and who was not let to, is found by LookupEvents.</summary>
[Collection(AccessCollection.Name)]
public sealed class BucketTrailTests(ServiceFixture service)
{
    [Fact]
    public async Task A_buckets_life_and_the_changes_of_who_may_do_what_are_found_by_the_bucket()
    {
        var bucket = await service.NewBucketAsync();
        var policy = DocumentedPolicies.For(DocumentedPolicies.DenySseC, bucket);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, policy))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(PolicyRequests.DeletePublicAccessBlock(bucket))).MustBe(HttpStatusCode.NoContent);
        await service.S3.PutPublicAccessBlockAsync(new() { BucketName = bucket, PublicAccessBlockConfiguration = new() { RestrictPublicBuckets = true } });
        var deletion = (await service.Http.SendAsync(PolicyRequests.DeletePolicy(bucket))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(new RawRequest("DELETE", $"/{bucket}"))).MustBeError(409, "BucketNotEmpty");
        (await service.Http.SendAsync(RawRequest.Delete(bucket, "object"))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(new RawRequest("DELETE", $"/{bucket}"))).MustBe(HttpStatusCode.NoContent);

        var records = await FindAsync(bucket, count: 7);
        Assert.Equal(["CreateBucket", "PutBucketPolicy", "DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock", "DeleteBucketPolicy", "DeleteBucket BucketNotEmpty", "DeleteBucket"],
            records.Select(record => record["errorCode"] is { } code ? $"{record["eventName"]} {code}" : (string)record["eventName"]!));
        Assert.All(records, record => Assert.Equal(("s3.amazonaws.com", "Root", TestAccount.AccessKeyId, TestAccount.Region, "127.0.0.1", bucket), (
            (string)record["eventSource"]!, (string)record["userIdentity"]!["type"]!, (string)record["userIdentity"]!["accessKeyId"]!, (string)record["awsRegion"]!,
            (string)record["sourceIPAddress"]!, (string)record["requestParameters"]!["bucketName"]!)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(policy), records[1]["requestParameters"]!["bucketPolicy"]));
        Assert.True((bool)records[3]["requestParameters"]!["PublicAccessBlockConfiguration"]!["RestrictPublicBuckets"]!);
        Assert.Equal(deletion["x-amz-request-id"], (string)records[4]["requestID"]!);
        Assert.All(records, record => Assert.Equal(("AWS::S3::Bucket", $"arn:aws:s3:::{bucket}"),
            ((string)record["resources"]![0]!["type"]!, (string)record["resources"]![0]!["ARN"]!)));
    }

    [Fact]
    public async Task Tags_ACLs_and_ownership_are_changes_too()
    {
        var bucket = $"tagged-{Guid.NewGuid():N}";
        await service.S3.PutBucketAsync(new PutBucketRequest { BucketName = bucket, PutBucketConfiguration = new() { Tags = [new() { Key = "team", Value = "red" }] } });
        await service.S3.PutBucketTaggingAsync(bucket, [new() { Key = "team", Value = "blue" }]);
        await service.S3.DeleteBucketTaggingAsync(bucket);
        (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}") { Query = [("acl", "")], Headers = [("x-amz-acl", "public-read")] })).MustBeError(400, "AccessControlListNotSupported");
        (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}") { Query = [("acl", "")], Headers = [("x-amz-acl", "private")] })).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(new RawRequest("DELETE", $"/{bucket}") { Query = [("ownershipControls", "")] })).MustBe(HttpStatusCode.NoContent);

        var records = await FindAsync(bucket, count: 6);
        Assert.Equal(["CreateBucket", "PutBucketTagging", "DeleteBucketTagging", "PutBucketAcl AccessControlListNotSupported", "PutBucketAcl", "DeleteBucketOwnershipControls"],
            records.Select(record => record["errorCode"] is { } code ? $"{record["eventName"]} {code}" : (string)record["eventName"]!));
        Assert.Equal("""{"Tags":[{"Key":"team","Value":"red"}]}""", records[0]["requestParameters"]!["CreateBucketConfiguration"]!.ToJsonString());
        Assert.Equal("""{"TagSet":{"Tag":[{"Key":"team","Value":"blue"}]}}""", records[1]["requestParameters"]!["Tagging"]!.ToJsonString());
    }

    [Fact]
    public async Task Refusals_are_found_with_their_reason_but_for_the_anonymous()
    {
        var bucket = await service.NewBucketAsync();
        var user = await new QueryApi(service.Http).NewUserAsync();
        var publicPolicy = DocumentedPolicies.For(DocumentedPolicies.PublicRead, bucket);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, "{}"))).MustBeError(400, "MalformedPolicy");
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, publicPolicy))).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(PolicyRequests.DeletePublicAccessBlock(bucket) with { Anonymous = true })).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(PolicyRequests.DeletePublicAccessBlock(bucket) with { Signer = user.Signer("s3") })).MustBeError(403, "AccessDenied");

        var records = await FindAsync(bucket, count: 4);
        var arn = await user.CallerAsync();
        Assert.Equal(
        [
            ("CreateBucket", null, null),
            ("PutBucketPolicy", "MalformedPolicy", "Missing required field Statement"),
            ("PutBucketPolicy", "AccessDenied", $"User: arn:aws:iam::{TestAccount.Id}:root is not authorized to perform: s3:PutBucketPolicy on resource: "
                + $"\"arn:aws:s3:::{bucket}\" because public policies are blocked by the BlockPublicPolicy block public access setting."),
            ("DeleteBucketPublicAccessBlock", "AccessDenied", $"User: {arn} is not authorized to perform: s3:PutBucketPublicAccessBlock on resource: "
                + $"\"arn:aws:s3:::{bucket}\" because no identity-based policy allows the s3:PutBucketPublicAccessBlock action"),
        ], records.Select(record => ((string)record["eventName"]!, (string?)record["errorCode"], (string?)record["errorMessage"])));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(publicPolicy), records[2]["requestParameters"]!["bucketPolicy"]));
        Assert.Equal(("IAMUser", arn), ((string)records[3]["userIdentity"]!["type"]!, (string)records[3]["userIdentity"]!["arn"]!));
    }

    /// <summary>The bucket's records, oldest first, once there are that many and another bucket's, made behind them, is there too.</summary>
    private async Task<IReadOnlyList<JsonObject>> FindAsync(string bucket, int count)
    {
        var fence = await service.NewBucketAsync();
        foreach (var (name, least) in new[] { (bucket, count), (fence, 1) })
            await Eventually.TrueAsync(async () => (await LookupAsync(name)).Count >= least, $"{least} records of {name}");
        var records = await LookupAsync(bucket);
        Assert.Equal(count, records.Count);
        return [.. records.Reverse()];
    }

    private Task<IReadOnlyList<JsonObject>> LookupAsync(string bucket) => service.CloudTrail.LookupAsync("ResourceName", $"arn:aws:s3:::{bucket}");
}
