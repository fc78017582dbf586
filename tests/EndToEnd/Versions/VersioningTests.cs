using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Versions;

/// <summary>Buckets with versioning, as the SDK's client and requests in every detail use them.</summary>
[Collection(VersionsCollection.Name)]
public sealed class VersioningTests(ServiceFixture service)
{
    private const string VersionId = "x-amz-version-id";
    private const string DeleteMarker = "x-amz-delete-marker";

    [Fact]
    public async Task What_is_overwritten_or_deleted_is_still_there_by_its_version_and_what_is_deleted_by_it_is_gone()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var ids = new List<string>();
        for (var i = 1; i <= 3; i++) ids.Add((await PutAsync(bucket, "key", $"version {i}"))[VersionId]!);
        Assert.Equal(3, ids.Distinct().Count());
        for (var i = 1; i <= 3; i++) await MustHaveAsync(bucket, "key", ids[i - 1], $"version {i}");
        await MustHaveAsync(bucket, "key", null, "version 3", ids[2]);

        var deleted = (await service.Http.SendAsync(RawRequest.Delete(bucket, "key"))).MustBe(HttpStatusCode.NoContent);
        var marker = deleted[VersionId]!;
        Assert.Equal("true", deleted[DeleteMarker]);
        var missing = (await service.Http.SendAsync(RawRequest.Get(bucket, "key"))).MustBeError(404, "NoSuchKey");
        Assert.Equal(("true", marker), (missing[DeleteMarker], missing[VersionId]));
        Assert.Equal(("true", marker), ((await service.Http.SendAsync(RawRequest.Head(bucket, "key"))).MustBe(HttpStatusCode.NotFound)[DeleteMarker], missing[VersionId]));
        Assert.Empty((await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects ?? []);
        Assert.Equal([$"{marker} latest marker", $"{ids[2]} 9", $"{ids[1]} 9", $"{ids[0]} 9"], await ListAsync(bucket));
        await MustHaveAsync(bucket, "key", ids[2], "version 3");

        // The delete marker goes: the object is there again.
        var undeleted = (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), marker))).MustBe(HttpStatusCode.NoContent);
        Assert.Equal(("true", marker), (undeleted[DeleteMarker], undeleted[VersionId]));
        await MustHaveAsync(bucket, "key", null, "version 3", ids[2]);
        Assert.Equal("key", Assert.Single((await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects).Key);

        // Of the current version and of one that is not, for good.
        foreach (var (gone, left) in ((string, string[])[])[(ids[2], [$"{ids[1]} latest 9", $"{ids[0]} 9"]), (ids[0], [$"{ids[1]} latest 9"]), (ids[1], [])])
        {
            var answer = (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), gone))).MustBe(HttpStatusCode.NoContent);
            Assert.Equal((null, gone), (answer[DeleteMarker], answer[VersionId]));
            Assert.Equal(left, await ListAsync(bucket));
            var error = (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), gone))).MustBeError(404, "NoSuchVersion", "The specified version does not exist.");
            Assert.Equal(("key", gone), (error.ErrorField("Key"), error.ErrorField("VersionId")));
            (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), gone))).MustBe(HttpStatusCode.NoContent);
        }
        var never = (await service.Http.SendAsync(RawRequest.Get(bucket, "key"))).MustBeError(404, "NoSuchKey");
        Assert.Null(never[DeleteMarker]);
        await service.S3.DeleteBucketAsync(bucket);
    }

    [Fact]
    public async Task What_was_there_before_versioning_and_what_comes_while_it_is_suspended_is_the_null_version()
    {
        var bucket = await service.NewBucketAsync();
        Assert.Null((await PutAsync(bucket, "key", "before"))[VersionId]);
        Assert.Null((await service.Http.SendAsync(RawRequest.Get(bucket, "key")))[VersionId]);
        Assert.Equal(["null latest 6"], await ListAsync(bucket));
        Assert.Equal("before", (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), "null"))).MustBe(HttpStatusCode.OK).Text);

        await service.ConfigureAsync(bucket, "Enabled");
        await MustHaveAsync(bucket, "key", null, "before", "null");
        var first = (await PutAsync(bucket, "key", "enabled"))[VersionId]!;
        Assert.Equal([$"{first} latest 7", "null 6"], await ListAsync(bucket));
        await MustHaveAsync(bucket, "key", "null", "before");

        await service.ConfigureAsync(bucket, "Suspended");
        Assert.Equal("null", (await PutAsync(bucket, "key", "suspended"))[VersionId]);
        Assert.Equal(["null latest 9", $"{first} 7"], await ListAsync(bucket));
        await MustHaveAsync(bucket, "key", "null", "suspended");
        await MustHaveAsync(bucket, "key", null, "suspended", "null");

        var deleted = (await service.Http.SendAsync(RawRequest.Delete(bucket, "key"))).MustBe(HttpStatusCode.NoContent);
        Assert.Equal(("true", "null"), (deleted[DeleteMarker], deleted[VersionId]));
        Assert.Equal(["null latest marker", $"{first} 7"], await ListAsync(bucket));
        (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), "null"))).MustBeError(405, "MethodNotAllowed");
        Assert.Equal("true", (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), "null"))).MustBe(HttpStatusCode.NoContent)[DeleteMarker]);
        await MustHaveAsync(bucket, "key", null, "enabled", first);

        await service.ConfigureAsync(bucket, "Enabled");
        var second = (await PutAsync(bucket, "key", "again"))[VersionId]!;
        Assert.Equal([$"{second} latest 5", $"{first} 7"], await ListAsync(bucket));
    }

    [Fact]
    public async Task A_version_that_is_a_delete_marker_can_only_be_deleted()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var marker = (await service.Http.SendAsync(RawRequest.Delete(bucket, "never there"))).MustBe(HttpStatusCode.NoContent)[VersionId]!;
        var refused = (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "never there"), marker))).MustBeError(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
        Assert.Equal(("GET", "DeleteMarker"), (refused.ErrorField("Method"), refused.ErrorField("ResourceType")));
        var head = (await service.Http.SendAsync(WithVersion(RawRequest.Head(bucket, "never there"), marker))).MustBe(HttpStatusCode.MethodNotAllowed);
        foreach (var answer in (RawAnswer[])[refused, head])
        {
            Assert.Equal(("true", marker, "DELETE"), (answer[DeleteMarker], answer[VersionId], answer["allow"]));
            Assert.InRange(DateTimeOffset.Parse(answer["last-modified"]!, CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
        }
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "never there", bucket, "copy"))).MustBeError(404, "NoSuchKey");
        (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}/copy") { Headers = [("x-amz-copy-source", $"{bucket}/never%20there?versionId={marker}")] }))
            .MustBeError(400, "InvalidRequest", "The source of a copy request may not specifically refer to a delete marker by version id.");
        (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "never there"), marker))).MustBe(HttpStatusCode.NoContent);
        Assert.Empty(await ListAsync(bucket));
    }

    [Theory]
    [InlineData("GET", "abc", 400, "Invalid version id specified")]
    [InlineData("DELETE", "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD", 400, "Invalid version id specified")]
    [InlineData("GET", "", 400, "Version id cannot be the empty string")]
    [InlineData("GET", "f01122334455667700112233445566778899aabbccddeeff", 400, "Invalid version id specified")]
    [InlineData("PUT", "null", 400, "This operation does not accept a version-id.")]
    public async Task A_version_id_that_there_cannot_be_is_refused(string method, string id, int status, string message)
    {
        foreach (var bucket in (string[])[await service.NewBucketAsync(), await service.NewVersionedBucketAsync()])
        {
            var error = (await service.Http.SendAsync(new RawRequest(method, $"/{bucket}/key") { Query = [("versionId", id)] })).MustBeError(status, "InvalidArgument", message);
            Assert.Equal(("versionId", id), (error.ErrorField("ArgumentName"), error.ErrorField("ArgumentValue")));
        }
    }

    [Fact]
    public async Task A_version_that_there_could_be_is_not_there()
    {
        foreach (var bucket in (string[])[await service.NewBucketAsync(), await service.NewVersionedBucketAsync()])
        {
            await PutAsync(bucket, "key", "body");
            const string unknown = "701122334455667700112233445566778899aabbccddeeff";
            foreach (var id in (string[])[unknown, unknown[..^1] + "0"])
            {
                (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), id))).MustBeError(404, "NoSuchVersion");
                (await service.Http.SendAsync(WithVersion(RawRequest.Head(bucket, "key"), id))).MustBe(HttpStatusCode.NotFound);
                (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), id))).MustBe(HttpStatusCode.NoContent);
            }
            Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, "key"))).MustBe(HttpStatusCode.OK).Text);
        }
    }

    [Fact]
    public async Task Conditions_are_judged_on_the_current_object()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var (old, now) = ((await PutAsync(bucket, "key", "old"))["etag"]!, (await PutAsync(bucket, "key", "now"))["etag"]!);
        (await service.Http.SendAsync(RawRequest.Delete(bucket, "key", ("If-Match", old)))).MustBeError(412, "PreconditionFailed");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "key", [], ("If-None-Match", "*")))).MustBeError(412, "PreconditionFailed");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "key", [], ("If-Match", old)))).MustBeError(412, "PreconditionFailed");
        Assert.Equal("true", (await service.Http.SendAsync(RawRequest.Delete(bucket, "key", ("If-Match", now)))).MustBe(HttpStatusCode.NoContent)[DeleteMarker]);
        (await service.Http.SendAsync(RawRequest.Delete(bucket, "key", ("If-Match", now)))).MustBeError(404, "NoSuchKey");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "key", [], ("If-Match", now)))).MustBeError(404, "NoSuchKey");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "key", [], ("If-None-Match", "*")))).MustBe(HttpStatusCode.OK);
        Assert.Equal(4, (await ListAsync(bucket)).Count);
    }

    [Fact]
    public async Task A_version_is_copied_as_a_whole_and_in_parts_and_onto_its_own_key()
    {
        var (bucket, other) = (await service.NewVersionedBucketAsync(), await service.NewBucketAsync());
        var first = (await PutAsync(bucket, "key with space", "first"))[VersionId]!;
        var second = (await PutAsync(bucket, "key with space", "second"))[VersionId]!;
        var copied = await service.S3.CopyObjectAsync(new() { SourceBucket = bucket, SourceKey = "key with space", SourceVersionId = first, DestinationBucket = other, DestinationKey = "copy" });
        Assert.Equal((first, null), (copied.SourceVersionId, copied.VersionId));
        Assert.Equal("first", (await service.Http.SendAsync(RawRequest.Get(other, "copy"))).Text);
        Assert.Equal(second, (await service.S3.CopyObjectAsync(bucket, "key with space", other, "copy")).SourceVersionId);

        // The old version becomes the current one again, as a new version.
        var restored = await service.S3.CopyObjectAsync(new() { SourceBucket = bucket, SourceKey = "key with space", SourceVersionId = first, DestinationBucket = bucket, DestinationKey = "key with space" });
        await MustHaveAsync(bucket, "key with space", null, "first", restored.VersionId);
        Assert.Equal([$"{restored.VersionId} latest 5", $"{second} 6", $"{first} 5"], await ListAsync(bucket));

        var upload = await service.S3.InitiateMultipartUploadAsync(bucket, "parts");
        var part = await service.S3.CopyPartAsync(new() { SourceBucket = bucket, SourceKey = "key with space", SourceVersionId = second, DestinationBucket = bucket, DestinationKey = "parts", UploadId = upload.UploadId, PartNumber = 1 });
        Assert.Equal(second, part.CopySourceVersionId);
        var completed = await service.S3.CompleteMultipartUploadAsync(new() { BucketName = bucket, Key = "parts", UploadId = upload.UploadId, PartETags = [new(1, part.ETag)] });
        await MustHaveAsync(bucket, "parts", null, "second", completed.VersionId);
    }

    [Fact]
    public async Task Objects_and_versions_are_deleted_together_each_by_itself()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var (a1, a2, b1) = ((await PutAsync(bucket, "a", "a1"))[VersionId]!, (await PutAsync(bucket, "a", "a2"))[VersionId]!, (await PutAsync(bucket, "b", "b1"))[VersionId]!);
        var marker = (await service.Http.SendAsync(RawRequest.Delete(bucket, "c")))[VersionId]!;
        var answer = (await service.Http.SendAsync(DeletionRequest.Of(bucket, $"""
            <Object><Key>a</Key><VersionId>{a2}</VersionId></Object><Object><Key>b</Key></Object><Object><Key>b</Key></Object>
            <Object><Key>c</Key><VersionId>{marker}</VersionId></Object><Object><Key>a</Key><VersionId>wrong</VersionId></Object><Object><Key>a</Key><VersionId>null</VersionId></Object>
            """))).MustBe(HttpStatusCode.OK);
        var outcomes = XElement.Parse(answer.Text).Elements().Select(outcome => string.Join(' ', outcome.Elements().Select(element => $"{element.Name.LocalName}={element.Value}"))).ToList();
        Assert.Equal(5, outcomes.Count);
        Assert.Equal($"Key=a VersionId={a2}", outcomes[0]);
        Assert.StartsWith("Key=b DeleteMarker=true DeleteMarkerVersionId=", outcomes[1], StringComparison.Ordinal);
        Assert.Equal($"Key=c VersionId={marker} DeleteMarker=true DeleteMarkerVersionId={marker}", outcomes[2]);
        Assert.Equal("Key=a VersionId=wrong Code=NoSuchVersion Message=The specified version does not exist.", outcomes[3]);
        Assert.Equal("Key=a VersionId=null", outcomes[4]);
        Assert.Equal([$"{a1} latest 2", $"{outcomes[1][^48..]} latest marker", $"{b1} 2"], await ListAsync(bucket));
    }

    [Fact]
    public async Task A_bucket_is_deleted_when_no_version_and_no_delete_marker_is_left()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var id = (await PutAsync(bucket, "key", "body"))[VersionId]!;
        var marker = (await service.Http.SendAsync(RawRequest.Delete(bucket, "key")))[VersionId]!;
        Assert.Empty((await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects ?? []);
        foreach (var left in (string[])[id, marker])
        {
            (await service.Http.SendAsync(new RawRequest("DELETE", $"/{bucket}"))).MustBeError(409, "BucketNotEmpty");
            (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), left))).MustBe(HttpStatusCode.NoContent);
        }
        var containers = service.Blobs.GetBlobContainers().Count(container => container.Name.StartsWith(bucket, StringComparison.Ordinal));
        await service.S3.DeleteBucketAsync(bucket);
        Assert.Equal((2, 0), (containers, service.Blobs.GetBlobContainers().Count(container => container.Name.StartsWith(bucket, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_key_that_is_too_long_to_be_archived_is_refused_where_there_is_versioning()
    {
        var (longest, tooLong) = (new string('k', 957), new string('k', 958));
        var bucket = await service.NewBucketAsync();
        await PutAsync(bucket, tooLong, "before");
        await service.ConfigureAsync(bucket, "Enabled");
        Assert.NotNull((await PutAsync(bucket, longest, "1"))[VersionId]);
        Assert.NotNull((await PutAsync(bucket, longest, "2"))[VersionId]);
        (await service.Http.SendAsync(RawRequest.Put(bucket, tooLong, []))).MustBeError(400, "KeyTooLongError");
        (await service.Http.SendAsync(RawRequest.Delete(bucket, tooLong))).MustBeError(400, "KeyTooLongError");
        (await service.Http.SendAsync(RawRequest.Get(bucket, tooLong + "x"))).MustBeError(404, "NoSuchKey");
        await MustHaveAsync(bucket, tooLong, null, "before", "null");
        (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, tooLong), "null"))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(RawRequest.Get(bucket, tooLong))).MustBeError(404, "NoSuchKey");
    }

    /// <summary>Writers, deleters and readers of one key at once: every version that was answered is there, with its own content.</summary>
    [Fact]
    public async Task Writers_at_once_make_a_version_each()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var written = await Task.WhenAll(Enumerable.Range(0, 24).Select(async i =>
        {
            if (i % 6 == 5) return (Id: (await service.Http.SendAsync(RawRequest.Delete(bucket, "key"))).MustBe(HttpStatusCode.NoContent)[VersionId]!, Content: (string?)null);
            return (Id: (await PutAsync(bucket, "key", $"content {i}"))[VersionId]!, Content: $"content {i}");
        }));
        var listed = await ListAsync(bucket);
        Assert.Equal(written.Select(version => version.Id).Order(), listed.Select(line => line.Split(' ')[0]).Order());
        foreach (var (id, content) in written.Where(version => version.Content is not null)) await MustHaveAsync(bucket, "key", id, content!);
        Assert.Single(listed, line => line.Contains("latest", StringComparison.Ordinal));
    }

    internal static RawRequest WithVersion(RawRequest request, string id) => request with { Query = [.. request.Query, ("versionId", id)] };

    private async Task<RawAnswer> PutAsync(string bucket, string key, string body) =>
        (await service.Http.SendAsync(RawRequest.Put(bucket, key, Encoding.UTF8.GetBytes(body)))).MustBe(HttpStatusCode.OK);

    private async Task MustHaveAsync(string bucket, string key, string? version, string content, string? answered = null)
    {
        foreach (var request in (RawRequest[])[RawRequest.Get(bucket, key), RawRequest.Head(bucket, key)])
        {
            var got = (await service.Http.SendAsync(version is null ? request : WithVersion(request, version))).MustBe(HttpStatusCode.OK);
            Assert.Equal((answered ?? version, $"{content.Length}"), (got[VersionId], got["content-length"]));
            if (request.Method == "GET") Assert.Equal(content, got.Text);
        }
    }

    /// <summary>The bucket's versions as they are listed: id, whether it is the latest, size or marker.</summary>
    private async Task<List<string>> ListAsync(string bucket) =>
        [.. XElement.Parse((await service.Http.SendAsync(new RawRequest("GET", $"/{bucket}") { Query = [("versions", "")] })).MustBe(HttpStatusCode.OK).Text).Elements()
            .Where(element => element.Name.LocalName is "Version" or "DeleteMarker").Select(version =>
            {
                string? Field(string name) => version.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
                return $"{Field("VersionId")}{(Field("IsLatest") == "true" ? " latest" : "")} {Field("Size") ?? "marker"}";
            })];
}
