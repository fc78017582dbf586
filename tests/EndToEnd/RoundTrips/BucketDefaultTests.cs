using System.Net;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.RoundTrips;

/// <summary>What a bucket says of the encryption of what is written into it.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class BucketDefaultTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string KeyId = $"{Sse}-aws-kms-key-id";

    [Theory]
    [InlineData("aws:kms", true)]
    [InlineData("aws:kms", false)]
    [InlineData("aws:kms:dsse", false)]
    public async Task A_default_is_that_of_every_way_of_writing_until_it_is_deleted(string algorithm, bool bucketKey)
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        (await service.Http.SendAsync(RawRequest.Put(bucket, "source", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        await PutDefaultAsync(bucket, new() { ServerSideEncryptionAlgorithm = algorithm, ServerSideEncryptionKeyManagementServiceKeyId = key }, bucketKey);
        var rule = (await service.S3.GetBucketEncryptionAsync(new GetBucketEncryptionRequest { BucketName = bucket })).ServerSideEncryptionConfiguration.ServerSideEncryptionRules.Single();
        Assert.Equal((algorithm, key, bucketKey),
            (rule.ServerSideEncryptionByDefault.ServerSideEncryptionAlgorithm.Value, rule.ServerSideEncryptionByDefault.ServerSideEncryptionKeyManagementServiceKeyId, rule.BucketKeyEnabled ?? false));

        await WriteAllAsync(bucket, algorithm, key, bucketKey ? "true" : null);
        // A request's own choice wins.
        Assert.Equal("AES256", (await service.Http.SendAsync(RawRequest.Put(bucket, "own", "body"u8.ToArray(), (Sse, "AES256")))).MustBe(HttpStatusCode.OK)[Sse]);
        await service.S3.DeleteBucketEncryptionAsync(new() { BucketName = bucket });
        await WriteAllAsync(bucket, "AES256", null, null);
    }

    [Theory]
    [InlineData("fake-key-id", "Invalid keyId 'fake-key-id'")]
    [InlineData("arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "Invalid arn eu-central-1")]
    public async Task A_bad_key_is_taken_and_shows_when_something_is_written(string key, string message)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "source", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        await PutDefaultAsync(bucket, new() { ServerSideEncryptionAlgorithm = "aws:kms", ServerSideEncryptionKeyManagementServiceKeyId = key }, bucketKey: false);
        foreach (var write in new[] { RawRequest.Put(bucket, "put", "body"u8.ToArray()), RawRequest.Copy(bucket, "source", bucket, "copy"), RawUpload.Create(bucket, "upload") })
            (await service.Http.SendAsync(write)).MustBeError(400, "KMS.NotFoundException", message);
        Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, "source"))).MustBe(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task SSE_C_is_blocked_and_let_in_again_by_the_rule_alone_and_what_is_there_is_read()
    {
        var (bucket, key) = (await service.NewBucketAsync(), CustomerKey.New());
        RawRequest[] writes = [RawRequest.Put(bucket, "put", "body"u8.ToArray(), key.Headers), RawRequest.Copy(bucket, "put", bucket, "copy", [.. key.Headers, .. key.CopySourceHeaders]), RawUpload.Create(bucket, "upload", key.Headers)];
        await MustAllBe(HttpStatusCode.OK);
        await PutDefaultAsync(bucket, new() { ServerSideEncryptionAlgorithm = "AES256" }, bucketKey: false, blocked: "SSE-C");
        await MustAllBe(HttpStatusCode.Forbidden);
        Assert.Equal("body", (await service.Https.SendAsync(RawRequest.Get(bucket, "copy", key.Headers))).MustBe(HttpStatusCode.OK).Text);

        // A rule that says nothing of it, and no rule at all, lift nothing.
        await PutDefaultAsync(bucket, new() { ServerSideEncryptionAlgorithm = "aws:kms" }, bucketKey: false);
        await MustAllBe(HttpStatusCode.Forbidden);
        await service.S3.DeleteBucketEncryptionAsync(new() { BucketName = bucket });
        await MustAllBe(HttpStatusCode.Forbidden);
        var shown = (await service.S3.GetBucketEncryptionAsync(new GetBucketEncryptionRequest { BucketName = bucket })).ServerSideEncryptionConfiguration.ServerSideEncryptionRules.Single();
        Assert.Equal(("AES256", "SSE-C"), (shown.ServerSideEncryptionByDefault.ServerSideEncryptionAlgorithm.Value, Assert.Single(shown.BlockedEncryptionTypes.EncryptionType)));

        await PutDefaultAsync(bucket, new() { ServerSideEncryptionAlgorithm = "AES256" }, bucketKey: false, blocked: "NONE");
        await MustAllBe(HttpStatusCode.OK);

        async Task MustAllBe(HttpStatusCode status)
        {
            foreach (var write in writes) Assert.Equal(status, (await service.Https.SendAsync(write)).Status);
        }
    }

    [Fact]
    public async Task A_change_is_on_the_trail_and_so_is_a_refusal()
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        var user = await new QueryApi(service.Http).NewUserAsync("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:GetEncryptionConfiguration"],"Resource":"*"}]}""");
        RawRequest OfEncryption(string method) => new(method, $"/{bucket}") { Query = [("encryption", "")], Signer = user.Signer("s3") };
        (await service.Http.SendAsync(OfEncryption("GET"))).MustBe(HttpStatusCode.OK);
        foreach (var method in (string[])["PUT", "DELETE"]) (await service.Http.SendAsync(OfEncryption(method))).MustBeError(403, "AccessDenied");
        await PutDefaultAsync(bucket, new() { ServerSideEncryptionAlgorithm = "aws:kms", ServerSideEncryptionKeyManagementServiceKeyId = key }, bucketKey: true, blocked: "SSE-C");
        await service.S3.DeleteBucketEncryptionAsync(new() { BucketName = bucket });

        var records = await Eventually.GetAsync(async () => await service.CloudTrail.LookupAsync("ResourceName", $"arn:aws:s3:::{bucket}") is { Count: 5 } found ? found : null, "the five records of the bucket");
        Assert.Equal(["CreateBucket", "PutBucketEncryption AccessDenied", "DeleteBucketEncryption AccessDenied", "PutBucketEncryption", "DeleteBucketEncryption"],
            records.Reverse().Select(record => record["errorCode"] is { } code ? $"{record["eventName"]} {code}" : (string)record["eventName"]!));
        var change = records.Single(record => (string)record["eventName"]! == "PutBucketEncryption" && record["errorCode"] is null);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"Rule":{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"KEY"},"BucketKeyEnabled":true,"BlockedEncryptionTypes":{"EncryptionType":"SSE-C"}}}
            """.Replace("KEY", key, StringComparison.Ordinal)), change["requestParameters"]!["ServerSideEncryptionConfiguration"]), change.ToJsonString());
        Assert.Equal(await user.CallerAsync(), (string)records[^2]["userIdentity"]!["arn"]!);
    }

    private async Task WriteAllAsync(string bucket, string algorithm, string? key, string? bucketKey)
    {
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "upload");
        var part = await upload.PutPartAsync(1, "body"u8.ToArray());
        foreach (var answer in new[]
        {
            await service.Http.SendAsync(RawRequest.Put(bucket, "put", "body"u8.ToArray())), await service.Http.SendAsync(RawRequest.Copy(bucket, "source", bucket, "copy")),
            upload.Begun, await upload.CompleteAsync([part]),
        })
        {
            Assert.Equal((algorithm, key, bucketKey), (answer.MustBe(HttpStatusCode.OK)[Sse], answer[KeyId], answer[$"{Sse}-bucket-key-enabled"]));
        }
        foreach (var written in (string[])["put", "copy", "upload"])
        {
            var got = (await service.Http.SendAsync(RawRequest.Get(bucket, written))).MustBe(HttpStatusCode.OK);
            Assert.Equal((algorithm, key, bucketKey, "body"), (got[Sse], got[KeyId], got[$"{Sse}-bucket-key-enabled"], got.Text));
        }
    }

    private Task<PutBucketEncryptionResponse> PutDefaultAsync(string bucket, ServerSideEncryptionByDefault encryption, bool bucketKey, string? blocked = null) => service.S3.PutBucketEncryptionAsync(new()
    {
        BucketName = bucket,
        ServerSideEncryptionConfiguration = new()
        {
            ServerSideEncryptionRules =
            [
                new() { ServerSideEncryptionByDefault = encryption, BucketKeyEnabled = bucketKey, BlockedEncryptionTypes = blocked is null ? null : new() { EncryptionType = [blocked] } },
            ],
        },
    });
}
