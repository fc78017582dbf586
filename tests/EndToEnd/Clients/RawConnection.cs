using System.Net.Sockets;
using System.Text;

namespace Serverless.EndToEnd.Clients;

/// <summary>A connection to the service, byte by byte.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TcpClient _client = new() { NoDelay = true };

    public static async Task<RawConnection> OpenAsync(Uri endpoint)
    {
        var connection = new RawConnection();
        await connection._client.ConnectAsync(endpoint.Host, endpoint.Port);
        return connection;
    }

    /// <summary>A signed request's line and headers, with others behind them, and the empty line.</summary>
    public static string HeadOf(HttpRequestMessage message, Uri endpoint, params (string Name, string Value)[] others)
    {
        var head = new StringBuilder($"{message.Method} {message.RequestUri!.PathAndQuery} HTTP/1.1\r\nHost: {message.Headers.Host ?? endpoint.Authority}\r\n");
        var sent = message.Headers.NonValidated.Where(header => header.Key != "Host").Select(header => (header.Key, header.Value.ToString()));
        var content = message.Content?.Headers.NonValidated.Select(header => (header.Key, header.Value.ToString())) ?? [];
        foreach (var (name, value) in sent.Concat(content).Concat(others)) head.Append($"{name}: {value}\r\n");
        return head.Append("\r\n").ToString();
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _client.GetStream().WriteAsync(bytes);

    /// <summary>The next answer's status line and headers.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await ReadByteAsync() is not { } next) break;
            head.Append((char)next);
        }
        return head.ToString();
    }

    /// <summary>The body of an answer whose headers say how long it is.</summary>
    public async Task<string> ReadBodyAsync(string head)
    {
        const string Length = "Content-Length: ";
        var begin = head.IndexOf(Length, StringComparison.OrdinalIgnoreCase) + Length.Length;
        var body = new byte[int.Parse(head.AsSpan(begin, head.IndexOf('\r', begin) - begin), System.Globalization.CultureInfo.InvariantCulture)];
        using var limit = new CancellationTokenSource(Patience);
        await _client.GetStream().ReadExactlyAsync(body, limit.Token);
        return Encoding.UTF8.GetString(body);
    }

    /// <summary>What else comes until the service ends the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var rest = new StringBuilder();
        while (await ReadByteAsync() is { } next) rest.Append((char)next);
        return rest.ToString();
    }

    public void Dispose() => _client.Dispose();

    private async Task<byte?> ReadByteAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var buffer = new byte[1];
        return await _client.GetStream().ReadAsync(buffer, limit.Token) == 0 ? null : buffer[0];
    }
}
