using System.Net;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Keys;

/// <summary>With a bucket key a principal's requests use the KMS key once, and the trail still names every object.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class BucketKeyTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const int Objects = 12;

    [Fact]
    public async Task Many_objects_use_the_key_once_and_each_is_on_the_trail()
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        for (var i = 0; i < Objects; i++) (await service.Http.SendAsync(Put(bucket, key, i))).MustBe(HttpStatusCode.OK);
        for (var i = 0; i < Objects; i++) Assert.Equal($"body {i}", (await service.Http.SendAsync(RawRequest.Get(bucket, $"object-{i}"))).MustBe(HttpStatusCode.OK).Text);

        var uses = await UsesAsync(key, 2 * Objects);
        foreach (var (ofTheKey, ofTheBucketKey) in new[] { ("GenerateDataKey", "EncryptUnderBucketKey"), ("Decrypt", "DecryptUnderBucketKey") })
        {
            var once = Assert.Single(uses, record => (string)record["eventName"]! == ofTheKey);
            Assert.Equal("kms.amazonaws.com", (string)once["eventSource"]!);
            var others = uses.Where(record => (string)record["eventName"]! == ofTheBucketKey).ToList();
            Assert.All(others, record => Assert.Equal("s3.amazonaws.com", (string)record["eventSource"]!));
            Assert.All(others.Append(once), record => Assert.Equal($"arn:aws:s3:::{bucket}", (string)record["requestParameters"]!["encryptionContext"]!["aws:s3:arn"]!));
            Assert.Equal(Enumerable.Range(0, Objects).Select(i => $"arn:aws:s3:::{bucket}/object-{i}").Order(StringComparer.Ordinal),
                others.Append(once).Select(ObjectOf).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_disabled_key_stops_them_at_once()
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        for (var i = 0; i < 2; i++) (await service.Http.SendAsync(Put(bucket, key, i))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object-0"))).MustBe(HttpStatusCode.OK);
        await service.Kms.DisableKeyAsync(key);
        (await service.Http.SendAsync(Put(bucket, key, 2))).MustBeError(400, "KMS.DisabledException", $"{key} is disabled.");
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object-0"))).MustBeError(400, "KMS.DisabledException", $"{key} is disabled.");
        await service.Kms.EnableKeyAsync(key);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object-0"))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Another_principal_uses_the_key_anew()
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        var user = await new QueryApi(service.Http).NewUserAsync("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","kms:GenerateDataKey"],"Resource":"*"}]}""");
        for (var i = 0; i < 3; i++) (await service.Http.SendAsync(Put(bucket, key, i))).MustBe(HttpStatusCode.OK);
        for (var i = 3; i < 6; i++) (await service.Http.SendAsync(Put(bucket, key, i) with { Signer = user.Signer("s3") })).MustBe(HttpStatusCode.OK);

        var made = (await UsesAsync(key, 6)).Where(record => (string)record["eventName"]! == "GenerateDataKey").ToList();
        Assert.Equal(["IAMUser", "Root"], made.Select(record => (string)record["userIdentity"]!["type"]!).Order(StringComparer.Ordinal));
    }

    private static RawRequest Put(string bucket, string key, int i) => RawRequest.Put(
        bucket, $"object-{i}", System.Text.Encoding.UTF8.GetBytes($"body {i}"), (Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", key), ($"{Sse}-bucket-key-enabled", "true"));

    private static string ObjectOf(JsonObject record) =>
        (string)record["resources"]!.AsArray().Single(resource => (string)resource!["type"]! == "AWS::S3::Object")!["ARN"]!;

    /// <summary>The key's uses once there are that many, and a record that was made behind them is there, too: so no more will come.</summary>
    private async Task<IReadOnlyList<JsonObject>> UsesAsync(string key, int count)
    {
        var fence = await service.NewKeyAsync();
        await Eventually.TrueAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", fence)).Count > 0, "the record behind them");
        var uses = await Eventually.GetAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", key))
            .Where(record => (string)record["eventName"]! != "CreateKey").ToList() is { } found && found.Count >= count ? found : null, $"{count} uses of the key");
        Assert.Equal(count, uses.Count);
        return uses;
    }
}
