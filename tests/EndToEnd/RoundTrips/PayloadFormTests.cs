using System.IO.Hashing;
using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.RoundTrips;

/// <summary>The forms in which a body may come, by x-amz-content-sha256.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class PayloadFormTests(ServiceFixture service)
{
    public const int ChunkSize = 64 * 1024;

    public static TheoryData<int> Sizes { get; } = [0, 1, ChunkSize, 200_000, 9 * TestData.Mebibyte];

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task A_body_with_its_hash_signed(int size) => RoundTripAsync(size, (request, _) => request);

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task An_unsigned_body(int size) => RoundTripAsync(size, (request, _) => request with { ContentSha256 = "UNSIGNED-PAYLOAD" });

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task Signed_chunks(int size) => RoundTripAsync(size, (request, body) => request with
    {
        ContentSha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        Headers = [("x-amz-decoded-content-length", $"{size}"), ("Content-Encoding", "aws-chunked")],
        SignedBody = ChunkedBody.Signed(body, ChunkSize),
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task Signed_chunks_with_a_signed_trailer(int size) => RoundTripAsync(size, (request, body) => request with
    {
        ContentSha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        Headers = [("x-amz-decoded-content-length", $"{size}"), ("Content-Encoding", "aws-chunked"), ("x-amz-trailer", "x-amz-checksum-crc32")],
        SignedBody = ChunkedBody.Signed(body, ChunkSize, trailers: [("x-amz-checksum-crc32", Crc32Of(body))]),
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task Unsigned_chunks_with_a_trailer(int size) => RoundTripAsync(size, (request, body) => request with
    {
        ContentSha256 = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        Headers = [("x-amz-decoded-content-length", $"{size}"), ("Content-Encoding", "aws-chunked"), ("x-amz-trailer", "x-amz-checksum-crc32")],
        Body = ChunkedBody.Unsigned(body, ChunkSize, ("x-amz-checksum-crc32", Crc32Of(body))),
    });

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task The_SDK_without_payload_signing_or_without_chunks(bool disableSigning, bool chunks)
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(300_000);
        await service.S3OverTls.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = "object",
            InputStream = new MemoryStream(body),
            DisablePayloadSigning = disableSigning,
            UseChunkEncoding = chunks,
        });
        using var got = await service.S3OverTls.GetObjectAsync(bucket, "object");
        using var read = new MemoryStream();
        await got.ResponseStream.CopyToAsync(read);
        Assert.True(body.AsSpan().SequenceEqual(read.ToArray()));
    }

    [Fact]
    public async Task The_transports_own_encoding_is_not_kept_and_the_contents_is()
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(100);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []) with
        {
            ContentSha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Headers = [("x-amz-decoded-content-length", "100"), ("Content-Encoding", "aws-chunked,gzip")],
            SignedBody = ChunkedBody.Signed(body, ChunkSize),
        })).MustBe(HttpStatusCode.OK);
        Assert.Equal("gzip", (await service.Http.SendAsync(RawRequest.Head(bucket, "object")))["content-encoding"]);
    }

    internal static string Crc32Of(byte[] body) => Convert.ToBase64String([.. Crc32.Hash(body).Reverse()]);

    private async Task RoundTripAsync(int size, Func<RawRequest, byte[], RawRequest> form)
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(size);
        (await service.Http.SendAsync(form(RawRequest.Put(bucket, "object", body), body))).MustBe(HttpStatusCode.OK);
        var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        Assert.True(body.AsSpan().SequenceEqual(got.Body));
        Assert.Null(got["content-encoding"]);
    }
}
