using System.Text;

namespace Serverless.Benchmarks.Load;

/// <summary>A request as the bytes to send: nothing is signed, encoded or allocated while the clock runs.</summary>
/// <param name="Head">Request line and headers, and behind them the body where it is small, so that both leave in one packet.</param>
/// <param name="Body">The body where it is not part of <paramref name="Head"/>.</param>
/// <param name="Repeat">How often the body is sent: an object may be larger than what is kept of it.</param>
internal sealed record PreparedRequest(byte[] Head, ReadOnlyMemory<byte> Body, int Repeat)
{
    private const int SmallBody = 64 * 1024;

    public static PreparedRequest Get(Uri url, IReadOnlyDictionary<string, string> headers) => new(WriteHead("GET", url, headers, null), default, 0);

    public static PreparedRequest Put(Uri url, IReadOnlyDictionary<string, string> headers, byte[] body, int repeat = 1)
    {
        var head = WriteHead("PUT", url, headers, (long)body.Length * repeat);
        return repeat == 1 && body.Length <= SmallBody ? new([.. head, .. body], default, 0) : new(head, body, repeat);
    }

    private static byte[] WriteHead(string method, Uri url, IReadOnlyDictionary<string, string> headers, long? contentLength)
    {
        var head = new StringBuilder().Append(method).Append(' ').Append(url.PathAndQuery).Append(" HTTP/1.1\r\nHost: ").Append(url.Authority).Append("\r\n");
        if (contentLength is { } length) head.Append("Content-Length: ").Append(length).Append("\r\n");
        foreach (var (name, value) in headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        return Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
    }
}
