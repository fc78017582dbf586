using System.Net;
using System.Text;
using Azure.Storage.Blobs.Models;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;
using static Serverless.EndToEnd.Versions.VersioningTests;

namespace Serverless.EndToEnd.Versions;

/// <summary>Each version is under its own keys, in its own mode, and its data are kept while it is there and no longer.</summary>
[Collection(VersionsCollection.Name)]
public sealed class VersionEncryptionTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string VersionId = "x-amz-version-id";

    [Fact]
    public async Task Versions_of_one_key_are_each_in_the_mode_that_they_were_written_in_and_under_a_data_key_of_their_own()
    {
        var (bucket, keyArn) = (await service.NewVersionedBucketAsync(), await service.NewKeyAsync());
        var written = new List<(RequestedMode Mode, string Id, byte[] Body)>();
        foreach (var (i, name) in ((string[])[.. Mode.Stored, Mode.Customer, .. Mode.Stored]).Index())
        {
            // The customer's key is another one each time.
            var (mode, body) = (new RequestedMode(name, keyArn, "", CustomerKey.New()), TestData.Bytes(20_000 + i, seed: i));
            written.Add((mode, (await service.Https.SendAsync(RawRequest.Put(bucket, "key", body, mode.Headers))).MustBe(HttpStatusCode.OK)[VersionId]!, body));
        }
        foreach (var (mode, id, body) in written)
        {
            var got = (await service.Https.SendAsync(WithVersion(RawRequest.Get(bucket, "key", mode.KeyHeaders), id))).MustBe(HttpStatusCode.OK);
            Assert.True(body.AsSpan().SequenceEqual(got.Body));
            Assert.Equal((id, mode.Answered), (got[VersionId], got[Sse]));
            got = (await service.Https.SendAsync(WithVersion(RawRequest.Get(bucket, "key", [.. mode.KeyHeaders, ("Range", "bytes=16000-17999")]), id))).MustBe(HttpStatusCode.PartialContent);
            Assert.True(body.AsSpan(16000, 2000).SequenceEqual(got.Body));
        }
        var wrapped = new List<string>();
        await foreach (var version in Archive(bucket).GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata })) wrapped.Add(version.Metadata["key"]);
        Assert.Equal(written.Count - 1, wrapped.Distinct().Count());
    }

    [Fact]
    public async Task An_SSE_C_version_opens_with_the_key_that_it_was_written_with_and_no_other()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var (first, second) = (CustomerKey.New(), CustomerKey.New());
        var ids = new List<string>();
        foreach (var key in (CustomerKey[])[first, second])
            ids.Add((await service.Https.SendAsync(RawRequest.Put(bucket, "key", Encoding.UTF8.GetBytes(key.Md5), key.Headers))).MustBe(HttpStatusCode.OK)[VersionId]!);
        foreach (var (id, right, wrong) in ((string, CustomerKey, CustomerKey)[])[(ids[0], first, second), (ids[1], second, first)])
        {
            Assert.Equal(right.Md5, (await service.Https.SendAsync(WithVersion(RawRequest.Get(bucket, "key", right.Headers), id))).MustBe(HttpStatusCode.OK).Text);
            (await service.Https.SendAsync(WithVersion(RawRequest.Get(bucket, "key", wrong.Headers), id))).MustBeError(403, "AccessDenied");
            (await service.Https.SendAsync(WithVersion(RawRequest.Head(bucket, "key"), id))).MustBe(HttpStatusCode.BadRequest);
        }
        // The old one becomes current with nobody's key.
        (await service.Https.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), ids[1]))).MustBe(HttpStatusCode.NoContent);
        Assert.Equal(first.Md5, (await service.Https.SendAsync(RawRequest.Get(bucket, "key", first.Headers))).MustBe(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task The_encryption_of_a_version_is_updated_and_that_of_no_other()
    {
        var (bucket, keyArn) = (await service.NewVersionedBucketAsync(), await service.NewKeyAsync());
        var (first, second) = (await PutAsync(bucket, "key", "first"u8.ToArray()), await PutAsync(bucket, "key", "second"u8.ToArray()));
        var update = new RawRequest("PUT", $"/{bucket}/key")
        {
            Query = [("encryption", ""), ("versionId", first)],
            Body = Encoding.UTF8.GetBytes($"<ObjectEncryption><SSE-KMS><KMSKeyArn>{keyArn}</KMSKeyArn></SSE-KMS></ObjectEncryption>"),
        };
        (await service.Http.SendAsync(update)).MustBe(HttpStatusCode.OK);
        foreach (var (id, mode, body) in ((string, string, string)[])[(first, "aws:kms", "first"), (second, "AES256", "second")])
        {
            var got = (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), id))).MustBe(HttpStatusCode.OK);
            Assert.Equal((mode, body), (got[Sse], got.Text));
        }
        (await service.Http.SendAsync(update with { Query = [("encryption", ""), ("versionId", first[..^1] + (first[^1] == '0' ? '1' : '0'))] })).MustBeError(404, "NoSuchVersion");
        // It stays so when it is current again.
        (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), second))).MustBe(HttpStatusCode.NoContent);
        Assert.Equal("aws:kms", (await service.Http.SendAsync(RawRequest.Get(bucket, "key"))).MustBe(HttpStatusCode.OK)[Sse]);
    }

    [Fact]
    public async Task A_versions_data_cannot_stand_in_for_anothers()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++) ids.Add(await PutAsync(bucket, "key", TestData.Bytes(1000, seed: i)));
        var blobs = new List<(string Name, BinaryData Content, IDictionary<string, string> Metadata)>();
        await foreach (var item in Archive(bucket).GetBlobsAsync())
        {
            var read = (await Archive(bucket).GetBlobClient(item.Name).DownloadContentAsync()).Value;
            blobs.Add((item.Name, read.Content, read.Details.Metadata));
        }
        Assert.Equal(2, blobs.Count);
        // The newer one's content, with its stream's header and its wrapped key, under the older one's description.
        var metadata = new Dictionary<string, string>(blobs[1].Metadata) { ["key"] = blobs[0].Metadata["key"], ["stream"] = blobs[0].Metadata["stream"] };
        await Archive(bucket).GetBlobClient(blobs[1].Name).UploadAsync(blobs[0].Content, new BlobUploadOptions { Metadata = metadata });
        (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), ids[0]))).MustBeError(500, "InternalError");
        (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), ids[1]))).MustBe(HttpStatusCode.OK);
    }

    /// <summary>One that came in one request, and one of parts; overwritten, deleted, restored, looked at by the timers long after; and then deleted for good.</summary>
    [Fact]
    public async Task Large_versions_keep_their_data_while_they_are_there_and_lose_them_when_they_are_deleted_for_good()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var (staged, part) = (TestData.Bytes(9 * TestData.Mebibyte, seed: 1), TestData.Bytes(5 * TestData.Mebibyte, seed: 2));
        var first = await PutAsync(bucket, "key", staged);
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "key");
        var parts = new List<(int, string)> { await upload.PutPartAsync(1, part), await upload.PutPartAsync(2, "last"u8.ToArray()) };
        var second = (await upload.CompleteAsync(parts)).MustBe(HttpStatusCode.OK)[VersionId]!;
        var third = await PutAsync(bucket, "key", TestData.Bytes(9 * TestData.Mebibyte, seed: 3));
        // Sent again, the completion finds its object among the versions and makes no other.
        Assert.Equal(second, (await upload.CompleteAsync(parts)).MustBe(HttpStatusCode.OK)[VersionId]);
        var marker = (await service.Http.SendAsync(RawRequest.Delete(bucket, "key"))).MustBe(HttpStatusCode.NoContent)[VersionId]!;
        await MustHaveAllAsync();
        await service.ReclaimAsync(after: TimeSpan.FromDays(2));
        await MustHaveAllAsync();
        Assert.Equal(4, await CountDataAsync(bucket));

        (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), marker))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), third))).MustBe(HttpStatusCode.NoContent);
        Assert.Equal(3, await CountDataAsync(bucket));
        // The parts' version is current again, and a part of it can be asked for.
        var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "key") with { Query = [("partNumber", "2")] })).MustBe(HttpStatusCode.PartialContent);
        Assert.Equal(("last", second), (got.Text, got[VersionId]));
        await service.ReclaimAsync(after: TimeSpan.FromDays(2));
        Assert.Equal(3, await CountDataAsync(bucket));

        (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), first))).MustBe(HttpStatusCode.NoContent);
        Assert.Equal(2, await CountDataAsync(bucket));
        (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), second))).MustBe(HttpStatusCode.NoContent);
        await service.ReclaimAsync(after: TimeSpan.FromDays(2));
        Assert.Equal(0, await CountDataAsync(bucket));
        await service.S3.DeleteBucketAsync(bucket);

        async Task MustHaveAllAsync()
        {
            foreach (var (id, body) in ((string, byte[])[])[(first, staged), (second, [.. part, .. "last"u8]), (third, TestData.Bytes(9 * TestData.Mebibyte, seed: 3))])
                Assert.True((await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), id))).MustBe(HttpStatusCode.OK).Body.AsSpan().SequenceEqual(body));
        }
    }

    private async Task<int> CountDataAsync(string bucket)
    {
        var count = 0;
        await foreach (var _ in service.Blobs.GetBlobContainerClient("uploads").GetBlobsAsync(new GetBlobsOptions { Prefix = bucket })) count++;
        return count;
    }

    private async Task<string> PutAsync(string bucket, string key, byte[] body) =>
        (await service.Http.SendAsync(RawRequest.Put(bucket, key, body))).MustBe(HttpStatusCode.OK)[VersionId]!;

    private Azure.Storage.Blobs.BlobContainerClient Archive(string bucket) =>
        service.Blobs.GetBlobContainerClient(service.Blobs.GetBlobContainers(prefix: bucket).Single(container => container.Name.EndsWith("-v", StringComparison.Ordinal)).Name);
}
