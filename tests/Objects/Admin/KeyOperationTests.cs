using System.Text.Json.Nodes;
using Serverless.Keys;
using Serverless.Keys.Tests;
using Serverless.Objects.Admin;
using Serverless.Objects.Buckets;
using Serverless.Objects.Rotation;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Tests.Rotation;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests.Admin;

/// <summary>What the admin API tells of keys and the objects that need them.</summary>
public sealed class KeyOperationTests : IDisposable
{
    private const string Region = "us-east-1";

    private readonly World world = new();
    private readonly RewrapWorld objects = new();
    private readonly AdminClient client;

    public KeyOperationTests()
    {
        var keys = new AdminKey(objects.Keys, new() { Region = Region, AccountId = World.Account });
        client = new(world, new GetRewrapProgress(objects.Passes), new GetKeyReferences(keys, objects.References, world.MasterStore), new ListKeyObjects(keys, objects.KeyObjects));
    }

    private static string KmsId => VersionedKeys.KmsId.Split('/')[1];

    [Fact]
    public async Task Progress_is_told_while_a_pass_goes_on_and_after_it()
    {
        Assert.Equal("{}", (await client.AnswerAsync("GetRewrapProgress")).ToJsonString());
        await objects.PutAllModesAsync("bucket", 9);
        await objects.Pass().RunAsync(default);
        var told = await client.AnswerAsync("GetRewrapProgress");
        Assert.Equal(("COMPLETE", 9, 0, 0), ((string?)told["State"], (int)told["ObjectsSeen"]!, (int)told["ObjectsLeft"]!, (int)told["ObjectsRewrapped"]!));

        (objects.Keys.MasterVersion, objects.Keys.KmsVersion) = (2, 2);
        objects.Store.BeforeUpdate = _ =>
        {
            objects.Time.Advance(TimeSpan.FromMinutes(3));
            return Task.CompletedTask;
        };
        await objects.Pass().RunAsync(default);
        told = await client.AnswerAsync("GetRewrapProgress");
        Assert.Equal(("RUNNING", 3, 6, 3), ((string?)told["State"], (int)told["ObjectsSeen"]!, (int)told["ObjectsLeft"]!, (int)told["ObjectsRewrapped"]!));
        Assert.Equal(1080, (int)told["SecondsLeft"]!);
        Assert.Null(told["CompletionDate"]);
    }

