using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>Where a request comes from, by what the deployment lets one believe.</summary>
internal static class RequestOrigin
{
    /// <summary>Whether the client's own connection is TLS; behind the front end, which ends TLS, by its header.</summary>
    public static bool IsSecureTransport(HttpRequest request, RawTargetSource source) =>
        source == RawTargetSource.FrontEnd
            ? LastOf(request.Headers["X-Forwarded-Proto"].ToString()).Equals("https", StringComparison.OrdinalIgnoreCase)
            : request.IsHttps;

    /// <summary>The client's TLS connection; null where it has none.</summary>
    public static TlsDetails? Tls(HttpRequest request, RawTargetSource source)
    {
        if (!IsSecureTransport(request, source))
        {
            return null;
        }
        var handshake = source == RawTargetSource.Server ? request.HttpContext.Features.Get<ITlsHandshakeFeature>() : null;
        var version = handshake?.Protocol switch
        {
            SslProtocols.Tls12 => "TLSv1.2",
            SslProtocols.Tls13 => "TLSv1.3",
            _ => null,
        };
        return new(version, handshake?.NegotiatedCipherSuite?.ToString(), request.Host.Value ?? "");
    }

    /// <summary>The client's address, or null where only the host's own is known.</summary>
    public static IPAddress? SourceAddress(HttpRequest request, RawTargetSource source)
    {
        if (source == RawTargetSource.FrontEnd)
        {
            return IPEndPoint.TryParse(LastOf(request.Headers["X-Forwarded-For"].ToString()), out var forwarded) ? forwarded.Address : null;
        }
        var address = source == RawTargetSource.Server ? request.HttpContext.Connection.RemoteIpAddress : null;
        return address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
    }

    // Each proxy appends; the last entry is the one that the trusted front end wrote.
    private static ReadOnlySpan<char> LastOf(string list) => list.AsSpan(list.LastIndexOf(',') + 1).Trim();
}
