using System.Net;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>What S3 keeps with an object comes back with it.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class MetadataTests(ServiceFixture service)
{
    private static readonly (string Name, string Value)[] SystemMetadata =
    [
        ("Content-Type", "text/plain; charset=utf-8"), ("Content-Encoding", "gzip"), ("Content-Language", "de, en"), ("Content-Disposition", "attachment; filename=\"a.txt\""),
        ("Cache-Control", "max-age=60"), ("Expires", "Thu, 01 Dec 2033 16:00:00 GMT"), ("x-amz-website-redirect-location", "/elsewhere"),
    ];

    [Theory]
    [InlineData(10)]
    [InlineData(9 * TestData.Mebibyte)]
    public async Task System_and_user_metadata_are_kept(int size)
    {
        var bucket = await service.NewBucketAsync();
        (string Name, string Value)[] user = [("x-amz-meta-Colour", "blue"), ("x-amz-meta-spaced", "a  b"), ("x-amz-meta-empty", ""), ("x-amz-meta-utf8", "naïve ☕ 😀")];
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", TestData.Bytes(size), [.. SystemMetadata, .. user]))).MustBe(HttpStatusCode.OK);
        foreach (var request in new[] { RawRequest.Get(bucket, "object"), RawRequest.Head(bucket, "object") })
        {
            var answer = (await service.Http.SendAsync(request)).MustBe(HttpStatusCode.OK);
            foreach (var (name, value) in SystemMetadata) Assert.Equal((name, value), (name, answer[name.ToLowerInvariant()]));
            foreach (var (name, value) in user) Assert.Equal((name, value), (name, answer[name.ToLowerInvariant()]));
            Assert.Equal("bytes", answer["accept-ranges"]);
        }
    }

    [Fact]
    public async Task Metadata_are_kept_with_copies_and_uploads_in_parts()
    {
        var bucket = await service.NewBucketAsync();
        (string Name, string Value)[] user = [("x-amz-meta-colour", "blue"), ("x-amz-meta-utf8", "naïve ☕ 😀")];
        (await service.Http.SendAsync(RawRequest.Put(bucket, "source", "body"u8.ToArray(), [.. SystemMetadata, .. user]))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "plain", "body"u8.ToArray(), ("x-amz-meta-other", "gone")))).MustBe(HttpStatusCode.OK);
        // The redirect location is the request's always.
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "source", bucket, "copied", SystemMetadata[^1]))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "plain", bucket, "replaced", [("x-amz-metadata-directive", "REPLACE"), .. SystemMetadata, .. user]))).MustBe(HttpStatusCode.OK);

        var created = (await service.Http.SendAsync(new RawRequest("POST", $"/{bucket}/parts") { Query = [("uploads", "")], Headers = [.. SystemMetadata, .. user] })).MustBe(HttpStatusCode.OK);
        var id = System.Xml.Linq.XElement.Parse(created.Text).Elements().Single(element => element.Name.LocalName == "UploadId").Value;
        var part = (await service.Http.SendAsync(RawRequest.Put(bucket, "parts", "body"u8.ToArray()) with { Query = [("partNumber", "1"), ("uploadId", id)] })).MustBe(HttpStatusCode.OK);
        await service.S3.CompleteMultipartUploadAsync(new() { BucketName = bucket, Key = "parts", UploadId = id, PartETags = [new(1, part["etag"])] });

        foreach (var key in (string[])["copied", "replaced", "parts"])
        {
            var head = (await service.Http.SendAsync(RawRequest.Head(bucket, key))).MustBe(HttpStatusCode.OK);
            foreach (var (name, value) in SystemMetadata.Concat(user)) Assert.Equal((key, name, value), (key, name, head[name.ToLowerInvariant()]));
            Assert.Null(head["x-amz-meta-other"]);
            Assert.Null(head["x-amz-storage-class"]);
        }
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "source", bucket, "copied"))).MustBe(HttpStatusCode.OK);
        Assert.Null((await service.Http.SendAsync(RawRequest.Head(bucket, "copied")))["x-amz-website-redirect-location"]);
    }

    [Fact]
    public async Task The_SDKs_metadata_come_back_to_the_SDK()
    {
        var bucket = await service.NewBucketAsync();
        var put = new PutObjectRequest { BucketName = bucket, Key = "object", ContentBody = "body", ContentType = "text/csv" };
        put.Metadata["owner"] = "somebody";
        put.Headers.CacheControl = "no-store";
        await service.S3.PutObjectAsync(put);
        var head = await service.S3.GetObjectMetadataAsync(bucket, "object");
        Assert.Equal(("somebody", "text/csv", "no-store"), (head.Metadata["owner"], head.Headers.ContentType, head.Headers.CacheControl));
    }

    [Fact]
    public async Task An_object_without_a_type_gets_S3s_default()
    {
        var bucket = await service.NewBucketAsync();
        await service.Http.SendAsync(RawRequest.Put(bucket, "object", []));
        Assert.Equal("binary/octet-stream", (await service.Http.SendAsync(RawRequest.Head(bucket, "object")))["content-type"]);
    }

    [Fact]
    public async Task User_metadata_may_take_2_KB_and_no_more()
    {
        var bucket = await service.NewBucketAsync();
        // Names and values count, in bytes of UTF-8: 1 + 2047, and 1 + 1023 two-byte characters and one more.
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", [], ("x-amz-meta-n", new string('v', 2047))))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", [], ("x-amz-meta-n", new string('é', 1023) + "v")))).MustBe(HttpStatusCode.OK);
        Assert.Equal(new string('é', 1023) + "v", (await service.Http.SendAsync(RawRequest.Head(bucket, "object")))["x-amz-meta-n"]);
        var refused = await service.Http.SendAsync(RawRequest.Put(bucket, "other", [], ("x-amz-meta-n", new string('v', 2048))));
        refused.MustBeError(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size");
        Assert.Equal(("2049", "2048"), (refused.ErrorField("Size"), refused.ErrorField("MaxSizeAllowed")));
        (await service.Http.SendAsync(RawRequest.Head(bucket, "other"))).MustBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_signed_GET_may_override_what_its_answer_says()
    {
        var bucket = await service.NewBucketAsync();
        await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), ("Content-Type", "text/plain")));
        (string Parameter, string Header, string Value)[] overrides =
        [
            ("response-content-type", "content-type", "application/json"), ("response-content-language", "content-language", "fr"), ("response-content-encoding", "content-encoding", "br"),
            ("response-content-disposition", "content-disposition", "attachment; filename=\"ü.txt\""), ("response-cache-control", "cache-control", "no-cache"),
            ("response-expires", "expires", "Fri, 02 Dec 2033 16:00:00 GMT"),
        ];
        var request = RawRequest.Get(bucket, "object") with { Query = [.. overrides.Select(entry => (entry.Parameter, entry.Value))] };
        foreach (var signed in new[] { request, request with { PresignedSeconds = 60 } })
        {
            var got = (await service.Http.SendAsync(signed)).MustBe(HttpStatusCode.OK);
            foreach (var (_, header, value) in overrides) Assert.Equal((header, value), (header, got[header]));
            Assert.Equal("body", got.Text);
        }
        Assert.Equal("text/plain", (await service.Http.SendAsync(RawRequest.Get(bucket, "object")))["content-type"]);
    }

    [Theory]
    [InlineData("x-amz-write-offset-bytes", "1")]
    [InlineData("x-amz-object-lock-mode", "COMPLIANCE")]
    public async Task A_header_that_means_what_is_not_here_is_refused_and_not_ignored(string header, string value)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", [], (header, value)))).MustBeError(501, "NotImplemented");
        (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.NotFound);
    }
}