    [Fact]
    public async Task References_are_told_by_version_and_bucket_with_the_proofs_of_versions()
    {
        Assert.Equal("""{"Versions":[]}""", (await client.AnswerAsync("GetKeyReferences", """{"KeyId": "master"}""")).ToJsonString());
        await objects.PutAllModesAsync("one", 4);
        await objects.PutAllModesAsync("two", 1);
        (objects.Keys.MasterVersion, objects.Keys.KmsVersion) = (2, 2);
        await objects.Pass().RunAsync(default);
        var proof = new UnreferencedProof(Guid.NewGuid(), world.Time.GetUtcNow(), world.Time.GetUtcNow(), 5);
        await world.MasterStore.TryCreateVersionAsync(new(1, Guid.NewGuid(), [], world.Time.GetUtcNow()) { Proof = proof, RetiredAt = world.Time.GetUtcNow() }, default);

        var told = await client.AnswerAsync("GetKeyReferences", """{"KeyId": "master"}""");
        Assert.Equal(5, (int)told["Pass"]!["ObjectsSeen"]!);
        var (first, second) = (told["Versions"]![0]!, told["Versions"]![1]!);
        Assert.Equal((1, 3, 0, proof.PassId.ToString()), ((int)first["KeyVersion"]!, (int)first["ObjectsFound"]!, (int)first["ObjectsLeft"]!, (string?)first["Proof"]!["PassId"]));
        Assert.NotNull(first["RetirementDate"]);
        Assert.Equal("""[{"Bucket":"one","ObjectsFound":2,"ObjectsLeft":0},{"Bucket":"two","ObjectsFound":1,"ObjectsLeft":0}]""", first["Buckets"]!.ToJsonString());
        Assert.Equal((2, 0, 3, null), ((int)second["KeyVersion"]!, (int)second["ObjectsFound"]!, (int)second["ObjectsLeft"]!, second["Proof"]));

        foreach (var name in (string[])[KmsId, $"arn:aws:kms:{Region}:{World.Account}:key/{KmsId}"])
        {
            told = await client.AnswerAsync("GetKeyReferences", new JsonObject { ["KeyId"] = name }.ToJsonString());
            Assert.Equal([(1, 3), (2, 0)], told["Versions"]!.AsArray().Select(version => ((int)version!["KeyVersion"]!, (int)version["ObjectsFound"]!)));
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(2)]
    public async Task The_objects_of_a_key_are_listed_as_they_are_now_page_by_page(int maxResults)
    {
        await objects.PutAllModesAsync("a", 4);
        var b = await objects.NewVersionedBucketAsync("b");
        await objects.PutAsync(b, "current", EncryptionMode.S3);
        var archived = objects.Versions.Copies.NewName(VersionRank.Of(objects.Time.GetUtcNow(), new byte[16]));
        await objects.PutAsync(b.At("archived") with { Archived = archived }, EncryptionMode.S3);
        await objects.PutAsync(b, "other", EncryptionMode.Kms);
        var upload = (await objects.BeginAsync(b, EncryptionMode.S3)).Upload;
        objects.Keys.MasterVersion = 2;
        await objects.PutAsync(b, "newer", EncryptionMode.S3);

        Assert.Equal(
            ["a/key0 DATA_KEY:1", "a/key2 OUTER_KEY:1", $"b/archived DATA_KEY:1 {archived.Rank}", "b/current DATA_KEY:1", "b/newer DATA_KEY:2", $"b/upload DATA_KEY:1 {upload.Id.Text}"],
            await ListAsync(maxResults, "master"));
        Assert.Equal(["b/newer DATA_KEY:2"], await ListAsync(maxResults, "master", version: 2));
        Assert.Equal(["a/key0 DATA_KEY:1", "a/key2 OUTER_KEY:1"], await ListAsync(maxResults, "master", bucket: "a"));
        Assert.Equal(["a/key1 DATA_KEY:1", "a/key2 DATA_KEY:1", "a/key3 BUCKET_KEY:1", "b/other DATA_KEY:1"], await ListAsync(maxResults, KmsId));
        Assert.Empty(await ListAsync(maxResults, KmsId, version: 7));
        Assert.Empty(await ListAsync(maxResults, "master", bucket: "missing"));
    }

    [Fact]
    public async Task What_names_no_key_or_no_place_in_the_list_is_refused()
    {
        await objects.PutAllModesAsync("a", 4);
        await client.RefusalAsync(400, "ValidationException", "GetKeyReferences");
        await client.RefusalAsync(400, "NotFoundException", "GetKeyReferences", """{"KeyId": "alias/missing"}""");
        await client.RefusalAsync(400, "NotFoundException", "ListKeyObjects", """{"KeyId": "arn:aws:kms:us-east-1:999999999999:key/11111111-2222-4333-8444-555555555555"}""");
        await client.RefusalAsync(400, "ValidationException", "ListKeyObjects", """{"KeyId": "master", "MaxResults": 1001}""");
        await client.RefusalAsync(400, "ValidationException", "ListKeyObjects", """{"KeyId": "master", "KeyVersion": 0}""");
        await client.RefusalAsync(400, "ValidationException", "ListKeyObjects", """{"KeyId": "master", "NextToken": "AAAA"}""");
        var page = await client.AnswerAsync("ListKeyObjects", """{"KeyId": "master", "MaxResults": 1}""");
        var of = new JsonObject { ["KeyId"] = KmsId, ["NextToken"] = (string)page["NextToken"]! };
        await client.RefusalAsync(400, "ValidationException", "ListKeyObjects", of.ToJsonString());
    }

    public void Dispose() => world.Dispose();

    private async Task<List<string>> ListAsync(int maxResults, string key, int? version = null, string? bucket = null)
    {
        var found = new List<string>();
        string? token = null;
        do
        {
            var page = await client.AnswerAsync("ListKeyObjects", new JsonObject { ["KeyId"] = key, ["KeyVersion"] = version, ["Bucket"] = bucket, ["MaxResults"] = maxResults, ["NextToken"] = token }.ToJsonString());
            Assert.True(page["Objects"]!.AsArray().Count <= maxResults);
            foreach (var listed in page["Objects"]!.AsArray())
            {
                var wraps = string.Join(", ", listed!["Wraps"]!.AsArray().Select(wrap => $"{wrap!["Kind"]}:{wrap["KeyVersion"]}"));
                var id = (string?)listed["UploadId"] ?? ((string?)listed["Key"] == "archived" ? (string?)listed["VersionId"] : null);
                found.Add($"{listed["Bucket"]}/{listed["Key"]} {wraps} {id}".TrimEnd());
            }
            token = (string?)page["NextToken"];
        }
        while (token is not null);
        return [.. found.Order(StringComparer.Ordinal)];
    }
}
