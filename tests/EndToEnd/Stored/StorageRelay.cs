using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Serverless.EndToEnd.Stored;

/// <summary>
/// Stands between a service and one of Azurite's ports, passes every byte on as it is, and notes each request's first line: transactions are counted
/// where they are paid for, outside the service.
/// </summary>
internal sealed class StorageRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Action<string> _note;
    private readonly Task _accepting;
    private readonly ConcurrentBag<Task> _connections = [];

    private StorageRelay(int target, Action<string> note)
    {
        (_target, _note) = (target, note);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Starts one. <paramref name="note"/> gets each request as <c>METHOD path?query</c>, before it is passed on; an <see cref="IOException"/> from it cuts the connection instead.</summary>
    public static StorageRelay To(int port, Action<string> note) => new(port, note);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            client.NoDelay = server.NoDelay = true;
            using var closing = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var (inner, outer) = (server.GetStream(), client.GetStream());
            var answers = inner.CopyToAsync(outer, closing.Token);
            await Task.WhenAny(PassRequestsAsync(outer, inner, closing.Token), answers);
            await closing.CancelAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One side closed.
        }
        finally
        {
            client.Dispose();
        }
    }

    /// <summary>HTTP/1.1 as the Azure SDKs speak it: every body has a Content-Length.</summary>
    private async Task PassRequestsAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var head = new StringBuilder();
        var body = 0L;
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            for (var at = 0; at < read;)
            {
                if (body > 0)
                {
                    var skipped = (int)Math.Min(body, read - at);
                    (body, at) = (body - skipped, at + skipped);
                    continue;
                }
                head.Append((char)buffer[at++]);
                if (!EndsHead(head)) continue;
                var lines = head.ToString().Split("\r\n");
                _note(lines[0][..lines[0].LastIndexOf(' ')]);
                body = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                    .Select(line => long.Parse(line[15..], System.Globalization.CultureInfo.InvariantCulture)).SingleOrDefault();
                head.Clear();
            }
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private static bool EndsHead(StringBuilder head) => head.Length > 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r';
}
