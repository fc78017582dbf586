using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Serverless.Benchmarks.Load;

/// <summary>
/// One keep-alive connection that sends a prepared request and reads the answer, and knows no more of HTTP than the servers here speak:
/// the client shares the machine with what it measures, so it should cost next to nothing.
/// </summary>
internal sealed class HttpConnection : IAsyncDisposable
{
    private const int BufferSize = 256 * 1024;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
    private readonly Stream _stream;
    private int _start;
    private int _end;

    private HttpConnection(Stream stream) => _stream = stream;

    /// <summary>Connects; over TLS where an authority is given, which must have issued the server's certificate.</summary>
    public static async Task<HttpConnection> OpenAsync(Uri server, X509Certificate2? authority, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, server.Port, cancellationToken);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (authority is not null)
            {
                var tls = new SslStream(stream);
                var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authority } };
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = server.Host, CertificateChainPolicy = trust }, cancellationToken);
                stream = tls;
            }
            return new HttpConnection(stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and reads the whole answer; the length of its body.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="received">Gets the body's first bytes; empty to throw them away.</param>
    /// <param name="cancellationToken">Ends the wait, and with it the connection.</param>
    /// <exception cref="HttpRequestException">The answer is not a success.</exception>
    public async Task<long> SendAsync(PreparedRequest request, Memory<byte> received, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(request.Head, cancellationToken);
        for (var i = 0; i < request.Repeat; i++) await _stream.WriteAsync(request.Body, cancellationToken);

        var (status, length) = await ReadHeadAsync(cancellationToken);
        if (status is < 200 or > 299)
        {
            var text = new byte[Math.Min(length, 2048)];
            await ReadBodyAsync(length, text, cancellationToken);
            throw new HttpRequestException($"{status}: {Encoding.UTF8.GetString(text)}", null, (HttpStatusCode)status);
        }
        await ReadBodyAsync(length, received, cancellationToken);
        return length;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<(int Status, long Length)> ReadHeadAsync(CancellationToken cancellationToken)
    {
        int size;
        while ((size = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0) await FillAsync(cancellationToken);
        var head = Encoding.ASCII.GetString(_buffer, _start, size);
        _start += size + 4;
        var length = 0L;
        foreach (var line in head.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase)) length = long.Parse(line["content-length:".Length..], CultureInfo.InvariantCulture);
            if (line.StartsWith("transfer-encoding:", StringComparison.OrdinalIgnoreCase)) throw new NotSupportedException("The answer has no length.");
        }
        return (int.Parse(head.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture), length);
    }

    private async Task ReadBodyAsync(long left, Memory<byte> received, CancellationToken cancellationToken)
    {
        while (left > 0)
        {
            if (_start == _end) await FillAsync(cancellationToken);
            var piece = (int)Math.Min(left, _end - _start);
            var kept = Math.Min(piece, received.Length);
            _buffer.AsSpan(_start, kept).CopyTo(received.Span);
            received = received[kept..];
            _start += piece;
            left -= piece;
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end) _start = _end = 0;
        if (_end == _buffer.Length) throw new InvalidDataException("The answer's head is too long.");
        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0) throw new IOException("The server closed the connection.");
        _end += read;
    }
}
