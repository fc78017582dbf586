using System.Net;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>Many objects are deleted by one request, each with an outcome of its own.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class DeleteObjectsTests(ServiceFixture service)
{
    private const string One = "<Object><Key>object</Key></Object>";

    [Fact]
    public async Task The_SDK_deletes_1000_objects_at_once()
    {
        var bucket = await service.NewBucketAsync();
        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            (await service.Http.SendAsync(RawRequest.Put(bucket, $"object-{i}", []))).MustBe(HttpStatusCode.OK));
        var keys = Enumerable.Range(0, 1000).Select(i => new KeyVersion { Key = $"object-{i}" }).ToList();
        var deleted = await service.S3.DeleteObjectsAsync(new() { BucketName = bucket, Objects = keys });
        Assert.Equal(keys.Select(key => key.Key), deleted.DeletedObjects.Select(gone => gone.Key));
        Assert.Empty((await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects ?? []);
        await service.S3.DeleteBucketAsync(bucket);
    }

    [Fact]
    public async Task Each_object_has_its_outcome_in_the_order_of_the_request_and_failures_alone_are_told_quietly()
    {
        foreach (var quiet in (bool[])[false, true])
        {
            var bucket = await FilledAsync("a", "b", "c", "d");
            var content = $"<Quiet>{(quiet ? "true" : "false")}</Quiet><Object><Key>d</Key><ETag>\"{Convert.ToHexStringLower(MD5.HashData("d"u8))}\"</ETag></Object><Object><Key>a</Key></Object><Object><Key>none</Key></Object>"
                + "<Object><Key>b</Key><ETag>\"other\"</ETag></Object><Object><Key>none</Key><ETag>*</ETag></Object><Object><Key>c</Key><VersionId>HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD</VersionId></Object>"
                + $"<Object><Key>c</Key><VersionId>null</VersionId></Object><Object><Key>a</Key></Object><Object><Key>{new string('k', 1025)}</Key></Object>";
            var answer = (await service.Http.SendAsync(DeletionRequest.Of(bucket, content))).MustBe(HttpStatusCode.OK);
            Assert.Equal("application/xml", answer["content-type"]);
            string[] failures =
            [
                "b PreconditionFailed At least one of the pre-conditions you specified did not hold", "none NoSuchKey The specified key does not exist.",
                "c HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD NoSuchVersion The specified version does not exist.",
            ];
            var tooLong = $"{new string('k', 1025)} KeyTooLongError Your key is too long";
            Assert.Equal(quiet ? [.. failures, tooLong] : ["d", "a", "none", .. failures, "c null", "a", tooLong], DeletionRequest.Outcomes(answer));
            Assert.Equal("b", Assert.Single((await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects).Key);
        }
    }

    /// <summary>A key that is named twice is deleted once; what stands there in between decides, in the order of the list.</summary>
    [Fact]
    public async Task A_key_that_is_repeated_is_deleted_by_the_first_that_may()
    {
        var bucket = await FilledAsync("a");
        var answer = await service.Http.SendAsync(DeletionRequest.Of(bucket,
            "<Object><Key>a</Key><ETag>other</ETag></Object><Object><Key>a</Key><ETag>*</ETag></Object><Object><Key>a</Key><ETag>*</ETag></Object><Object><Key>a</Key></Object>"));
        Assert.Equal(
            ["a PreconditionFailed At least one of the pre-conditions you specified did not hold", "a", "a NoSuchKey The specified key does not exist.", "a"],
            DeletionRequest.Outcomes(answer.MustBe(HttpStatusCode.OK)));
    }

    [Fact]
    public async Task Awkward_keys_are_deleted_each_by_itself()
    {
        string[] keys = [" ", "  ", "a b", "a+b", "a%2Bb", "a//b", "a/", "a/.", "../a", "<xml>&amp;", "\"", "line\nbreak", "carriage\rreturn", "\r\n", "tab\t", "\uE000", "😀", "é", "e\u0301", "trailing "];
        var bucket = await FilledAsync([.. keys, "stays"]);
        var deleted = await service.S3.DeleteObjectsAsync(new() { BucketName = bucket, Objects = [.. keys.Select(key => new KeyVersion { Key = key })] });
        Assert.Equal(keys, deleted.DeletedObjects.Select(gone => gone.Key));
        Assert.Equal("stays", Assert.Single((await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects).Key);
    }

    [Fact]
    public async Task A_large_objects_data_go_with_it_and_a_damaged_object_can_be_deleted()
    {
        var bucket = await FilledAsync("small");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "large", TestData.Bytes(9 * TestData.Mebibyte)))).MustBe(HttpStatusCode.OK);
        var container = service.Blobs.GetBlobContainers().Single(item => item.Name.StartsWith(bucket, StringComparison.Ordinal)).Name;
        await service.Blobs.GetBlobContainerClient(container).UploadBlobAsync("damaged", BinaryData.FromString("x"));
        Assert.Single(Data());

        var content = "<Object><Key>large</Key></Object><Object><Key>damaged</Key><ETag>x</ETag></Object><Object><Key>damaged</Key></Object><Object><Key>small</Key></Object>";
        Assert.Equal(["large", "damaged InternalError We encountered an internal error. Please try again.", "damaged", "small"],
            DeletionRequest.Outcomes((await service.Http.SendAsync(DeletionRequest.Of(bucket, content))).MustBe(HttpStatusCode.OK)));
        Assert.Empty(Data());
        await service.S3.DeleteBucketAsync(bucket);

        IEnumerable<string> Data() => service.Blobs.GetBlobContainerClient("uploads").GetBlobs().Select(blob => blob.Name).Where(name => name.StartsWith(container, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_nothing_verifies_or_that_is_not_what_was_sent_is_refused_and_deletes_nothing()
    {
        var bucket = await FilledAsync("object");
        var good = DeletionRequest.Of(bucket, One);
        (await service.Http.SendAsync(good with { Headers = [] })).MustBeError(400, "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        (await service.Http.SendAsync(good with { Headers = [("Content-MD5", "bad")] })).MustBeError(400, "InvalidDigest", "The Content-MD5 you specified was invalid.");
        (await service.Http.SendAsync(good with { Headers = [("Content-MD5", Convert.ToBase64String(new byte[16]))] })).MustBeError(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
        (await service.Http.SendAsync(good with { Headers = [("x-amz-checksum-crc32", "AAAAAA==")] })).MustBeError(400, "BadDigest", "The CRC32 you specified did not match the calculated checksum.");
        (await service.Http.SendAsync(good with { ContentSha256 = SigV4.Hash("other"u8) })).MustBeError(400, "XAmzContentSHA256Mismatch");
        (await service.Http.SendAsync(good with { Body = [], Headers = [("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")] })).MustBeError(400, "MissingRequestBodyError", "Request Body is empty");
        (await service.Http.SendAsync(DeletionRequest.Of("no-such-bucket-here", One))).MustBeError(404, "NoSuchBucket");
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(good with { Headers = [("x-amz-checksum-crc32", PayloadFormTests.Crc32Of(good.Body))] })).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBeError(404, "NoSuchKey");
    }

    [Theory]
    [InlineData("<Delete><Object><Key>object</Key></Object>", "MalformedXML")]
    [InlineData("<Delete><Object><Key>object</Key><Size>1</Size></Object></Delete>", "MalformedXML")]
    [InlineData("<Delete><Object><Key>object</Key></Object><Object><Key></Key></Object></Delete>", "UserKeyMustBeSpecified")]
    [InlineData("<Delete><Object><Key>object</Key></Object><Object><Key>&#x1;</Key></Object></Delete>", "MalformedXML")]
    public async Task A_document_against_the_schema_is_refused_and_deletes_nothing(string document, string code)
    {
        var bucket = await FilledAsync("object");
        (await service.Http.SendAsync(DeletionRequest.OfDocument(bucket, document))).MustBeError(400, code);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
    }

    private async Task<string> FilledAsync(params string[] keys)
    {
        var bucket = await service.NewBucketAsync();
        foreach (var key in keys) (await service.Http.SendAsync(RawRequest.Put(bucket, key, Encoding.UTF8.GetBytes(key)))).MustBe(HttpStatusCode.OK);
        return bucket;
    }
}
