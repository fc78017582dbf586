using System.Text;

namespace Serverless.Access.Tests;

public sealed class PayloadTests
{
    private static readonly byte[] Data = Encoding.ASCII.GetBytes("Welcome to Amazon S3.");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hashed_body_is_read_and_verified(bool withLength)
    {
        var request = Upload(SigningClient.Hash(Data).ToUpperInvariant());
        request.Headers.ContentLength = withLength ? Data.Length : null;
        var data = await request.ReadAsync(payload =>
        {
            Assert.Equal(withLength ? Data.Length : null, payload.DecodedLength);
            Assert.Empty(payload.Trailers);
        });
        Assert.Equal(Data, data);
    }

    [Fact]
    public async Task A_body_of_another_hash_is_refused_at_its_end_and_stays_refused()
    {
        var request = Upload(SigV4.EmptyHash);
        using var payload = (await request.AuthenticateAsync()).OpenPayload();
        Assert.Equal(Data, (await payload.ReadAsync(default)).ToArray());
        for (var i = 0; i < 2; i++)
        {
            var error = (await Assert.ThrowsAsync<AccessException>(async () => await payload.ReadAsync(default))).Error;
            Assert.Equal(("XAmzContentSHA256Mismatch", 400), (error.Code, error.Status));
            Assert.Equal("The provided 'x-amz-content-sha256' header does not match what was computed.", error.Message);
            Assert.Equal([new("ClientComputedContentSHA256", SigV4.EmptyHash), new("S3ComputedContentSHA256", SigningClient.Hash(Data))], error.Fields);
        }
    }

    [Fact]
    public async Task An_end_that_was_reached_stays_reached()
    {
        var request = Upload(SigningClient.Hash(Data));
        using var payload = (await request.AuthenticateAsync()).OpenPayload();
        await TestRequest.ReadToEndAsync(payload);
        Assert.True((await payload.ReadAsync(default)).IsEmpty);
    }

    [Fact]
    public async Task An_empty_body_is_verified_as_well()
    {
        var request = Upload(SigV4.EmptyHash);
        request.Body = [];
        request.Headers.ContentLength = 0;
        Assert.Empty(await request.ReadAsync());

        request = Upload(SigningClient.Hash(Data));
        request.Body = [];
        Assert.Equal("XAmzContentSHA256Mismatch", (await request.ReadingRefusalAsync()).Code);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(22)]
    public async Task A_body_of_another_length_is_refused(int announced)
    {
        var request = Upload("UNSIGNED-PAYLOAD");
        request.Headers.ContentLength = announced;
        var error = await request.ReadingRefusalAsync();
        Assert.Equal(("IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header"),
            (error.Code, error.Status, error.Message));
    }

    [Theory]
    [InlineData(400, "IncompleteBody")]
    [InlineData(408, "RequestTimeout")]
    [InlineData(413, "EntityTooLarge")]
    public async Task The_servers_own_refusals_are_answered_as_S3_does(int status, string code)
    {
        var request = Upload("UNSIGNED-PAYLOAD");
        request.Failure = new BadHttpRequestException("refused", status);
        Assert.Equal(code, (await request.ReadingRefusalAsync()).Code);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_an_incomplete_body()
    {
        var request = Upload("UNSIGNED-PAYLOAD");
        request.Failure = new IOException("broken");
        Assert.Equal("IncompleteBody", (await request.ReadingRefusalAsync()).Code);
    }

    [Fact]
    public async Task A_cancelled_reading_is_cancelled_and_not_refused()
    {
        using var payload = (await Upload("UNSIGNED-PAYLOAD").AuthenticateAsync()).OpenPayload();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await payload.ReadAsync(new CancellationToken(true)));
    }

    [Fact]
    public async Task Trailers_announced_without_a_place_for_them_are_refused()
    {
        var request = Upload("UNSIGNED-PAYLOAD", ("x-amz-trailer", "x-amz-checksum-crc32"));
        Assert.Equal(AccessErrors.MalformedTrailer, await request.ReadingRefusalAsync());
    }

    [Fact]
    public async Task A_payload_is_opened_once()
    {
        var signed = await Upload("UNSIGNED-PAYLOAD").AuthenticateAsync();
        using var payload = signed.OpenPayload();
        Assert.Throws<InvalidOperationException>(() => signed.OpenPayload());
    }

    [Theory]
    [InlineData(100_000, true)]
    [InlineData(99_999, false)]
    [InlineData(0, false)]
    public async Task Draining_reads_to_the_end_or_to_its_limit_and_ends_the_reading(long limit, bool ended)
    {
        var request = new TestRequest("PUT", "/bucket/key") { Body = new byte[100_000], Pieces = [1000] };
        using var payload = (await request.AuthenticateAsync()).OpenPayload();
        Assert.Equal(ended, await payload.DrainAsync(limit, default));
        await Assert.ThrowsAsync<AccessException>(async () => await payload.ReadAsync(default));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate, gzip", "deflate, gzip")]
    [InlineData("aws-chunked", null)]
    [InlineData("aws-chunked,gzip", "gzip")]
    [InlineData("gzip, AWS-Chunked", "gzip")]
    [InlineData("a, aws-chunked, b", "a,b")]
    [InlineData("aws-chunked-too", "aws-chunked-too")]
    public void The_stored_encoding_is_without_aws_chunked(string? sent, string? stored) =>
        Assert.Equal(stored, ContentEncoding.WithoutAwsChunked(sent));

    private static TestRequest Upload(string contentSha256, params (string Name, string Value)[] headers)
    {
        var request = new TestRequest("PUT", "/bucket/key") { Body = Data };
        request.Headers["x-amz-content-sha256"] = contentSha256;
        foreach (var (name, value) in headers)
        {
            request.Headers[name] = value;
        }
        new SigningClient().Sign(request, contentSha256);
        return request;
    }
}
