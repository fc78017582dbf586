using System.Text;

namespace Serverless.EndToEnd.Clients;

/// <summary>aws-chunked bodies, signed and unsigned (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, …/sigv4-streaming-trailers.html).</summary>
internal static class ChunkedBody
{
    /// <summary>STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or with trailers …-TRAILER.</summary>
    /// <param name="tamper">Changes a chunk's data after it was signed, by the chunk's number.</param>
    /// <param name="trailers">Announced by x-amz-trailer; null for the kind without.</param>
    public static Func<SigV4, string, byte[]> Signed(byte[] data, int chunkSize, Action<int, byte[]>? tamper = null, (string Name, string Value)[]? trailers = null) => (signer, seed) =>
    {
        using var body = new MemoryStream();
        var previous = seed;
        var number = 0;
        foreach (var chunk in data.Chunk(chunkSize).Append([]))
        {
            previous = signer.SignChunk(previous, chunk);
            Write(body, $"{chunk.Length:x};chunk-signature={previous}\r\n");
            tamper?.Invoke(number++, chunk);
            body.Write(chunk);
            if (chunk.Length > 0) Write(body, "\r\n");
        }
        if (trailers is not null)
        {
            foreach (var (name, value) in trailers) Write(body, $"{name}:{value}\r\n");
            var signed = string.Concat(trailers.Select(trailer => $"{trailer.Name}:{trailer.Value}\n"));
            Write(body, $"x-amz-trailer-signature:{signer.SignTrailers(previous, signed)}\r\n");
        }
        Write(body, "\r\n");
        return body.ToArray();
    };

    /// <summary>STREAMING-UNSIGNED-PAYLOAD-TRAILER.</summary>
    public static byte[] Unsigned(byte[] data, int chunkSize, params (string Name, string Value)[] trailers)
    {
        using var body = new MemoryStream();
        foreach (var chunk in data.Chunk(chunkSize).Append([]))
        {
            Write(body, $"{chunk.Length:x}\r\n");
            body.Write(chunk);
            if (chunk.Length > 0) Write(body, "\r\n");
        }
        foreach (var (name, value) in trailers) Write(body, $"{name}:{value}\r\n");
        Write(body, "\r\n");
        return body.ToArray();
    }

    private static void Write(MemoryStream body, string text) => body.Write(Encoding.ASCII.GetBytes(text));
}
