namespace Serverless.Access.Tests;

/// <summary>A signed upload in the three forms of aws-chunked.</summary>
internal sealed class ChunkedUpload(string kind)
{
    public const string Signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    public const string SignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    public const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    public int ChunkSize { get; init; } = 65536;

    public TestRequest ToRequest(byte[] data)
    {
        var client = new SigningClient();
        var request = new TestRequest("PUT", "/bucket/key");
        request.Headers["x-amz-content-sha256"] = kind;
        request.Headers["x-amz-decoded-content-length"] = $"{data.Length}";
        request.Headers.ContentEncoding = "aws-chunked";
        string[] trailers = kind == Signed ? [] : ["x-amz-checksum-crc32:AAAAAA=="];
        if (trailers.Length > 0)
        {
            request.Headers["x-amz-trailer"] = "x-amz-checksum-crc32";
        }
        var seed = client.Sign(request, kind);
        var chunks = data.Chunk(ChunkSize).Select(chunk => (ReadOnlyMemory<byte>)chunk);
        request.Body = kind == UnsignedTrailer ? SigningClient.UnsignedChunks(chunks, trailers) : client.Chunks(seed, chunks, trailers);
        return request;
    }
}
