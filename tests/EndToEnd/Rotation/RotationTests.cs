using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Stored;
using Serverless.EndToEnd.Versions;
using Serverless.Keys.Tests;
using Serverless.Storage;

namespace Serverless.EndToEnd.Rotation;

/// <summary>The timers rotate the master key and re-wrap what was written before; a reader notices nothing.</summary>
public sealed class RotationTests(RotationTests.RotatingService service) : IClassFixture<RotationTests.RotatingService>
{
    private const string Sse = "x-amz-server-side-encryption";

    [Fact]
    public async Task Objects_stay_as_they_are_while_the_master_key_is_rotated_and_their_keys_are_wrapped_anew()
    {
        var bucket = await service.NewBucketAsync();
        var bodies = new Dictionary<string, byte[]>
        {
            ["small"] = TestData.Bytes(50_000, seed: 1),
            ["empty"] = [],
            ["staged"] = TestData.Bytes(9 * TestData.Mebibyte, seed: 2),
            ["double"] = TestData.Bytes(50_000, seed: 3),
        };
        foreach (var (key, body) in bodies)
            (await service.Http.SendAsync(RawRequest.Put(bucket, key, body, (Sse, key == "double" ? "aws:kms:dsse" : "AES256")))).MustBe(HttpStatusCode.OK);
        var before = await ReadAllAsync(bucket, bodies.Keys);
        var data = await before["staged"].Blob.ReadDataAsync(service);
        var rounds = 0;
        await Eventually.TrueAsync(async () =>
        {
            // Each look is a read, too: before, during and after.
            foreach (var (key, body) in bodies)
            {
                var got = (await service.Http.SendAsync(RawRequest.Get(bucket, key))).MustBe(HttpStatusCode.OK);
                Assert.True(body.AsSpan().SequenceEqual(got.Body), key);
                Assert.Equal((before[key].Answer["etag"], before[key].Answer["last-modified"]), (got["etag"], got["last-modified"]));
            }
            rounds++;
            var now = await ReadAllAsync(bucket, bodies.Keys);
            return now.All(entry => MasterVersion(entry.Value.Blob) >= MasterVersion(before[entry.Key].Blob) + 2);
        }, "two rotations of the master key, and every object's data key under the later version", seconds: 60);
        Assert.True(rounds > 1);

        foreach (var (key, after) in await ReadAllAsync(bucket, bodies.Keys))
        {
            // Only the wrapped key is another: the data have not moved.
            Assert.Equal(before[key].Blob.Content, after.Blob.Content);
            Assert.Equal(before[key].Blob.Metadata[StoredBlob.DescriptionEntry], after.Blob.Metadata[StoredBlob.DescriptionEntry]);
            Assert.Equal(before[key].Blob.Metadata[StoredBlob.InnerStream], after.Blob.Metadata[StoredBlob.InnerStream]);
            Assert.NotEqual(WrappedByMaster(before[key].Blob), WrappedByMaster(after.Blob));
        }
        var moved = await before["staged"].Blob.ReadDataAsync(service);
        Assert.True(data.Content.AsSpan().SequenceEqual(moved.Content));

        var rotations = await Eventually.GetAsync(async () => await service.CloudTrail.LookupAsync("EventName", "RotateMasterKey") is { Count: > 1 } found ? found : null, "the rotations on the audit trail");
        Assert.All(rotations, record => Assert.Equal("AwsServiceEvent", (string)record["eventType"]!));
    }

    /// <summary>A part before, between and after rotations; and the object that they become goes on being wrapped anew.</summary>
    [Fact]
    public async Task Uploads_go_on_while_the_master_key_is_rotated_and_their_keys_are_wrapped_anew()
    {
        var (bucket, large, key) = (await service.NewBucketAsync(), TestData.Bytes(5 * TestData.Mebibyte, seed: 4), CustomerKey.New());
        var body = (byte[])[.. large, .. large, .. "last"u8];
        var uploads = new List<(RawUpload Upload, List<(int, string)> Parts, (string, string)[] KeyHeaders)>();
        foreach (var (mode, headers, keyHeaders) in new (string, (string, string)[], (string, string)[])[]
            { ("s3", [(Sse, "AES256")], []), ("double", [(Sse, "aws:kms:dsse")], []), ("customer", key.Headers, key.Headers) })
        {
            var upload = await RawUpload.BeginAsync(service.Https, bucket, mode, headers, keyHeaders);
            uploads.Add((upload, [await upload.PutPartAsync(1, large)], keyHeaders));
        }
        foreach (var (number, part) in new[] { (2, large), (3, "last"u8.ToArray()) })
        {
            var before = await VersionsAsync();
            await Eventually.TrueAsync(async () => (await VersionsAsync()).All(now => now.Value > before[now.Key]), "the uploads' keys under a later version", seconds: 60);
            foreach (var (upload, parts, _) in uploads) parts.Add(await upload.PutPartAsync(number, part));
        }
        foreach (var (upload, parts, _) in uploads) (await upload.CompleteAsync(parts)).MustBe(HttpStatusCode.OK);

        var completed = await ReadAllAsync(bucket, ["s3", "double"]);
        var manifest = Version((await StoredBlob.ReadAsync(service, bucket, "customer")).Metadata["manifestkey"]);
        await Eventually.TrueAsync(async () =>
        {
            foreach (var (upload, _, keyHeaders) in uploads)
                Assert.True((await service.Https.SendAsync(RawRequest.Get(bucket, upload.Key, keyHeaders))).MustBe(HttpStatusCode.OK).Body.AsSpan().SequenceEqual(body), upload.Key);
            return (await ReadAllAsync(bucket, completed.Keys)).All(now => MasterVersion(now.Value.Blob) > MasterVersion(completed[now.Key].Blob))
                && Version((await StoredBlob.ReadAsync(service, bucket, "customer")).Metadata["manifestkey"]) > manifest;
        }, "the objects' keys under a later version", seconds: 60);

        // Of each upload the key that the master key wraps.
        async Task<Dictionary<string, uint>> VersionsAsync()
        {
            var versions = new Dictionary<string, uint>();
            await foreach (var row in new TableServiceClient(service.Storage).GetTableClient(TableUploadStore.TableName).QueryAsync<TableEntity>())
            {
                if (row.GetString("BucketName") != bucket) continue;
                var stored = JsonNode.Parse(row.GetString("Stored"))!;
                versions[row.RowKey] = Version((string)(stored["manifestkey"] ?? stored["outerkey"] ?? stored["key"])!);
            }
            Assert.Equal(uploads.Count, versions.Count);
            return versions;
        }
    }

