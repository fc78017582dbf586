using System.Net;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Story;

namespace Serverless.EndToEnd.Rotation;

/// <summary>A master key version ends: proved unreferenced, destroyed, and named when a backup brings back what was under it. And a KMS key that an object needs outlives its date.</summary>
public sealed class RetirementTests
{
    private const string Bucket = "retirement";

    [Fact]
    public async Task A_version_that_nothing_needs_is_retired_and_what_a_backup_brings_back_names_it()
    {
        await using var world = await StoryWorld.BeginAsync(("Rotation__RewrapSchedule", "*/2 * * * * *"), ("Rotation__RetireAfterDays", "0"));
        (await world.SendAsync(new RawRequest("PUT", $"/{Bucket}"))).MustBe(HttpStatusCode.OK);
        foreach (var key in (string[])["lost", "kept"]) (await world.SendAsync(RawRequest.Put(Bucket, key, "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        var blob = await BlobAsync(world, "lost");
        var backup = (await blob.DownloadContentAsync()).Value;

        var current = (int)(await world.AdminAsync("RotateMasterKey"))["CurrentVersion"]!;
        Assert.Equal(2, current);
        await Eventually.TrueAsync(async () => await VersionAsync(world, 2) is { } version && (int)version["ObjectsFound"]! == 2, "a pass that has found both objects under the new version");
        Assert.Null((await VersionAsync(world, 1))!["Proof"]);
        await world.AdvanceAsync(TimeSpan.FromDays(2));
        await Eventually.TrueAsync(async () => (await VersionAsync(world, 1))!["RetirementDate"] is not null, "the end of version 1", seconds: 60);
        Assert.Equal(["RETIRED", "CURRENT"], (await world.AdminAsync("DescribeMasterKey"))["Versions"]!.AsArray().Select(version => (string?)version!["State"]));

        await blob.UploadAsync(backup.Content, new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = backup.Details.Metadata });
        var refused = await world.SendAsync(RawRequest.Get(Bucket, "lost"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Equal("InvalidObjectState", refused.ErrorCode);
        Assert.Contains("version 1 of the master key, which has been retired", refused.Text, StringComparison.Ordinal);
        (await world.SendAsync(RawRequest.Get(Bucket, "kept"))).MustBe(HttpStatusCode.OK);

        await Eventually.TrueAsync(async () => (int)(await VersionAsync(world, 1))!["ObjectsFound"]! == 1, "a pass that has found the object that came back");
        var listed = await world.AdminAsync("ListKeyObjects", new() { ["KeyId"] = "master", ["KeyVersion"] = 1 });
        Assert.Equal("lost", (string?)Assert.Single(listed["Objects"]!.AsArray())!["Key"]);
        foreach (var name in (string[])["ProveMasterKeyVersionUnreferenced", "RetireMasterKeyVersion"])
            await Eventually.TrueAsync(async () => await RecordedAsync(world, name) == 1, $"{name} on the audit trail");
    }

    [Fact]
    public async Task A_KMS_key_that_an_object_needs_is_kept_until_the_object_is_gone()
    {
        await using var world = await StoryWorld.BeginAsync(
            ("Rotation__RewrapSchedule", "*/2 * * * * *"), ("Keys__Schedule", "1/2 * * * * *"), ("Keys__KeepKeysInUse", "true"));
        (await world.SendAsync(new RawRequest("PUT", $"/{Bucket}"))).MustBe(HttpStatusCode.OK);
        var key = await world.NewKeyAsync();
        (await world.SendAsync(RawRequest.Put(Bucket, "key", "body"u8.ToArray(), ("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-aws-kms-key-id", key))))
            .MustBe(HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => (await ReferencesAsync(world, key)).Count == 1, "a pass that has found the object");
        var scheduled = await world.KmsAsync("ScheduleKeyDeletion", new() { ["KeyId"] = key, ["PendingWindowInDays"] = 7 });
        Assert.Equal((1, Bucket), ((int)scheduled["DependentObjects"]!["Objects"]!, (string?)scheduled["DependentObjects"]!["Buckets"]![0]!["Bucket"]));

        await world.AdvanceAsync(TimeSpan.FromDays(8));
        await Eventually.TrueAsync(async () => await RecordedAsync(world, "DeleteKey") > 0, "the refusal on the audit trail");
        Assert.Equal("PendingDeletion", (string?)(await world.KmsAsync("DescribeKey", new() { ["KeyId"] = key }))["KeyMetadata"]!["KeyState"]);
        Assert.Equal("KMS.KMSInvalidStateException", (await world.SendAsync(RawRequest.Get(Bucket, "key"))).ErrorCode);

        (await world.SendAsync(new RawRequest("DELETE", $"/{Bucket}/key"))).MustBe(HttpStatusCode.NoContent);
        await Eventually.TrueAsync(async () => (await world.AskAsync("kms", "TrentService.DescribeKey", new() { ["KeyId"] = key })).Status == HttpStatusCode.BadRequest, "the key's end", seconds: 60);
    }

    private static async Task<JsonArray> ReferencesAsync(StoryWorld world, string key) => (await world.AdminAsync("GetKeyReferences", new() { ["KeyId"] = key }))["Versions"]!.AsArray();

    private static async Task<JsonNode?> VersionAsync(StoryWorld world, int number) =>
        (await ReferencesAsync(world, "master")).FirstOrDefault(version => (int)version!["KeyVersion"]! == number);

    private static async Task<int> RecordedAsync(StoryWorld world, string name)
    {
        var body = new JsonObject { ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = "EventName", ["AttributeValue"] = name }) };
        var answer = (await world.AskAsync("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", body)).MustBe(HttpStatusCode.OK);
        return JsonNode.Parse(answer.Body)!["Events"]!.AsArray().Count;
    }

    private static async Task<BlobClient> BlobAsync(StoryWorld world, string key)
    {
        var blobs = new BlobServiceClient(world.Storage, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
        await foreach (var container in blobs.GetBlobContainersAsync(prefix: Bucket)) return blobs.GetBlobContainerClient(container.Name).GetBlobClient(key);
        throw new InvalidOperationException("The bucket has no container.");
    }
}
