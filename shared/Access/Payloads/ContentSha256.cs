using System.Buffers;

namespace Serverless.Access;

/// <summary>How a body is framed and verified, by the value of <c>x-amz-content-sha256</c>.</summary>
internal enum PayloadKind
{
    /// <summary>As it is.</summary>
    Unsigned,

    /// <summary>As it is, with a known SHA-256.</summary>
    Hashed,

    /// <summary>aws-chunked with trailers, nothing signed.</summary>
    UnsignedTrailer,

    /// <summary>aws-chunked, each chunk signed.</summary>
    SignedChunks,

    /// <summary>aws-chunked with trailers, each chunk and the trailers signed.</summary>
    SignedTrailer,
}

/// <summary>The values of <c>x-amz-content-sha256</c> (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html).</summary>
internal static class ContentSha256
{
    public const string Header = "x-amz-content-sha256";
    public const string Unsigned = "UNSIGNED-PAYLOAD";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <exception cref="AccessException">InvalidArgument: neither one of the words that HMAC signatures go with nor a hash.</exception>
    public static PayloadKind Kind(string value) => value switch
    {
        Unsigned => PayloadKind.Unsigned,
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => PayloadKind.UnsignedTrailer,
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => PayloadKind.SignedChunks,
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => PayloadKind.SignedTrailer,
        { Length: SigV4.HexSize } when !value.AsSpan().ContainsAnyExcept(HexDigits) => PayloadKind.Hashed,
        _ => throw new AccessException(AccessErrors.InvalidContentSha256(value)),
    };
}