    /// <summary>Those that are archived, and one of them that becomes current again.</summary>
    [Fact]
    public async Task Versions_stay_as_they_are_while_the_master_key_is_rotated_and_their_keys_are_wrapped_anew()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var bodies = new List<(string Id, byte[] Body, string? LastModified)>();
        foreach (var (i, mode) in ((string[])["AES256", "aws:kms:dsse", "AES256", "AES256"]).Index())
        {
            var body = TestData.Bytes(i == 2 ? 9 * TestData.Mebibyte : 20_000, seed: 10 + i);
            var id = (await service.Http.SendAsync(RawRequest.Put(bucket, "key", body, (Sse, mode)))).MustBe(HttpStatusCode.OK)["x-amz-version-id"]!;
            bodies.Add((id, body, (await service.Http.SendAsync(RawRequest.Head(bucket, "key")))["last-modified"]));
        }
        for (var round = 0; round < 2; round++)
        {
            var before = await VersionsAsync();
            Assert.Equal(3 - round, before.Count);
            await Eventually.TrueAsync(async () => await VersionsAsync() is var now && before.All(version => now[version.Key] > version.Value), "every archived version's data key under a later version", seconds: 60);
            foreach (var (id, body, lastModified) in bodies)
            {
                var got = (await service.Http.SendAsync(VersioningTests.WithVersion(RawRequest.Get(bucket, "key"), id))).MustBe(HttpStatusCode.OK);
                Assert.True(body.AsSpan().SequenceEqual(got.Body));
                Assert.Equal(lastModified, got["last-modified"]);
            }
            (await service.Http.SendAsync(VersioningTests.WithVersion(RawRequest.Delete(bucket, "key"), bodies[^1].Id))).MustBe(HttpStatusCode.NoContent);
            bodies.RemoveAt(bodies.Count - 1);
            var current = MasterVersion(await StoredBlob.ReadAsync(service, bucket, "key"));
            await Eventually.TrueAsync(async () => MasterVersion(await StoredBlob.ReadAsync(service, bucket, "key")) > current, "the version that became current under a later version", seconds: 60);
        }

