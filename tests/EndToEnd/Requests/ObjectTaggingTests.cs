using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>Tags of objects: put with them, copied with them, changed behind them, and nothing else of them changed.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class ObjectTaggingTests(ServiceFixture service)
{
    private const string Key = "object";
    private const string Malformed = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";

    private static readonly List<Tag> Two = [new() { Key = "colour", Value = "light blue" }, new() { Key = "größe", Value = "" }];

    [Fact]
    public async Task The_SDKs_tags_come_back_and_leave_the_object_as_it_is()
    {
        var bucket = await service.NewBucketAsync();
        await service.S3.PutObjectAsync(new() { BucketName = bucket, Key = Key, ContentBody = "body", Metadata = { ["a"] = "b" } });
        var before = await service.Http.SendAsync(RawRequest.Head(bucket, Key));
        Assert.Empty(await TagsAsync(bucket));
        Assert.Null(before["x-amz-tagging-count"]);
        // Last-Modified has a resolution of seconds.
        await Task.Delay(1100);
        await service.S3.PutObjectTaggingAsync(new() { BucketName = bucket, Key = Key, Tagging = new() { TagSet = Two } });
        Assert.Equal(Pairs(Two), Pairs(await TagsAsync(bucket)));
        foreach (var request in new[] { RawRequest.Head(bucket, Key), RawRequest.Get(bucket, Key) })
        {
            var tagged = (await service.Http.SendAsync(request)).MustBe(HttpStatusCode.OK);
            Assert.Equal("2", tagged["x-amz-tagging-count"]);
            foreach (var header in (string[])["etag", "last-modified", "x-amz-meta-a", "content-length"]) Assert.Equal(before[header], tagged[header]);
        }

        await service.S3.PutObjectTaggingAsync(new() { BucketName = bucket, Key = Key, Tagging = new() { TagSet = [new() { Key = "only", Value = "one" }] } });
        Assert.Equal(["only=one"], Pairs(await TagsAsync(bucket)));
        Assert.Equal(HttpStatusCode.NoContent, (await service.S3.DeleteObjectTaggingAsync(new() { BucketName = bucket, Key = Key })).HttpStatusCode);
        Assert.Empty(await TagsAsync(bucket));
        Assert.Null((await service.Http.SendAsync(RawRequest.Head(bucket, Key)))["x-amz-tagging-count"]);
        Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, Key))).Text);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(9 * TestData.Mebibyte)]
    public async Task Tags_that_come_with_an_object_are_its_own_until_it_is_replaced(int size)
    {
        var bucket = await service.NewBucketAsync();
        var put = new PutObjectRequest { BucketName = bucket, Key = Key, InputStream = new MemoryStream(TestData.Bytes(size)), TagSet = Two };
        await service.S3.PutObjectAsync(put);
        Assert.Equal(Pairs(Two), Pairs(await TagsAsync(bucket)));
        (await service.Http.SendAsync(RawRequest.Put(bucket, Key, TestData.Bytes(size)))).MustBe(HttpStatusCode.OK);
        Assert.Empty(await TagsAsync(bucket));
    }

    [Fact]
    public async Task A_presigned_put_has_its_tags_in_the_query()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, Key, []) with { PresignedSeconds = 60, Query = [("x-amz-tagging", "a=b&c=d")] })).MustBe(HttpStatusCode.OK);
        Assert.Equal(["a=b", "c=d"], Pairs(await TagsAsync(bucket)));
    }

    [Fact]
    public async Task A_copy_has_its_sources_tags_or_the_requests()
    {
        var bucket = await service.NewBucketAsync();
        await service.S3.PutObjectAsync(new() { BucketName = bucket, Key = "source", ContentBody = "body", TagSet = Two });
        foreach (var (headers, expected) in new ((string, string)[], string[])[]
        {
            ([], Pairs(Two)),
            ([("x-amz-tagging-directive", "COPY"), ("x-amz-tagging", "ignored=1")], Pairs(Two)),
            ([("x-amz-metadata-directive", "REPLACE")], Pairs(Two)),
            ([("x-amz-tagging-directive", "REPLACE"), ("x-amz-tagging", "new=1")], ["new=1"]),
            ([("x-amz-tagging-directive", "REPLACE")], []),
        })
        {
            (await service.Http.SendAsync(RawRequest.Copy(bucket, "source", bucket, Key, headers))).MustBe(HttpStatusCode.OK);
            Assert.Equal(expected, Pairs(await TagsAsync(bucket)));
        }
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "source", bucket, Key, ("x-amz-tagging-directive", "KEEP")))).MustBeError(400, "InvalidArgument", "Unknown tagging directive.");
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "source", bucket, Key, ("x-amz-tagging-directive", "REPLACE"), ("x-amz-tagging", "a=1&a=2")))).MustBeError(400, "InvalidArgument", Malformed);
    }

    [Fact]
    public async Task An_upload_in_parts_keeps_its_tags_until_it_is_complete()
    {
        var bucket = await service.NewBucketAsync();
        var upload = await service.S3.InitiateMultipartUploadAsync(new() { BucketName = bucket, Key = Key, TagSet = Two });
        var part = await service.S3.UploadPartAsync(new() { BucketName = bucket, Key = Key, UploadId = upload.UploadId, PartNumber = 1, InputStream = new MemoryStream([1]) });
        await service.S3.CompleteMultipartUploadAsync(new() { BucketName = bucket, Key = Key, UploadId = upload.UploadId, PartETags = [new(1, part.ETag)] });
        Assert.Equal(Pairs(Two), Pairs(await TagsAsync(bucket)));
        (await service.Http.SendAsync(new RawRequest("POST", $"/{bucket}/{Key}") { Query = [("uploads", "")], Headers = [("x-amz-tagging", "a=1&a=2")] })).MustBeError(400, "InvalidArgument", Malformed);
    }

    [Fact]
    public async Task An_object_of_a_customers_key_is_tagged_without_it()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Https.SendAsync(RawRequest.Put(bucket, Key, "body"u8.ToArray(), [.. CustomerKey.New().Headers, ("x-amz-tagging", "a=b")]))).MustBe(HttpStatusCode.OK);
        Assert.Equal(["a=b"], Pairs(await TagsAsync(bucket)));
        await service.S3.DeleteObjectTaggingAsync(new() { BucketName = bucket, Key = Key });
        Assert.Empty(await TagsAsync(bucket));
    }

    [Theory]
    [InlineData("key1=val1&key1=val2", "InvalidArgument", Malformed)]
    [InlineData("key1=val1,key2=val2", "InvalidArgument", Malformed)]
    [InlineData("aws:key=1", "InvalidTag", "Your TagKey cannot be prefixed with aws:")]
    [InlineData("a%2Cb=1", "InvalidTag", "The TagKey you have provided is invalid")]
    [InlineData("1&2&3&4&5&6&7&8&9&10&11", "BadRequest", "Object tags cannot be greater than 10")]
    public async Task Wrong_tags_in_the_header_are_refused_and_nothing_is_written(string header, string code, string message)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, Key, [], ("x-amz-tagging", header)))).MustBeError(400, code, message);
        (await service.Http.SendAsync(RawRequest.Head(bucket, Key))).MustBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Wrong_documents_are_refused_and_change_nothing()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, Key, [], ("x-amz-tagging", "a=b")))).MustBe(HttpStatusCode.OK);
        foreach (var (document, code, message) in new[]
        {
            ("", "MalformedXML", null), ("<Tagging>", "MalformedXML", null), ("<Tagging><Tag/></Tagging>", "MalformedXML", null),
            (TaggingRequest.Document(("Key1", "a"), ("Key1", "b")), "InvalidTag", "Cannot provide multiple Tags with the same key"),
            (TaggingRequest.Document(("Key1,Key2", "a")), "InvalidTag", "The TagKey you have provided is invalid"),
            (TaggingRequest.Document(("Key1", "Val1,Val2")), "InvalidTag", "The TagValue you have provided is invalid"),
            (TaggingRequest.Document(("aws:prefixed", "a")), "InvalidTag", "Your TagKey cannot be prefixed with aws:"),
            (TaggingRequest.Document([.. Enumerable.Range(0, 11).Select(i => ($"key{i}", ""))]), "BadRequest", "Object tags cannot be greater than 10"),
        })
        {
            (await service.Http.SendAsync(TaggingRequest.Put($"{bucket}/{Key}", document))).MustBeError(400, code, message);
        }
        Assert.Equal(["a=b"], Pairs(await TagsAsync(bucket)));
    }

    [Fact]
    public async Task An_object_that_is_not_there_has_no_tags()
    {
        var bucket = await service.NewBucketAsync();
        var get = await service.Http.SendAsync(TaggingRequest.Get($"{bucket}/fake-key"));
        Assert.Equal($"{bucket}/fake-key", get.MustBeError(404, "NoSuchKey", "The specified key does not exist.").ErrorField("Key"));
        foreach (var request in new[] { TaggingRequest.Put($"{bucket}/fake-key", ("a", "b")), TaggingRequest.Delete($"{bucket}/fake-key") })
            Assert.Equal("fake-key", (await service.Http.SendAsync(request)).MustBeError(404, "NoSuchKey").ErrorField("Key"));
        (await service.Http.SendAsync(TaggingRequest.Put("no-such-bucket-here/fake-key", ("a", "b")))).MustBeError(404, "NoSuchBucket");
    }

    /// <summary>As AWS was recorded to answer.</summary>
    [Fact]
    public async Task Each_version_has_tags_of_its_own_and_a_delete_marker_none()
    {
        var bucket = await service.NewBucketAsync();
        await service.S3.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        var first = (await service.Http.SendAsync(RawRequest.Put(bucket, Key, "1"u8.ToArray(), ("x-amz-tagging", "test_tag=tagv1")))).MustBe(HttpStatusCode.OK)["x-amz-version-id"]!;
        var second = (await service.Http.SendAsync(RawRequest.Put(bucket, Key, "2"u8.ToArray()))).MustBe(HttpStatusCode.OK)["x-amz-version-id"]!;
        Assert.Equal(second, (await service.Http.SendAsync(TaggingRequest.Put($"{bucket}/{Key}", ("tag3", "tag3")))).MustBe(HttpStatusCode.OK)["x-amz-version-id"]);
        Assert.Equal((second, "tag3=tag3"), await OfAsync(null));
        Assert.Equal((first, "test_tag=tagv1"), await OfAsync(first));
        Assert.Equal(first, (await service.Http.SendAsync(TaggingRequest.Put($"{bucket}/{Key}", ("tag1", "tag1")) with { Query = [("tagging", ""), ("versionId", first)] })).MustBe(HttpStatusCode.OK)["x-amz-version-id"]);
        Assert.Equal((first, "tag1=tag1"), await OfAsync(first));
        Assert.Equal((second, "tag3=tag3"), await OfAsync(null));
        Assert.Equal("1", (await service.Http.SendAsync(RawRequest.Get(bucket, Key) with { Query = [("versionId", first)] })).Text);

        var marker = (await service.Http.SendAsync(RawRequest.Delete(bucket, Key))).MustBe(HttpStatusCode.NoContent)["x-amz-version-id"]!;
        foreach (var request in new[] { TaggingRequest.Put($"{bucket}/{Key}", ("a", "b")), TaggingRequest.Get($"{bucket}/{Key}"), TaggingRequest.Delete($"{bucket}/{Key}") })
        {
            foreach (var ofMarker in new[] { request, request with { Query = [("tagging", ""), ("versionId", marker)] } })
            {
                var refused = (await service.Http.SendAsync(ofMarker)).MustBeError(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
                Assert.Equal((request.Method, "DeleteMarker"), (refused.ErrorField("Method"), refused.ErrorField("ResourceType")));
                Assert.Equal(("true", marker), (refused["x-amz-delete-marker"], refused["x-amz-version-id"]));
            }
        }
        Assert.Equal((first, "tag1=tag1"), await OfAsync(first));

        async Task<(string, string)> OfAsync(string? version)
        {
            var response = await service.S3.GetObjectTaggingAsync(new() { BucketName = bucket, Key = Key, VersionId = version });
            return (response.VersionId, string.Join('&', Pairs(response.Tagging)));
        }
    }

    [Fact]
    public async Task Tags_that_do_not_fit_with_the_metadata_are_too_large()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, Key, [], ("x-amz-meta-n", new string('v', 2000))))).MustBe(HttpStatusCode.OK);
        (string, string)[] most = [.. Enumerable.Range(0, 10).Select(i => (i + new string('k', 127), new string('v', 256)))];
        (await service.Http.SendAsync(TaggingRequest.Put($"{bucket}/{Key}", most))).MustBeError(400, "MetadataTooLarge");
        Assert.Empty(await TagsAsync(bucket));
        (await service.Http.SendAsync(RawRequest.Put(bucket, Key, []))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(TaggingRequest.Put($"{bucket}/{Key}", most))).MustBe(HttpStatusCode.OK);
        Assert.Equal(most.Length, (await TagsAsync(bucket)).Count);
    }

    [Fact]
    public async Task Of_many_changes_at_once_each_is_whole()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, Key, "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => service.Http.SendAsync(TaggingRequest.Put($"{bucket}/{Key}", ("a", $"{i}"), ("b", $"{i}")))));
        Assert.Contains(answers, answer => answer.Status is HttpStatusCode.OK);
        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK || answer.ErrorCode is "OperationAborted", answer.Text));
        var tags = await TagsAsync(bucket);
        Assert.Equal(["a", "b"], tags.Select(tag => tag.Key));
        Assert.Single(tags.Select(tag => tag.Value).Distinct());
    }

    private static string[] Pairs(IEnumerable<Tag> tags) => [.. tags.Select(tag => $"{tag.Key}={tag.Value}")];

    private async Task<List<Tag>> TagsAsync(string bucket) => (await service.S3.GetObjectTaggingAsync(new() { BucketName = bucket, Key = Key })).Tagging ?? [];
}
