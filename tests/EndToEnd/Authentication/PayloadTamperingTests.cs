using System.Net;
using System.Text;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Authentication;

/// <summary>A body that is not what was signed, announced or summed up becomes no object, small (sealed in memory) or large (staged).</summary>
[Collection(ObjectsCollection.Name)]
public sealed class PayloadTamperingTests(ServiceFixture service)
{
    private const int Chunk = PayloadFormTests.ChunkSize;
    private const string Trailer = "x-amz-checksum-crc32";

    public static TheoryData<int> Sizes { get; } = [200_000, 9 * TestData.Mebibyte];

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task Another_body_than_the_hashed_one(int size) => RefusedAsync(size, (request, body) => request with { ContentSha256 = SigV4.Hash(body), Body = Flipped(body) },
        400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.");

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task A_changed_byte_in_a_signed_chunk(int size) => RefusedAsync(size, (request, body) =>
        Signed(request, size) with { SignedBody = ChunkedBody.Signed(body, Chunk, tamper: (number, chunk) => { if (number == 2) chunk[0] ^= 1; }) },
        403, "SignatureDoesNotMatch");

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task A_chunk_signed_by_another_secret(int size) => RefusedAsync(size, (request, body) =>
        Signed(request, size) with { SignedBody = (signer, seed) => ChunkedBody.Signed(body, Chunk)(signer with { SecretAccessKey = "another" }, seed) },
        403, "SignatureDoesNotMatch");

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task Two_signed_chunks_in_the_wrong_order(int size) => RefusedAsync(size, (request, body) => Signed(request, size) with
    {
        SignedBody = (signer, seed) =>
        {
            var whole = ChunkedBody.Signed(body, Chunk)(signer, seed);
            var frame = Encoding.ASCII.GetByteCount($"{Chunk:x};chunk-signature={new string('0', 64)}\r\n") + Chunk + 2;
            return [.. whole[frame..(2 * frame)], .. whole[..frame], .. whole[(2 * frame)..]];
        },
    }, 403, "SignatureDoesNotMatch");

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task A_missing_last_chunk(int size) => RefusedAsync(size, (request, body) => Signed(request, size) with
    {
        SignedBody = (signer, seed) => ChunkedBody.Signed(body, Chunk)(signer, seed)[..^88],
    }, 400, "IncompleteBody");

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task A_longer_body_than_the_decoded_length(int size) => RefusedAsync(size, (request, body) => Signed(request, size - 1) with { SignedBody = ChunkedBody.Signed(body, Chunk) }, 400, "IncompleteBody");

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task A_wrong_checksum_in_an_unsigned_trailer(int size) => RefusedAsync(size, (request, body) => request with
    {
        ContentSha256 = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        Headers = [("x-amz-decoded-content-length", $"{size}"), ("x-amz-trailer", Trailer)],
        Body = ChunkedBody.Unsigned(body, Chunk, (Trailer, PayloadFormTests.Crc32Of(Flipped(body)))),
    }, 400, "BadDigest", "The CRC32 you specified did not match the calculated checksum.");

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task A_wrong_checksum_in_a_signed_trailer(int size) => RefusedAsync(size, (request, body) => SignedTrailer(request, size) with
    {
        SignedBody = ChunkedBody.Signed(body, Chunk, trailers: [(Trailer, PayloadFormTests.Crc32Of(Flipped(body)))]),
    }, 400, "BadDigest", "The CRC32 you specified did not match the calculated checksum.");

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task A_signed_trailer_that_was_changed(int size) => RefusedAsync(size, (request, body) => SignedTrailer(request, size) with
    {
        SignedBody = (signer, seed) =>
        {
            var sent = Encoding.Latin1.GetString(ChunkedBody.Signed(body, Chunk, trailers: [(Trailer, PayloadFormTests.Crc32Of(Flipped(body)))])(signer, seed));
            return Encoding.Latin1.GetBytes(sent.Replace(PayloadFormTests.Crc32Of(Flipped(body)), PayloadFormTests.Crc32Of(body), StringComparison.Ordinal));
        },
    }, 403, "SignatureDoesNotMatch");

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task A_trailer_that_was_announced_and_did_not_come(int size) => RefusedAsync(size, (request, body) => request with
    {
        ContentSha256 = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        Headers = [("x-amz-decoded-content-length", $"{size}"), ("x-amz-trailer", Trailer)],
        Body = ChunkedBody.Unsigned(body, Chunk),
    }, 400, "MalformedTrailerError");

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_body_that_breaks_off(int size)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "old", "old"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        foreach (var key in new[] { "new", "old" })
        {
            var broken = RawRequest.Put(bucket, key, TestData.Bytes(size)) with { ContentSha256 = "UNSIGNED-PAYLOAD", Withheld = size / 2 };
            await Assert.ThrowsAsync<HttpRequestException>(() => service.Http.SendAsync(broken));
        }
        // The service may see the end of the connection a little later than the client: what came of it is looked at for a while.
        for (var look = 0; look < 20; look++)
        {
            (await service.Http.SendAsync(RawRequest.Head(bucket, "new"))).MustBe(HttpStatusCode.NotFound);
            Assert.Equal("old", (await service.Http.SendAsync(RawRequest.Get(bucket, "old"))).Text);
        }
    }

    private static RawRequest Signed(RawRequest request, int decodedLength) => request with
    {
        ContentSha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        Headers = [("x-amz-decoded-content-length", $"{decodedLength}")],
    };

    private static RawRequest SignedTrailer(RawRequest request, int decodedLength) => request with
    {
        ContentSha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        Headers = [("x-amz-decoded-content-length", $"{decodedLength}"), ("x-amz-trailer", Trailer)],
    };

    private static byte[] Flipped(byte[] body)
    {
        byte[] changed = [.. body];
        changed[body.Length / 2] ^= 1;
        return changed;
    }

    private async Task RefusedAsync(int size, Func<RawRequest, byte[], RawRequest> spoil, int status, string code, string? message = null)
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(size);
        (await service.Http.SendAsync(spoil(RawRequest.Put(bucket, "object", body), body))).MustBeError(status, code, message);
        (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.NotFound);

        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "old"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(spoil(RawRequest.Put(bucket, "object", body), body))).MustBeError(status, code, message);
        Assert.Equal("old", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).Text);
    }
}
