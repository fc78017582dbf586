namespace Serverless.Access;

/// <summary>A client's TLS connection, as far as it is known here, in CloudTrail's terms: behind a front end that ends it, only the host is.</summary>
/// <param name="Version"><c>TLSv1.2</c>, <c>TLSv1.3</c>, or null.</param>
/// <param name="CipherSuite">Its IANA name, or null.</param>
/// <param name="Host">The Host header as sent.</param>
public sealed record TlsDetails(string? Version, string? CipherSuite, string Host);
