using System.Text;

namespace Serverless.Access.Tests;

/// <summary>The signed requests printed in the S3 API reference (sig-v4-header-based-auth, sigv4-query-string-auth, sigv4-streaming, sigv4-streaming-trailers).</summary>
public sealed class DocumentationExampleTests
{
    private const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("/test.txt", "", "range=bytes=0-9", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")]
    [InlineData("/", "lifecycle", "", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("/", "max-keys=2&prefix=J", "", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public async Task A_get_is_authenticated(string path, string query, string header, string signature)
    {
        var request = new TestRequest("GET", path) { RawQuery = query };
        request.Headers.Host = "examplebucket.s3.amazonaws.com";
        request.Headers["x-amz-content-sha256"] = EmptyHash;
        request.Headers["x-amz-date"] = "20130524T000000Z";
        var names = "host;x-amz-content-sha256;x-amz-date";
        if (header.Length > 0)
        {
            request.Headers.Range = "bytes=0-9";
            names = "host;range;x-amz-content-sha256;x-amz-date";
        }
        request.Headers.Authorization = Authorization(names, signature);
        var signed = await request.AuthenticateAsync();
        Assert.False(signed.IsPresigned);
        Assert.False(signed.IsAnonymous);
        Assert.Equal(("us-east-1", "s3", EmptyHash), (signed.Region, signed.Service, signed.ContentSha256));
        Assert.Equal(path, signed.Target.Path);
        Assert.Equal(SigningClient.ExampleKeyId, signed.Caller.Principal.AccessKeyId);
        Assert.Equal("request-id", signed.Caller.RequestId);
    }

    [Fact]
    public async Task A_put_is_authenticated_and_its_body_verified()
    {
        var request = new TestRequest("PUT", "/test$file.text") { Body = "Welcome to Amazon S3."u8.ToArray() };
        request.Headers.Host = "examplebucket.s3.amazonaws.com";
        request.Headers.Date = "Fri, 24 May 2013 00:00:00 GMT";
        request.Headers["x-amz-date"] = "20130524T000000Z";
        request.Headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
        request.Headers["x-amz-content-sha256"] = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        request.Headers.ContentLength = 21;
        request.Headers.Authorization = Authorization(
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
        Assert.Equal("Welcome to Amazon S3.", Encoding.ASCII.GetString(await request.ReadAsync()));
    }

    [Fact]
    public async Task A_presigned_get_is_authenticated()
    {
        var request = new TestRequest("GET", "/test.txt")
        {
            RawQuery = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        };
        request.Headers.Host = "examplebucket.s3.amazonaws.com";
        var signed = await request.AuthenticateAsync(SigningClient.ExampleTime.AddSeconds(86400));
        Assert.True(signed.IsPresigned);
        Assert.Equal("UNSIGNED-PAYLOAD", signed.ContentSha256);
    }

    [Fact]
    public async Task An_upload_in_signed_chunks_is_verified()
    {
        var request = ChunkedUpload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        request.Headers.ContentLength = 66824;
        request.Headers.Authorization = Authorization(
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
        request.Body = Chunks("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", "");
        Assert.Equal(request.Headers.ContentLength, request.Body.Length);
        Assert.Equal(new string('a', 66560), Encoding.ASCII.GetString(await request.ReadAsync()));
    }

    [Fact]
    public async Task An_upload_in_signed_chunks_with_a_signed_trailer_is_verified()
    {
        var request = ChunkedUpload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
        request.Headers["x-amz-trailer"] = "x-amz-checksum-crc32c";
        request.Headers.Authorization = Authorization(
            "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
        request.Body = Chunks("b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n");
        var data = await request.ReadAsync(payload => Assert.Equal([new("x-amz-checksum-crc32c", "sOO8/Q==")], payload.Trailers));
        Assert.Equal(66560, data.Length);
    }

    private static TestRequest ChunkedUpload(string contentSha256)
    {
        var request = new TestRequest("PUT", "/examplebucket/chunkObject.txt");
        request.Headers["x-amz-date"] = "20130524T000000Z";
        request.Headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
        request.Headers["x-amz-content-sha256"] = contentSha256;
        request.Headers["x-amz-decoded-content-length"] = "66560";
        request.Headers.ContentEncoding = "aws-chunked";
        return request;
    }

    private static byte[] Chunks(string first, string second, string last, string trailers) => Encoding.ASCII.GetBytes(
        $"10000;chunk-signature={first}\r\n{new string('a', 65536)}\r\n400;chunk-signature={second}\r\n{new string('a', 1024)}\r\n"
        + $"0;chunk-signature={last}\r\n{trailers}\r\n");

    private static string Authorization(string names, string signature) =>
        $"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders={names},Signature={signature}";
}
