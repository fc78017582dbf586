using System.Net;
using System.Security.Cryptography;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Multipart;

/// <summary>What S3 answers to requests of uploads, to right ones and to wrong ones.</summary>
[Collection(UploadsCollection.Name)]
public sealed class UploadRequestTests(ServiceFixture service)
{
    private const string NoSuchUpload = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    private const string InvalidPart =
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";

    private static readonly byte[] Large = TestData.Bytes(5 * TestData.Mebibyte);

    [Fact]
    public async Task A_wrong_list_of_parts_is_refused_and_the_upload_goes_on()
    {
        var upload = await BeginAsync();
        var small = await upload.PutPartAsync(1, "small"u8.ToArray());
        var large = await upload.PutPartAsync(2, Large);
        var last = await upload.PutPartAsync(3, "last"u8.ToArray());

        (await upload.CompleteAsync([last, large])).MustBeError(400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.");
        (await upload.CompleteAsync([large, large])).MustBeError(400, "InvalidPartOrder");
        var tooSmall = (await upload.CompleteAsync([small, large])).MustBeError(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
        Assert.Equal(("5", "5242880", "1", small.ETag.Trim('"')),
            (tooSmall.ErrorField("ProposedSize"), tooSmall.ErrorField("MinSizeAllowed"), tooSmall.ErrorField("PartNumber"), tooSmall.ErrorField("ETag")));
        var unknown = (await upload.CompleteAsync([large, (4, last.ETag)])).MustBeError(400, "InvalidPart", InvalidPart);
        Assert.Equal((upload.Id, "4", last.ETag.Trim('"')), (unknown.ErrorField("UploadId"), unknown.ErrorField("PartNumber"), unknown.ErrorField("ETag")));
        (await upload.CompleteAsync([(2, last.ETag), last])).MustBeError(400, "InvalidPart", InvalidPart);
        (await upload.CompleteAsync([(2, "no etag"), last])).MustBeError(400, "InvalidPart", InvalidPart);
        (await upload.CompleteAsync([(0, large.ETag)])).MustBeError(400, "InvalidArgument", "PartNumber must be >= 1");
        (await upload.CompleteAsync([(10_001, large.ETag)])).MustBeError(400, "InvalidPart");
        (await upload.CompleteAsync([large, last], ("x-amz-mp-object-size", "7")))
            .MustBeError(400, "InvalidRequest", $"The provided 'x-amz-mp-object-size' header value 7 does not match what was computed: {Large.Length + 4}");
        (await upload.CompleteAsync([large, last], ("x-amz-mp-object-size", "x"))).MustBeError(400, "InvalidRequest", "Value for x-amz-mp-object-size header is invalid: 'x'");
        foreach (var document in (string[])
            ["", "<", "<CompleteMultipartUpload/>", "<Other><Part><PartNumber>1</PartNumber><ETag>a</ETag></Part></Other>", "<CompleteMultipartUpload><Part><PartNumber>2</PartNumber></Part></CompleteMultipartUpload>",
            "<CompleteMultipartUpload><Part><ETag>a</ETag></Part></CompleteMultipartUpload>", "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>a</ETag></Part></CompleteMultipartUpload>",
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>a</ETag><Other/></Part></CompleteMultipartUpload>"])
            (await upload.CompleteAsync(document)).MustBeError(400, "MalformedXML");

        // Quotes are not needed, nor is the namespace.
        (await upload.CompleteAsync([(2, large.ETag.Trim('"')), last], ("x-amz-mp-object-size", $"{Large.Length + 4}"))).MustBe(HttpStatusCode.OK);
        Assert.Equal(Large.Length + 4, (await service.Http.SendAsync(RawRequest.Get(upload.Bucket, upload.Key))).MustBe(HttpStatusCode.OK).Body.Length);
    }

    [Fact]
    public async Task A_completion_that_is_repeated_is_answered_alike_until_the_object_is_another()
    {
        var upload = await BeginAsync();
        var (first, second) = (await upload.PutPartAsync(1, Large), await upload.PutPartAsync(2, "last"u8.ToArray()));
        var completed = (await upload.CompleteAsync([first, second], ("If-None-Match", "*"))).MustBe(HttpStatusCode.OK);
        Assert.Equal(completed.Text, (await upload.CompleteAsync([first, second], ("If-None-Match", "*"))).MustBe(HttpStatusCode.OK).Text);
        (await upload.CompleteAsync([first])).MustBeError(404, "NoSuchUpload");

        (await service.Http.SendAsync(RawRequest.Put(upload.Bucket, upload.Key, "other"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        (await upload.CompleteAsync([first, second])).MustBeError(404, "NoSuchUpload", NoSuchUpload);
        Assert.Equal("other", (await service.Http.SendAsync(RawRequest.Get(upload.Bucket, upload.Key))).Text);
    }

    [Fact]
    public async Task An_upload_that_is_completed_aborted_or_none_takes_nothing_more()
    {
        var completed = await BeginAsync();
        var part = await completed.PutPartAsync(1, "body"u8.ToArray());
        (await completed.CompleteAsync([part])).MustBe(HttpStatusCode.OK);
        var aborted = await BeginAsync();
        await aborted.PutPartAsync(1, "body"u8.ToArray());
        Assert.Equal(HttpStatusCode.NoContent, (await aborted.AbortAsync()).Status);
        (await aborted.CompleteAsync([part])).MustBeError(404, "NoSuchUpload", NoSuchUpload);
        (await service.Http.SendAsync(RawRequest.Head(aborted.Bucket, aborted.Key))).MustBe(HttpStatusCode.NotFound);
        foreach (var upload in (RawUpload[])[completed, aborted])
        {
            var refused = (await upload.PutAsync(2, Large)).MustBeError(404, "NoSuchUpload", NoSuchUpload);
            Assert.Equal(upload.Id, refused.ErrorField("UploadId"));
            (await upload.ListPartsAsync()).MustBeError(404, "NoSuchUpload");
            (await upload.AbortAsync()).MustBeError(404, "NoSuchUpload");
            Assert.False(RawUpload.Has(await service.Http.SendAsync(RawUpload.ListUploads(upload.Bucket)), "Upload"));
        }
        // An upload's id is good for its own key alone.
        var open = await BeginAsync();
        foreach (var (key, id) in new[] { ("other", open.Id), (open.Key, "none"), (open.Key, ""), (open.Key, new string('0', 44)), (open.Key, "../" + open.Id) })
        {
            (await service.Http.SendAsync(RawRequest.Put(open.Bucket, key, []) with { Query = [("partNumber", "1"), ("uploadId", id)] })).MustBeError(404, "NoSuchUpload");
            (await service.Http.SendAsync(RawRequest.Delete(open.Bucket, key) with { Query = [("uploadId", id)] })).MustBeError(404, "NoSuchUpload");
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    public async Task A_part_has_a_number_from_1_to_10000(string number)
    {
        var upload = await BeginAsync();
        (await service.Http.SendAsync(upload.Part(1, []) with { Query = [("partNumber", number), ("uploadId", upload.Id)] }))
            .MustBeError(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
        await upload.PutPartAsync(10_000, []);
    }

    [Fact]
    public async Task A_part_that_is_uploaded_again_takes_the_place_of_the_first()
    {
        var upload = await BeginAsync();
        var first = await upload.PutPartAsync(1, "first"u8.ToArray());
        var second = await upload.PutPartAsync(1, "second"u8.ToArray());
        (await upload.CompleteAsync([first])).MustBeError(400, "InvalidPart");
        Assert.Equal([second.ETag], RawUpload.Fields(await upload.ListPartsAsync(), "Part", "ETag"));
        (await upload.CompleteAsync([second])).MustBe(HttpStatusCode.OK);
        Assert.Equal("second", (await service.Http.SendAsync(RawRequest.Get(upload.Bucket, upload.Key))).Text);
    }

    [Fact]
    public async Task A_part_is_verified_before_it_counts()
    {
        var upload = await BeginAsync();
        (await upload.PutAsync(1, "body"u8.ToArray(), ("Content-MD5", Convert.ToBase64String(new byte[16])))).MustBeError(400, "BadDigest");
        (await upload.PutAsync(1, "body"u8.ToArray(), ("x-amz-checksum-crc32", "AAAAAA=="))).MustBeError(400, "BadDigest", "The CRC32 you specified did not match the calculated checksum.");
        (await service.Http.SendAsync(upload.Part(1, "body"u8.ToArray()) with { ContentSha256 = new string('0', 64) })).MustBeError(400, "XAmzContentSHA256Mismatch");
        Assert.False(RawUpload.Has(await upload.ListPartsAsync(), "Part"));
    }

    [Fact]
    public async Task Parts_are_listed_in_pages()
    {
        var upload = await BeginAsync();
        var empty = await upload.ListPartsAsync();
        Assert.Equal(("0", "0", "1000", "false"), Page(empty));
        foreach (var number in (int[])[7, 1, 10_000, 3]) await upload.PutPartAsync(number, TestData.Bytes(number));
        var all = (await upload.ListPartsAsync()).MustBe(HttpStatusCode.OK);
        Assert.Equal(["1", "3", "7", "10000"], RawUpload.Fields(all, "Part", "PartNumber"));
        Assert.Equal(["1", "3", "7", "10000"], RawUpload.Fields(all, "Part", "Size"));
        Assert.Equal((upload.Bucket, upload.Key, upload.Id, "STANDARD"),
            (RawUpload.Field(all, "Bucket"), RawUpload.Field(all, "Key"), RawUpload.Field(all, "UploadId"), RawUpload.Field(all, "StorageClass")));
        Assert.Equal(("0", "10000", "1000", "false"), Page(all));
        Assert.Equal(RawUpload.Fields(all, "Owner", "ID"), RawUpload.Fields(all, "Initiator", "ID"));

        var first = await upload.ListPartsAsync(("max-parts", "2"));
        Assert.Equal(("0", "3", "2", "true"), Page(first));
        Assert.Equal(["1", "3"], RawUpload.Fields(first, "Part", "PartNumber"));
        var second = await upload.ListPartsAsync(("max-parts", "2"), ("part-number-marker", "3"));
        Assert.Equal(("3", "10000", "2", "false"), Page(second));
        Assert.Equal(("10000", "0", "1000", "false"), Page(await upload.ListPartsAsync(("part-number-marker", "10000"))));
        (await upload.ListPartsAsync(("max-parts", "x"))).MustBeError(400, "InvalidArgument");
        (await upload.ListPartsAsync(("part-number-marker", "-1"))).MustBeError(400, "InvalidArgument");

        static (string, string, string, string) Page(RawAnswer answer) => (RawUpload.Field(answer, "PartNumberMarker"), RawUpload.Field(answer, "NextPartNumberMarker"),
            RawUpload.Field(answer, "MaxParts"), RawUpload.Field(answer, "IsTruncated"));
    }

    [Fact]
    public async Task Checksums_are_of_the_type_that_was_asked_for()
    {
        var bodies = new[] { Large, TestData.Bytes(1234) };
        var whole = bodies.SelectMany(body => body).ToArray();
        foreach (var (algorithm, type) in new[] { ("CRC32", "COMPOSITE"), ("CRC32", "FULL_OBJECT"), ("SHA256", "COMPOSITE"), ("CRC64NVME", "FULL_OBJECT") })
        {
            var header = $"x-amz-checksum-{algorithm.ToLowerInvariant()}";
            var upload = await RawUpload.BeginAsync(service.Http, await service.NewBucketAsync(), "object", [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", type)]);
            Assert.Equal((algorithm, type), (upload.Begun["x-amz-checksum-algorithm"], upload.Begun["x-amz-checksum-type"]));
            var parts = new List<(int Number, string ETag, string Checksum)>();
            for (var i = 0; i < bodies.Length; i++)
            {
                (string, string)[] sent = Of(algorithm, bodies[i]) is { } value ? [(header, value)] : [];
                var part = (await upload.PutAsync(i + 1, bodies[i], sent)).MustBe(HttpStatusCode.OK);
                parts.Add((i + 1, part["etag"]!, part[header]!));
                Assert.Equal(Of(algorithm, bodies[i]) ?? part[header], part[header]);
            }
            if (type == "COMPOSITE")
            {
                (await upload.PutAsync(3, bodies[1])).MustBeError(400, "InvalidRequest",
                    $"Checksum Type mismatch occurred, expected checksum Type: {algorithm.ToLowerInvariant()}, actual checksum Type: null");
                (await upload.CompleteAsync(parts.Select(part => (part.Number, part.ETag)))).MustBeError(400, "InvalidRequest",
                    $"The upload was created using a {algorithm.ToLowerInvariant()} checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.");
            }
            var listed = await upload.ListPartsAsync();
            Assert.Equal(parts.Select(part => part.Checksum), RawUpload.Fields(listed, "Part", $"Checksum{algorithm}"));
            Assert.Equal((algorithm, type), (RawUpload.Field(listed, "ChecksumAlgorithm"), RawUpload.Field(listed, "ChecksumType")));

            var document = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + string.Concat(parts.Select(part =>
                $"<Part><ETag>{part.ETag}</ETag><PartNumber>{part.Number}</PartNumber><Checksum{algorithm}>{part.Checksum}</Checksum{algorithm}></Part>")) + "</CompleteMultipartUpload>";
            (await upload.CompleteAsync(document.Replace(parts[1].Checksum, parts[0].Checksum, StringComparison.Ordinal))).MustBeError(400, "InvalidPart");
            (await upload.CompleteAsync(document.Replace(parts[1].Checksum, "AAA", StringComparison.Ordinal))).MustBeError(400, "InvalidArgument", "Invalid Base64 or multiple checksums present in request");
            (await upload.CompleteAsync(document, ("x-amz-checksum-type", type == "COMPOSITE" ? "FULL_OBJECT" : "COMPOSITE"))).MustBeError(400, "InvalidRequest",
                $"The upload was created using the {type} checksum mode. The complete request must use the same checksum mode.");
            (await upload.CompleteAsync(document, (header, parts[0].Checksum))).MustBeError(400, "BadDigest", $"The {algorithm.ToLowerInvariant()} you specified did not match the calculated checksum.");
            (await upload.CompleteAsync(document, (header, "AAA"))).MustBeError(400, "InvalidRequest", $"Value for {header} header is invalid.");
            (await upload.CompleteAsync(document, ("x-amz-checksum-sha1", Convert.ToBase64String(new byte[20])))).MustBeError(400, "InvalidRequest");

            var completed = (await upload.CompleteAsync(document, ("x-amz-checksum-type", type))).MustBe(HttpStatusCode.OK);
            var value2 = RawUpload.Field(completed, $"Checksum{algorithm}");
            Assert.Equal(type, RawUpload.Field(completed, "ChecksumType"));
            Assert.Equal(type == "COMPOSITE", value2.EndsWith("-2", StringComparison.Ordinal));
            if (type == "FULL_OBJECT" && Of(algorithm, whole) is { } expected) Assert.Equal(expected, value2);
            var got = (await service.Http.SendAsync(RawRequest.Head(upload.Bucket, "object", ("x-amz-checksum-mode", "ENABLED")))).MustBe(HttpStatusCode.OK);
            Assert.Equal((value2, type), (got[header], got["x-amz-checksum-type"]));
            var part2 = (await service.Http.SendAsync(RawRequest.Get(upload.Bucket, "object", ("x-amz-checksum-mode", "ENABLED")) with { Query = [("partNumber", "2")] })).MustBe(HttpStatusCode.PartialContent);
            Assert.Equal((parts[1].Checksum, type), (part2[header], part2["x-amz-checksum-type"]));
            var range = (await service.Http.SendAsync(RawRequest.Get(upload.Bucket, "object", ("x-amz-checksum-mode", "ENABLED"), ("Range", "bytes=0-9")))).MustBe(HttpStatusCode.PartialContent);
            Assert.Equal((null, null), (range[header], range["x-amz-checksum-type"]));
        }

        static string? Of(string algorithm, byte[] body) => algorithm switch
        {
            "CRC32" => PayloadFormTests.Crc32Of(body),
            "SHA256" => Convert.ToBase64String(SHA256.HashData(body)),
            _ => null,
        };
    }

    [Fact]
    public async Task Without_a_checksum_that_was_asked_for_the_object_has_S3s_default_of_the_whole()
    {
        var upload = await BeginAsync();
        var (first, last) = (await upload.PutPartAsync(1, Large, ("x-amz-checksum-crc32", PayloadFormTests.Crc32Of(Large))), await upload.PutPartAsync(2, "last"u8.ToArray()));
        var completed = (await upload.CompleteAsync([first, last])).MustBe(HttpStatusCode.OK);
        var plain = (await service.Http.SendAsync(RawRequest.Put(upload.Bucket, "plain", [.. Large, .. "last"u8]))).MustBe(HttpStatusCode.OK);
        Assert.Equal(plain["x-amz-checksum-crc64nvme"], RawUpload.Field(completed, "ChecksumCRC64NVME"));
        Assert.Equal("FULL_OBJECT", RawUpload.Field(completed, "ChecksumType"));
        Assert.False(RawUpload.Has(await (await BeginAsync()).ListPartsAsync(), "ChecksumAlgorithm"));
    }

    [Fact]
    public async Task A_part_larger_than_5_GiB_is_refused_before_it_is_sent()
    {
        var upload = await BeginAsync();
        using var message = service.Http.Write(upload.Part(1, []) with { ExpectContinue = true });
        message.Content = new ByteArrayContent([]);
        message.Content.Headers.ContentLength = (5L << 30) + 1;
        using var client = RawClient.NewHttpClient(null);
        using var answer = await client.SendAsync(message);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.Contains("<Code>EntityTooLarge</Code>", text, StringComparison.Ordinal);
        Assert.Contains("<MaxSizeAllowed>5368709120</MaxSizeAllowed>", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_with_an_upload_in_progress_is_deleted_and_the_upload_with_it()
    {
        var upload = await BeginAsync();
        await upload.PutPartAsync(1, "body"u8.ToArray());
        (await service.Http.SendAsync(new RawRequest("DELETE", $"/{upload.Bucket}"))).MustBe(HttpStatusCode.NoContent);
        (await upload.ListPartsAsync()).MustBeError(404, "NoSuchBucket");
        await service.S3.PutBucketAsync(upload.Bucket);
        (await upload.ListPartsAsync()).MustBeError(404, "NoSuchUpload");
        Assert.False(RawUpload.Has(await service.Http.SendAsync(RawUpload.ListUploads(upload.Bucket)), "Upload"));
    }

    [Fact]
    public async Task What_is_refused_of_a_PUT_is_refused_of_an_upload_s_beginning()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var (header, value, code) in new[]
        {
            ("x-amz-storage-class", "GLACIER", "InvalidStorageClass"), ("x-amz-acl", "public-read", "AccessControlListNotSupported"),
            ("x-amz-server-side-encryption", "nonsense", "InvalidArgument"), ("x-amz-checksum-algorithm", "nope", "InvalidRequest"), ("x-amz-meta-long", new string('x', 3000), "MetadataTooLarge"),
        })
            Assert.Equal(code, (await service.Http.SendAsync(RawUpload.Create(bucket, "object", (header, value)))).ErrorCode);
        Assert.Equal("KeyTooLongError", (await service.Http.SendAsync(RawUpload.Create(bucket, new string('k', 1025)))).ErrorCode);
        (await service.Http.SendAsync(RawUpload.Create("no-such-bucket-here", "object"))).MustBeError(404, "NoSuchBucket");
        Assert.False(RawUpload.Has(await service.Http.SendAsync(RawUpload.ListUploads(bucket)), "Upload"));
    }

    private async Task<RawUpload> BeginAsync() => await RawUpload.BeginAsync(service.Http, await service.NewBucketAsync(), "a/key with space");
}
