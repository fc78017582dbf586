using System.Text;

namespace Serverless.Access.Tests;

public sealed class ChunkedPayloadTests
{
    private const string Crc = "x-amz-checksum-crc32:AAAAAA==";
    private static readonly byte[] Data = [.. Enumerable.Range(0, 20_000).Select(i => (byte)(i * 7))];

    [Theory]
    [InlineData(ChunkedUpload.Signed, 8192)]
    [InlineData(ChunkedUpload.SignedTrailer, 10_000)]
    [InlineData(ChunkedUpload.UnsignedTrailer, 20_000)]
    public async Task A_body_in_chunks_is_decoded(string kind, int chunkSize)
    {
        var request = new ChunkedUpload(kind) { ChunkSize = chunkSize }.ToRequest(Data);
        var data = await request.ReadAsync(payload =>
        {
            Assert.Equal(Data.Length, payload.DecodedLength);
            Assert.Equal(kind == ChunkedUpload.Signed ? [] : [new("x-amz-checksum-crc32", "AAAAAA==")], payload.Trailers);
        });
        Assert.Equal(Data, data);
    }

    [Theory]
    [InlineData(ChunkedUpload.Signed)]
    [InlineData(ChunkedUpload.SignedTrailer)]
    [InlineData(ChunkedUpload.UnsignedTrailer)]
    public async Task An_empty_body_in_chunks_is_decoded(string kind) =>
        Assert.Empty(await new ChunkedUpload(kind).ToRequest([]).ReadAsync());

    [Fact]
    public async Task Trailers_are_there_at_the_end_and_not_before()
    {
        using var payload = (await new ChunkedUpload(ChunkedUpload.UnsignedTrailer).ToRequest(Data).AuthenticateAsync()).OpenPayload();
        await payload.ReadAsync(default);
        Assert.Empty(payload.Trailers);
        await TestRequest.ReadToEndAsync(payload);
        Assert.Single(payload.Trailers);
    }

    [Theory]
    [InlineData("chunk-signature=", 0, "AWS4-HMAC-SHA256-PAYLOAD")]
    [InlineData("chunk-signature=", 1, "AWS4-HMAC-SHA256-PAYLOAD")]
    [InlineData("chunk-signature=", 3, "AWS4-HMAC-SHA256-PAYLOAD")]
    [InlineData("x-amz-checksum-crc32:", 0, "AWS4-HMAC-SHA256-TRAILER")]
    [InlineData("x-amz-trailer-signature:", 0, "AWS4-HMAC-SHA256-TRAILER")]
    public async Task A_wrong_signature_is_refused_with_the_string_that_was_signed(string before, int index, string algorithm)
    {
        var request = new ChunkedUpload(ChunkedUpload.SignedTrailer) { ChunkSize = 8192 }.ToRequest(Data);
        var text = Encoding.Latin1.GetString(request.Body);
        var at = 0;
        for (var i = 0; i <= index; i++)
        {
            at = text.IndexOf(before, at, StringComparison.Ordinal) + before.Length;
        }
        request.Body[at] = (byte)(request.Body[at] == 'b' ? 'c' : 'b');
        var error = await request.ReadingRefusalAsync();
        Assert.Equal(("SignatureDoesNotMatch", 403, SigningClient.ExampleKeyId), (error.Code, error.Status, error.Field("AWSAccessKeyId")));
        Assert.StartsWith($"{algorithm}\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n", error.Field("StringToSign"), StringComparison.Ordinal);
        Assert.Null(error.Field("CanonicalRequest"));
    }

    [Fact]
    public async Task Chunks_of_another_request_are_refused()
    {
        var request = new ChunkedUpload(ChunkedUpload.Signed).ToRequest(Data);
        request.Body = new SigningClient().Chunks(new string('0', 64), [Data]);
        Assert.Equal("SignatureDoesNotMatch", (await request.ReadingRefusalAsync()).Code);
    }

    [Fact]
    public async Task A_presigned_upload_can_be_in_signed_chunks()
    {
        var client = new SigningClient();
        var request = new TestRequest("PUT", "/bucket/key");
        request.Headers["x-amz-content-sha256"] = ChunkedUpload.Signed;
        request.Headers["x-amz-decoded-content-length"] = $"{Data.Length}";
        client.Presign(request, payloadHash: ChunkedUpload.Signed);
        request.Body = client.Chunks(request.RawQuery[^64..], [Data]);
        Assert.Equal(Data, await request.ReadAsync());
    }

