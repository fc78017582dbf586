using System.Net;

namespace Serverless.Access;

/// <summary>One request's origin: everything that a permission is judged by and an audit record names.</summary>
/// <param name="Principal">Who asks.</param>
/// <param name="RequestId">The id that the answer carries as <c>x-amz-request-id</c> or <c>x-amzn-RequestId</c>.</param>
/// <param name="SourceAddress">The client's address, or null where the host does not know it.</param>
/// <param name="UserAgent">The User-Agent header as sent, or null.</param>
/// <param name="IsSecureTransport">Whether the client's connection is TLS (<c>aws:SecureTransport</c>).</param>
public sealed record Caller(Principal Principal, string RequestId, IPAddress? SourceAddress, string? UserAgent, bool IsSecureTransport)
{
    /// <summary>The principal's own policies; none for the account's root, which needs none, and for anonymous callers, who have none.</summary>
    public IReadOnlyList<Policy> Policies { get; init; } = [];

    /// <summary>The client's TLS connection; null where it has none.</summary>
    public TlsDetails? Tls { get; init; }

    /// <summary>The Referer header as sent, or null (<c>aws:Referer</c>).</summary>
    public string? Referer { get; init; }

    /// <summary>The service acting on its own behalf, in a timer or queue function.</summary>
    public static Caller Service(string accountId, string requestId) =>
        new(Principal.Service(accountId), requestId, null, null, true);
}
