using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>GetObjectAttributes: what HeadObject and ListParts tell, in one document.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class ObjectAttributesTests(ServiceFixture service)
{
    private const string Key = "object";

    private static readonly List<ObjectAttributes> All = [ObjectAttributes.ETag, ObjectAttributes.Checksum, ObjectAttributes.ObjectParts, ObjectAttributes.ObjectSize, ObjectAttributes.StorageClass];

    [Fact]
    public async Task The_attributes_that_are_asked_for_are_told_and_no_others()
    {
        var bucket = await service.NewBucketAsync();
        var put = await service.S3.PutObjectAsync(new() { BucketName = bucket, Key = Key, ContentBody = "body", ChecksumAlgorithm = ChecksumAlgorithm.SHA256 });
        var all = await GetAsync(bucket);
        Assert.Equal((put.ETag.Trim('"'), 4, "STANDARD"), (all.ETag, all.ObjectSize, all.StorageClass?.Value));
        Assert.Equal((put.ChecksumSHA256, ChecksumType.FULL_OBJECT, null), (all.Checksum.ChecksumSHA256, all.Checksum.ChecksumType, all.Checksum.ChecksumCRC32));
        Assert.Null(all.ObjectParts);
        var head = await service.Http.SendAsync(RawRequest.Head(bucket, Key));
        Assert.Equal(head["last-modified"], (await service.Http.SendAsync(Request(bucket, "ETag")))["last-modified"]);

        var size = (await service.Http.SendAsync(Request(bucket, "ObjectSize"))).MustBe(HttpStatusCode.OK);
        Assert.EndsWith("<GetObjectAttributesResponse xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><ObjectSize>4</ObjectSize></GetObjectAttributesResponse>", size.Text, StringComparison.Ordinal);
        Assert.Contains("<ETag>", (await service.Http.SendAsync(Request(bucket, " ETag , ObjectSize"))).MustBe(HttpStatusCode.OK).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_parts_of_a_composite_checksum_are_listed_page_by_page()
    {
        var bucket = await service.NewBucketAsync();
        var completed = await UploadAsync(bucket, ChecksumAlgorithm.SHA256, ChecksumType.COMPOSITE);
        var all = await GetAsync(bucket);
        Assert.EndsWith("-3", completed.ChecksumSHA256, StringComparison.Ordinal);
        Assert.Equal((completed.ChecksumSHA256[..^2], ChecksumType.COMPOSITE), (all.Checksum.ChecksumSHA256, all.Checksum.ChecksumType));
        Assert.Equal((3, 0, 5, 1000, false), (all.ObjectParts.TotalPartsCount, all.ObjectParts.PartNumberMarker, all.ObjectParts.NextPartNumberMarker, all.ObjectParts.MaxParts, all.ObjectParts.IsTruncated));
        Assert.Equal([(1, 5L << 20), (3, 5L << 20), (5, 1L)], all.ObjectParts.Parts.Select(part => (part.PartNumber!.Value, part.Size!.Value)));
        Assert.Equal(completed.ETag.Trim('"'), all.ETag);

        var paged = new List<int?>();
        for (var (marker, more) = (0, true); more;)
        {
            var page = (await GetAsync(bucket, request => (request.MaxParts, request.PartNumberMarker) = (2, marker))).ObjectParts;
            Assert.Equal((marker, 2, 3), (page.PartNumberMarker, page.MaxParts, page.TotalPartsCount));
            paged.AddRange(page.Parts.Select(part => part.PartNumber));
            (marker, more) = (page.NextPartNumberMarker!.Value, page.IsTruncated!.Value);
        }
        Assert.Equal([1, 3, 5], paged);
        Assert.Null((await GetAsync(bucket, request => request.PartNumberMarker = 5)).ObjectParts.Parts);
        Assert.Equal(Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Part(5))), all.ObjectParts.Parts[^1].ChecksumSHA256);
    }

    [Fact]
    public async Task Of_any_other_object_of_parts_their_number_is_told()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var (algorithm, type) in ((ChecksumAlgorithm?, ChecksumType?)[])[(null, null), (ChecksumAlgorithm.CRC32, ChecksumType.FULL_OBJECT)])
        {
            await UploadAsync(bucket, algorithm, type);
            var all = await GetAsync(bucket);
            Assert.Equal((3, null, null, null), (all.ObjectParts.TotalPartsCount, all.ObjectParts.Parts, all.ObjectParts.MaxParts, all.ObjectParts.IsTruncated));
            Assert.Equal(ChecksumType.FULL_OBJECT, all.Checksum.ChecksumType);
        }
    }

    [Fact]
    public async Task A_customers_key_is_asked_for()
    {
        var bucket = await service.NewBucketAsync();
        var key = CustomerKey.New();
        (await service.Https.SendAsync(RawRequest.Put(bucket, Key, "body"u8.ToArray(), key.Headers))).MustBe(HttpStatusCode.OK);
        (await service.Https.SendAsync(Request(bucket, "ObjectSize", key.Headers))).MustBe(HttpStatusCode.OK);
        (await service.Https.SendAsync(Request(bucket, "ObjectSize"))).MustBeError(400, "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.");
        (await service.Https.SendAsync(Request(bucket, "ObjectSize", CustomerKey.New().Headers))).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(Request(bucket, "ObjectSize", key.Headers))).MustBeError(400, "InvalidRequest");
    }

    [Fact]
    public async Task What_is_no_attribute_and_no_number_is_refused()
    {
        var bucket = await service.NewBucketAsync();
        const string missing = "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty";
        (await service.Http.SendAsync(RawRequest.Get(bucket, Key) with { Query = [("attributes", "")] })).MustBeError(400, "InvalidRequest", missing);
        (await service.Http.SendAsync(Request(bucket, ","))).MustBeError(400, "InvalidRequest", missing);
        var unknown = (await service.Http.SendAsync(Request(bucket, "ETag,etag"))).MustBeError(400, "InvalidArgument", "Invalid attribute name specified.");
        Assert.Equal(("x-amz-object-attributes", "etag"), (unknown.ErrorField("ArgumentName"), unknown.ErrorField("ArgumentValue")));
        foreach (var header in (string[])["x-amz-max-parts", "x-amz-part-number-marker"])
            foreach (var value in (string[])["-1", "some"]) (await service.Http.SendAsync(Request(bucket, "ETag", (header, value)))).MustBeError(400, "InvalidArgument");
        (await service.Http.SendAsync(Request(bucket, "ETag"))).MustBeError(404, "NoSuchKey");
        (await service.Http.SendAsync(Request(bucket, "ObjectParts"))).MustBeError(404, "NoSuchKey");
        (await service.Http.SendAsync(Request("no-such-bucket-here", "ETag"))).MustBeError(404, "NoSuchBucket");
    }

    private static byte[] Part(int number) => TestData.Bytes(number == 5 ? 1 : 5 * TestData.Mebibyte, seed: number);

    private static RawRequest Request(string bucket, string attributes, params (string, string)[] headers) =>
        RawRequest.Get(bucket, Key, [("x-amz-object-attributes", attributes), .. headers]) with { Query = [("attributes", "")] };

    private Task<GetObjectAttributesResponse> GetAsync(string bucket, Action<GetObjectAttributesRequest>? configure = null)
    {
        var request = new GetObjectAttributesRequest { BucketName = bucket, Key = Key, ObjectAttributes = All };
        configure?.Invoke(request);
        return service.S3.GetObjectAttributesAsync(request);
    }

    private async Task<CompleteMultipartUploadResponse> UploadAsync(string bucket, ChecksumAlgorithm? algorithm, ChecksumType? type)
    {
        var upload = await service.S3.InitiateMultipartUploadAsync(new() { BucketName = bucket, Key = Key, ChecksumAlgorithm = algorithm, ChecksumType = type });
        var complete = new CompleteMultipartUploadRequest { BucketName = bucket, Key = Key, UploadId = upload.UploadId, PartETags = [], ChecksumType = type };
        foreach (var number in (int[])[1, 3, 5])
        {
            var part = await service.S3.UploadPartAsync(new()
            {
                BucketName = bucket,
                Key = Key,
                UploadId = upload.UploadId,
                PartNumber = number,
                InputStream = new MemoryStream(Part(number)),
                ChecksumAlgorithm = algorithm,
            });
            complete.PartETags.Add(new(number, part.ETag) { ChecksumSHA256 = part.ChecksumSHA256, ChecksumCRC32 = part.ChecksumCRC32 });
        }
        return await service.S3.CompleteMultipartUploadAsync(complete);
    }
}
