using System.IO.Hashing;
using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.RoundTrips;

/// <summary>Checksums are verified on the way in, kept, and returned on request.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class ChecksumTests(ServiceFixture service)
{
    public static TheoryData<string, bool, int> Algorithms()
    {
        var cases = new TheoryData<string, bool, int>();
        foreach (var algorithm in new[] { "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256" })
            foreach (var tls in new[] { false, true })
                foreach (var size in new[] { 0, 70_000, 9 * TestData.Mebibyte }) cases.Add(algorithm, tls, size);
        return cases;
    }

    /// <summary>Over http the SDK signs each chunk and its trailer, over https neither.</summary>
    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task A_trailing_checksum_is_taken_and_returned(string algorithm, bool tls, int size)
    {
        var s3 = tls ? service.S3OverTls : service.S3;
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(size);
        var raw = tls ? service.Https : service.Http;
        // The SDK computes these only with a native library beside it.
        if (algorithm is "CRC32C" or "CRC64NVME") await PutByTrailerAsync(raw, bucket, body, algorithm);
        else await s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "object", InputStream = new MemoryStream(body), ChecksumAlgorithm = new ChecksumAlgorithm(algorithm) });

        foreach (var request in new[] { RawRequest.Get(bucket, "object"), RawRequest.Head(bucket, "object") })
        {
            var header = $"x-amz-checksum-{algorithm.ToLowerInvariant()}";
            var answer = (await raw.SendAsync(request with { Headers = [("x-amz-checksum-mode", "ENABLED")] })).MustBe(HttpStatusCode.OK);
            Assert.Equal(Compute(algorithm, body), answer[header]);
            Assert.Equal("FULL_OBJECT", answer["x-amz-checksum-type"]);
            Assert.Null((await raw.SendAsync(request))[header]);
        }
    }

    [Theory]
    [InlineData("CRC32")]
    [InlineData("CRC32C")]
    [InlineData("CRC64NVME")]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    public async Task A_checksum_in_a_header_is_verified(string algorithm)
    {
        var bucket = await service.NewBucketAsync();
        var (body, other) = (TestData.Bytes(50_000), TestData.Bytes(50_000, seed: 2));
        var header = $"x-amz-checksum-{algorithm.ToLowerInvariant()}";
        var wrong = await service.Http.SendAsync(RawRequest.Put(bucket, "object", body, (header, Compute(algorithm, other))));
        wrong.MustBeError(400, "BadDigest", $"The {algorithm} you specified did not match the calculated checksum.");
        (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.NotFound);

        var right = await service.Http.SendAsync(RawRequest.Put(bucket, "object", body, (header, Compute(algorithm, body))));
        Assert.Equal(Compute(algorithm, body), right.MustBe(HttpStatusCode.OK)[header]);
    }

    [Fact]
    public async Task An_upload_without_a_checksum_gets_CRC64NVME()
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(1000);
        var put = await service.Http.SendAsync(RawRequest.Put(bucket, "object", body));
        Assert.Equal(Compute("CRC64NVME", body), put.MustBe(HttpStatusCode.OK)["x-amz-checksum-crc64nvme"]);
    }

    [Fact]
    public async Task A_range_has_no_checksum_unless_it_is_the_whole_object()
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(1000);
        await service.Http.SendAsync(RawRequest.Put(bucket, "object", body));
        var part = await service.Http.SendAsync(RawRequest.Get(bucket, "object", ("x-amz-checksum-mode", "ENABLED"), ("Range", "bytes=0-998")));
        Assert.Null(part.MustBe(HttpStatusCode.PartialContent)["x-amz-checksum-crc64nvme"]);
        var whole = await service.Http.SendAsync(RawRequest.Get(bucket, "object", ("x-amz-checksum-mode", "ENABLED"), ("Range", "bytes=0-999")));
        Assert.Equal(Compute("CRC64NVME", body), whole.MustBe(HttpStatusCode.PartialContent)["x-amz-checksum-crc64nvme"]);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(9 * TestData.Mebibyte)]
    public async Task Content_MD5_is_verified(int size)
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(size);
        var wrong = RawRequest.Put(bucket, "object", body, ("Content-MD5", Convert.ToBase64String(MD5.HashData("other"u8))));
        (await service.Http.SendAsync(wrong)).MustBeError(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", body, ("Content-MD5", "nonsense")))).MustBeError(400, "InvalidDigest");
        (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.NotFound);

        // It is verified in the modes, too, whose ETag is no MD5.
        var right = RawRequest.Put(bucket, "object", body, ("Content-MD5", Convert.ToBase64String(MD5.HashData(body))), ("x-amz-server-side-encryption", "aws:kms"));
        (await service.Http.SendAsync(right)).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(wrong with { Headers = [.. wrong.Headers, ("x-amz-server-side-encryption", "aws:kms")] })).MustBeError(400, "BadDigest");
    }

    private static async Task PutByTrailerAsync(RawClient client, string bucket, byte[] body, string algorithm)
    {
        var header = $"x-amz-checksum-{algorithm.ToLowerInvariant()}";
        (await client.SendAsync(RawRequest.Put(bucket, "object", []) with
        {
            ContentSha256 = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            Headers = [("x-amz-decoded-content-length", $"{body.Length}"), ("Content-Encoding", "aws-chunked"), ("x-amz-sdk-checksum-algorithm", algorithm), ("x-amz-trailer", header)],
            Body = ChunkedBody.Unsigned(body, PayloadFormTests.ChunkSize, (header, Compute(algorithm, body))),
        })).MustBe(HttpStatusCode.OK);
    }

    private static string Compute(string algorithm, byte[] body)
    {
        byte[] value = algorithm switch
        {
            "CRC32" => BigEndian(Crc32.Hash(body)),
            "CRC32C" => BigEndian(Castagnoli(body)),
            "CRC64NVME" => BigEndian(Nvme(body)),
            "SHA1" => SHA1.HashData(body),
            _ => SHA256.HashData(body),
        };
        return Convert.ToBase64String(value);
    }

    private static byte[] BigEndian(byte[] littleEndian) => [.. littleEndian.Reverse()];

    /// <summary>Reflected polynomial 0x82F63B78 (RFC 3720 appendix B.4).</summary>
    private static byte[] Castagnoli(byte[] body)
    {
        var crc = uint.MaxValue;
        foreach (var value in body) crc = System.Numerics.BitOperations.Crc32C(crc, value);
        return BitConverter.GetBytes(~crc);
    }

    /// <summary>Azure's storage CRC is the same polynomial, and another implementation than the service's.</summary>
    private static byte[] Nvme(byte[] body)
    {
        var crc = Azure.Storage.StorageCrc64HashAlgorithm.Create();
        crc.Append(body);
        return crc.GetCurrentHash();
    }
}
