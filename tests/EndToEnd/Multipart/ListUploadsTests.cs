using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Multipart;

/// <summary>ListMultipartUploads: order, prefixes, pages, and what S3 refuses.</summary>
[Collection(UploadsCollection.Name)]
public sealed class ListUploadsTests(ServiceFixture service)
{
    [Fact]
    public async Task Uploads_are_listed_by_key_and_beginning_in_pages_of_any_size()
    {
        var bucket = await service.NewBucketAsync();
        string[] keys = ["b", "a/1", "a/1", "a/2", "z/x/y", "é", "a", "😀", "\uE000"];
        var begun = new List<(string Key, string Id)>();
        foreach (var key in keys) begun.Add((key, (await RawUpload.BeginAsync(service.Http, bucket, key)).Id));
        var expected = begun.OrderBy(upload => System.Text.Encoding.UTF8.GetBytes(upload.Key), Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y)))
            .ThenBy(upload => begun.IndexOf(upload)).ToList();

        foreach (var size in (int[])[1, 2, 4, 1000])
        {
            var listed = new List<(string, string)>();
            for (var (keyMarker, idMarker) = ("", ""); ;)
            {
                var page = await ListAsync(bucket, ("max-uploads", $"{size}"), ("key-marker", keyMarker), ("upload-id-marker", idMarker));
                Assert.Equal((keyMarker, idMarker, $"{size}"), (RawUpload.Field(page, "KeyMarker"), RawUpload.Field(page, "UploadIdMarker"), RawUpload.Field(page, "MaxUploads")));
                listed.AddRange(Uploads(page));
                (keyMarker, idMarker) = (RawUpload.Field(page, "NextKeyMarker"), RawUpload.Field(page, "NextUploadIdMarker"));
                Assert.Equal(listed[^1], (keyMarker, idMarker));
                if (RawUpload.Field(page, "IsTruncated") == "false") break;
            }
            Assert.Equal(expected, listed);
        }
        // A key's marker alone passes over all of that key's.
        Assert.Equal(expected.SkipWhile(upload => upload.Key != "a/2"), Uploads(await ListAsync(bucket, ("key-marker", "a/1"))));
        Assert.Equal(expected, Uploads(await ListAsync(bucket, ("upload-id-marker", "ignored without a key's"))));
    }

    [Fact]
    public async Task Keys_are_rolled_up_at_the_delimiter_in_pages_of_any_size()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var key in (string[])["a/1", "a/2", "a/2", "b", "c-d-e", "c/d/e", "c/d/f", "c/g"]) await RawUpload.BeginAsync(service.Http, bucket, key);
        foreach (var (prefix, delimiter, expected) in new[]
        {
            ("", "/", (string[])["a/*", "b", "c-d-e", "c/*"]), ("c/", "/", ["c/d/*", "c/g"]), ("c", "/", ["c-d-e", "c/*"]), ("", "-", ["a/1", "a/2", "a/2", "b", "c-*", "c/d/e", "c/d/f", "c/g"]),
            ("a/", "", ["a/1", "a/2", "a/2"]), ("nothing", "/", []),
        })
        {
            foreach (var size in (int[])[1, 2, 1000])
            {
                var entries = new List<string>();
                for (var (keyMarker, idMarker) = ("", ""); ;)
                {
                    var page = await ListAsync(bucket, ("prefix", prefix), ("delimiter", delimiter), ("max-uploads", $"{size}"), ("key-marker", keyMarker), ("upload-id-marker", idMarker));
                    entries.AddRange(RawUpload.Fields(page, "Upload", "Key").Concat(RawUpload.Fields(page, "CommonPrefixes", "Prefix").Select(common => common + "*")).Order(StringComparer.Ordinal));
                    Assert.True(entries.Count <= 1000);
                    if (RawUpload.Field(page, "IsTruncated") == "false") break;
                    (keyMarker, idMarker) = (RawUpload.Field(page, "NextKeyMarker"), RawUpload.Field(page, "NextUploadIdMarker"));
                }
                Assert.Equal(expected, size == 1000 ? entries.Order(StringComparer.Ordinal) : entries);
            }
        }
    }

    [Fact]
    public async Task An_upload_is_described_as_in_S3()
    {
        var bucket = await service.NewBucketAsync();
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "a key/é", [("x-amz-checksum-algorithm", "SHA256")]);
        var page = await ListAsync(bucket, ("encoding-type", "url"), ("prefix", "a key"), ("delimiter", "-"));
        Assert.Equal(("a+key/%C3%A9", "a+key", "-", "url", bucket), (RawUpload.Fields(page, "Upload", "Key").Single(), RawUpload.Field(page, "Prefix"),
            RawUpload.Field(page, "Delimiter"), RawUpload.Field(page, "EncodingType"), RawUpload.Field(page, "Bucket")));
        Assert.Equal((upload.Id, "STANDARD", "SHA256", "COMPOSITE"), (RawUpload.Field(page, "UploadId"), RawUpload.Field(page, "StorageClass"),
            RawUpload.Field(page, "ChecksumAlgorithm"), RawUpload.Field(page, "ChecksumType")));
        Assert.Matches("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}.000Z$", RawUpload.Field(page, "Initiated"));
        var empty = await ListAsync(await service.NewBucketAsync());
        Assert.Equal(("", "", "", "", "1000", "false"), (RawUpload.Field(empty, "KeyMarker"), RawUpload.Field(empty, "UploadIdMarker"), RawUpload.Field(empty, "NextKeyMarker"),
            RawUpload.Field(empty, "NextUploadIdMarker"), RawUpload.Field(empty, "MaxUploads"), RawUpload.Field(empty, "IsTruncated")));
        Assert.False(RawUpload.Has(empty, "Prefix") || RawUpload.Has(empty, "Delimiter") || RawUpload.Has(empty, "EncodingType"));
    }

    [Fact]
    public async Task Wrong_parameters_are_refused_in_S3s_words()
    {
        var bucket = await service.NewBucketAsync();
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "one");
        foreach (var (name, value) in new[] { ("max-uploads", "x"), ("max-uploads", "-1"), ("encoding-type", "base64") })
            (await service.Http.SendAsync(RawUpload.ListUploads(bucket, (name, value)))).MustBeError(400, "InvalidArgument");
        foreach (var id in (string[])["none", upload.Id])
        {
            var refused = (await service.Http.SendAsync(RawUpload.ListUploads(bucket, ("key-marker", "two"), ("upload-id-marker", id)))).MustBeError(400, "InvalidArgument", "Invalid uploadId marker");
            Assert.Equal(("upload-id-marker", id), (refused.ErrorField("ArgumentName"), refused.ErrorField("ArgumentValue")));
        }
        // One that has ended in between is still a place to go on from.
        Assert.Equal(HttpStatusCode.NoContent, (await upload.AbortAsync()).Status);
        Assert.Empty(Uploads(await ListAsync(bucket, ("key-marker", "one"), ("upload-id-marker", upload.Id))));
    }

    private async Task<RawAnswer> ListAsync(string bucket, params (string, string)[] query) =>
        (await service.Http.SendAsync(RawUpload.ListUploads(bucket, query))).MustBe(HttpStatusCode.OK);

    private static IEnumerable<(string Key, string Id)> Uploads(RawAnswer page) => RawUpload.Fields(page, "Upload", "Key").Zip(RawUpload.Fields(page, "Upload", "UploadId"));
}