    [Theory]
    [InlineData("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")]
    [InlineData("3;name=value;other\r\nabc\r\n0;\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")]
    [InlineData("00000003\r\nabc\r\n000\r\nX-Amz-Checksum-CRC32:  AAAAAA== \r\n\r\n")]
    [InlineData("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\n\r\n\r\n")]
    public async Task Framing_may_have_its_liberties(string body) =>
        Assert.Equal("abc"u8.ToArray(), await Framed(body).ReadAsync(payload => Assert.Equal("AAAAAA==", payload.Trailers["x-amz-checksum-crc32"])));

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("3\r\nab")]
    [InlineData("3\r\nabc")]
    [InlineData("3\r\nabc\r\n")]
    [InlineData("3\r\nabc\r\n0\r\n")]
    [InlineData("3\r\nabc\r\n0\r\n" + Crc)]
    [InlineData("3\r\nabc\r\n0\r\n" + Crc + "\r\n")]
    [InlineData("3\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n ")]
    [InlineData("3\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n0\r\n\r\n")]
    [InlineData("3\r\nabc0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("3\r\nabcd\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("3\nabc\n0\n" + Crc + "\n\n")]
    [InlineData("2\r\nab\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("4\r\nabcd\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("0\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("0\r\n\r\n3\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData(" 3\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("-3\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("0x3\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("3g\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("7fffffffffffffff\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("ffffffffffffffff\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("10000000000000003\r\nabc\r\n0\r\n" + Crc + "\r\n\r\n")]
    [InlineData("3;chunk-signature=\r\nabc\r\n", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")]
    [InlineData("3\r\nabc\r\n", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")]
    public async Task Malformed_framing_is_refused(string body, string kind = ChunkedUpload.UnsignedTrailer)
    {
        foreach (var pieces in (int[][])[[], [1], [2, 3]])
        {
            var request = Framed(body, kind);
            request.Pieces = pieces;
            Assert.Equal(AccessErrors.IncompleteChunks.Message, (await request.ReadingRefusalAsync()).Message);
        }
    }

    [Theory]
    [InlineData(1022, true)]
    [InlineData(1023, false)]
    public async Task A_line_is_at_most_a_kibibyte(int length, bool accepted)
    {
        var request = Framed($"3;{new string('x', length - 2)}\r\nabc\r\n0\r\n{Crc}\r\n\r\n");
        if (accepted)
        {
            Assert.Equal(3, (await request.ReadAsync()).Length);
        }
        else
        {
            Assert.Equal(AccessErrors.IncompleteChunks, await request.ReadingRefusalAsync());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x-amz-checksum-sha1:AAAA\r\n")]
    [InlineData(Crc + "\r\n" + Crc + "\r\n")]
    [InlineData(Crc + "\r\nx-amz-checksum-sha1:AAAA\r\n")]
    [InlineData(Crc + "\r\nx-amz-trailer-signature:0000\r\n")]
    [InlineData("x-amz-checksum-crc32\r\n")]
    [InlineData("x-amz-checksum-crc32:é\r\n")]
    [InlineData("x-amz-checksum-crc32:a\tb\r\n")]
    public async Task Trailers_other_than_those_announced_are_refused(string trailers)
    {
        var error = await Framed($"3\r\nabc\r\n0\r\n{trailers}\r\n").ReadingRefusalAsync();
        Assert.Equal(("MalformedTrailerError", 400), (error.Code, error.Status));
    }

    [Fact]
    public async Task A_signed_trailer_without_its_signature_is_refused()
    {
        var request = new ChunkedUpload(ChunkedUpload.SignedTrailer).ToRequest(Data);
        var text = Encoding.Latin1.GetString(request.Body);
        request.Body = Encoding.Latin1.GetBytes(text[..text.IndexOf("x-amz-trailer-signature", StringComparison.Ordinal)] + "\r\n");
        Assert.Equal(AccessErrors.MalformedTrailer, await request.ReadingRefusalAsync());
    }

    [Fact]
    public async Task A_trailer_after_the_trailers_signature_is_refused()
    {
        var request = new ChunkedUpload(ChunkedUpload.SignedTrailer).ToRequest(Data);
        request.Body = [.. request.Body[..^2], .. "x-amz-checksum-crc32:AAAAAA==\r\n\r\n"u8];
        Assert.Equal(AccessErrors.MalformedTrailer, await request.ReadingRefusalAsync());
    }

    [Theory]
    [InlineData(ChunkedUpload.Signed)]
    [InlineData(ChunkedUpload.UnsignedTrailer)]
    public async Task A_small_chunk_that_is_not_the_last_is_refused(string kind)
    {
        var error = await new ChunkedUpload(kind) { ChunkSize = 8191 }.ToRequest(Data).ReadingRefusalAsync();
        Assert.Equal(("InvalidChunkSizeError", 403), (error.Code, error.Status));
        Assert.Equal("Only the last chunk is allowed to have a size less than 8192 bytes", error.Message);
        Assert.Equal([new("Chunk", "1"), new("BadChunkSize", "8191")], error.Fields);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("9223372036854775808")]
    public async Task A_body_in_chunks_without_its_decoded_length_is_refused(string? length)
    {
        var request = Framed("0\r\n\r\n", length: length);
        var error = await request.ReadingRefusalAsync();
        Assert.Equal(("MissingContentLength", 411, "You must provide the Content-Length HTTP header."), (error.Code, error.Status, error.Message));
    }

    private static TestRequest Framed(string body, string kind = ChunkedUpload.UnsignedTrailer, string? length = "3")
    {
        var request = new TestRequest("PUT", "/bucket/key") { Body = Encoding.Latin1.GetBytes(body) };
        request.Headers["x-amz-content-sha256"] = kind;
        request.Headers["x-amz-decoded-content-length"] = length;
        if (kind.EndsWith("TRAILER", StringComparison.Ordinal))
        {
            request.Headers["x-amz-trailer"] = "x-amz-checksum-crc32";
        }
        new SigningClient().Sign(request, kind);
        return request;
    }
}