        // Of each archived version that is not current, too, the master key's version.
        async Task<Dictionary<string, uint>> VersionsAsync()
        {
            var current = (await service.Http.SendAsync(RawRequest.Head(bucket, "key")))["x-amz-version-id"]!;
            var versions = new Dictionary<string, uint>();
            var archive = service.Blobs.GetBlobContainers(prefix: bucket).Single(container => container.Name.EndsWith("-v", StringComparison.Ordinal)).Name;
            await foreach (var blob in service.Blobs.GetBlobContainerClient(archive).GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata }))
            {
                if (blob.Metadata.TryGetValue("key", out var key) && !blob.Name.Contains(current, StringComparison.Ordinal))
                    versions[blob.Name] = Version(blob.Metadata.TryGetValue("outerkey", out var outer) ? outer : key);
            }
            return versions;
        }
    }

    [Fact]
    public async Task Objects_under_a_rotated_KMS_key_are_brought_under_its_new_version()
    {
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        (string, string)[] kms = [(Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", arn)];
        foreach (var (key, headers) in new[] { ("plain", kms), ("bucket-key", [.. kms, ($"{Sse}-bucket-key-enabled", "true")]) })
            (await service.Http.SendAsync(RawRequest.Put(bucket, key, TestData.Bytes(1000), headers))).MustBe(HttpStatusCode.OK);
        var before = await ReadAllAsync(bucket, ["plain", "bucket-key"]);
        var old = (Plain: Version(before["plain"].Blob.Metadata["key"]), BucketKey: Version(before["bucket-key"].Blob.Metadata["bucketkey"]));

        await service.Kms.RotateKeyOnDemandAsync(new() { KeyId = arn });
        await Eventually.TrueAsync(async () =>
        {
            var now = await ReadAllAsync(bucket, ["plain", "bucket-key"]);
            return Version(now["plain"].Blob.Metadata["key"]) > old.Plain && Version(now["bucket-key"].Blob.Metadata["bucketkey"]) > old.BucketKey;
        }, "both objects' keys under the new version");
        foreach (var (key, after) in await ReadAllAsync(bucket, before.Keys))
        {
            Assert.Equal(TestData.Bytes(1000), (await service.Http.SendAsync(RawRequest.Get(bucket, key))).Body);
            Assert.Equal((before[key].Answer["etag"], before[key].Answer["last-modified"]), (after.Answer["etag"], after.Answer["last-modified"]));
        }
    }

    [Fact]
    public async Task Imported_material_that_has_expired_is_deleted_and_the_trail_says_so()
    {
        var key = (await service.Kms.CreateKeyAsync(new() { Origin = OriginType.EXTERNAL })).KeyMetadata;
        var parameters = await service.Kms.GetParametersForImportAsync(
            new() { KeyId = key.KeyId, WrappingAlgorithm = AlgorithmSpec.RSAES_OAEP_SHA_256, WrappingKeySpec = WrappingKeySpec.RSA_2048 });
        var wrapped = WrappedMaterial.Of(parameters.PublicKey.ToArray(), AlgorithmSpec.RSAES_OAEP_SHA_256.Value, RandomNumberGenerator.GetBytes(32));
        var imported = await service.Kms.ImportKeyMaterialAsync(
            new() { KeyId = key.KeyId, ImportToken = parameters.ImportToken, EncryptedKeyMaterial = new(wrapped), ValidTo = DateTime.UtcNow.AddSeconds(3) });
        Assert.Equal(KeyState.Enabled, (await service.Kms.DescribeKeyAsync(key.Arn)).KeyMetadata.KeyState);

        var deletion = await Eventually.GetAsync(
            async () => (await service.CloudTrail.LookupAsync("ResourceName", key.Arn)).FirstOrDefault(record => (string)record["eventName"]! == "DeleteExpiredKeyMaterial"),
            "the material's deletion on the audit trail");
        Assert.Equal(("AwsServiceEvent", imported.KeyMaterialId), ((string)deletion["eventType"]!, (string)deletion["serviceEventDetails"]!["keyMaterialId"]!));
        Assert.Equal(KeyState.PendingImport, (await service.Kms.DescribeKeyAsync(key.Arn)).KeyMetadata.KeyState);
    }

    [Fact]
    public async Task Writers_that_go_on_while_keys_are_wrapped_anew_lose_nothing()
    {
        var bucket = await service.NewBucketAsync();
        var until = DateTime.UtcNow.AddSeconds(5);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async writer =>
        {
            for (var i = 0; DateTime.UtcNow < until; i++)
            {
                var body = TestData.Bytes(100 + i, seed: writer);
                (await service.Http.SendAsync(RawRequest.Put(bucket, $"object-{writer}", body))).MustBe(HttpStatusCode.OK);
                Assert.Equal(body, (await service.Http.SendAsync(RawRequest.Get(bucket, $"object-{writer}"))).MustBe(HttpStatusCode.OK).Body);
            }
        }));
    }

    private async Task<Dictionary<string, (StoredBlob Blob, RawAnswer Answer)>> ReadAllAsync(string bucket, IEnumerable<string> keys)
    {
        var read = new Dictionary<string, (StoredBlob, RawAnswer)>();
        foreach (var key in keys)
            read[key] = (await StoredBlob.ReadAsync(service, bucket, key), (await service.Http.SendAsync(RawRequest.Head(bucket, key))).MustBe(HttpStatusCode.OK));
        return read;
    }

    private static string WrappedByMaster(StoredBlob blob) => blob.Metadata[blob.Metadata.ContainsKey("outerkey") ? "outerkey" : "key"];

    private static uint MasterVersion(StoredBlob blob) => Version(WrappedByMaster(blob));

    /// <summary>A wrap's key version: behind format (1), id length (1) and id; see shared/Encryption/KeyWrap.cs.</summary>
    private static uint Version(string wrapped)
    {
        var bytes = Convert.FromBase64String(wrapped);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(2 + bytes[1]));
    }

    /// <summary>Its timers run every two seconds, and one use of the master key makes it due.</summary>
    public sealed class RotatingService : ServiceFixture
    {
        protected override (string Name, string? Value)[] Settings =>
            [("Rotation__MasterKeySchedule", "*/2 * * * * *"), ("Rotation__RewrapSchedule", "1/2 * * * * *"), ("Rotation__MasterKeyMaxWraps", "1"), ("Keys__Schedule", "*/2 * * * * *")];
    }
}
