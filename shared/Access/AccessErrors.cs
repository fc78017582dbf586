using System.Globalization;
using System.Text;

namespace Serverless.Access;

/// <summary>
/// S3's answers to requests that it cannot authenticate and payloads that it cannot take.
/// Codes and statuses: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; messages and fields: the texts that S3 sends.
/// </summary>
public static class AccessErrors
{
    /// <summary>The largest difference between a signed request's time and the server's.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);

    public static AccessError AccessDenied { get; } = new("AccessDenied", 403, "Access Denied");

    public static AccessError MissingDate { get; } =
        new("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header");

    /// <summary>Signature Version 2, SigV4a, or whatever else signs but is not AWS4-HMAC-SHA256.</summary>
    public static AccessError UnsupportedSignature { get; } =
        new("InvalidRequest", 400, "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");

    public static AccessError MissingContentSha256 { get; } =
        new("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256");

    /// <summary>S3 names the header's value as well; here it is left out, as an Authorization header is shown nowhere.</summary>
    public static AccessError MultipleMechanisms { get; } = InvalidArgument(
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
        "Authorization");

    public static AccessError UnsupportedAuthorizationType { get; } = InvalidArgument("Unsupported Authorization Type", "Authorization");

    /// <summary>There are no temporary credentials here, so that every session token is an unknown one.</summary>
    public static AccessError InvalidToken { get; } =
        new("InvalidToken", 400, "The provided token is malformed or otherwise invalid.");

    public static AccessError InvalidUri { get; } = new("InvalidURI", 400, "Couldn't parse the specified URI.");

    public static AccessError MissingContentLength { get; } =
        new("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");

    /// <summary>aws-chunked framing that is cut off or malformed, or whose length is not the announced one.</summary>
    public static AccessError IncompleteChunks { get; } = new("IncompleteBody", 400, "The request body terminated unexpectedly");

    /// <summary>A body that is not of the length announced by Content-Length.</summary>
    public static AccessError IncompleteBody { get; } =
        new("IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header");

    public static AccessError MalformedTrailer { get; } = new("MalformedTrailerError", 400,
        "The request contained trailing data that was not well-formed or did not conform to our published schema.");

    public static AccessError EntityTooLarge { get; } =
        new("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed object size.");

    /// <summary>The store that says whose an access key is does not answer.</summary>
    public static AccessError ServiceUnavailable { get; } = new("ServiceUnavailable", 503, "Service is unable to handle request.");

    public static AccessError RequestTimeout { get; } = new("RequestTimeout", 400,
        "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.");

    /// <summary>A chunk below 8 KiB that another chunk follows (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html: "Chunk size must be at least 8 KB").</summary>
    public static AccessError InvalidChunkSize(int chunk, long size) =>
        new("InvalidChunkSizeError", 403, "Only the last chunk is allowed to have a size less than 8192 bytes")
        {
            Fields = [new("Chunk", chunk.ToString(CultureInfo.InvariantCulture)), new("BadChunkSize", size.ToString(CultureInfo.InvariantCulture))],
        };

    public static AccessError InvalidAccessKeyId(string accessKeyId) =>
        new("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.")
        {
            Fields = [new("AWSAccessKeyId", accessKeyId)],
        };

    /// <param name="accessKeyId">The key that the request names.</param>
    /// <param name="stringToSign">What the server signed.</param>
    /// <param name="provided">The signature in the request.</param>
    /// <param name="canonicalRequest">What the server took the request to be; empty for a chunk, and where the request carries a customer key.</param>
    public static AccessError SignatureDoesNotMatch(
        string accessKeyId, ReadOnlySpan<byte> stringToSign, string provided, ReadOnlySpan<byte> canonicalRequest)
    {
        List<KeyValuePair<string, string>> fields =
        [
            new("AWSAccessKeyId", accessKeyId),
            new("StringToSign", Encoding.UTF8.GetString(stringToSign)),
            new("SignatureProvided", provided),
            new("StringToSignBytes", SpacedHex(stringToSign)),
        ];
        if (!canonicalRequest.IsEmpty)
        {
            fields.Add(new("CanonicalRequest", Encoding.UTF8.GetString(canonicalRequest)));
            fields.Add(new("CanonicalRequestBytes", SpacedHex(canonicalRequest)));
        }
        return new("SignatureDoesNotMatch", 403,
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
        {
            Fields = fields,
        };
    }

    public static AccessError HeadersNotSigned(string names) =>
        new("AccessDenied", 403, "There were headers present in the request which were not signed")
        {
            Fields = [new("HeadersNotSigned", names)],
        };

    /// <param name="detail">What is wrong, as S3 words it after "The authorization header is malformed; ".</param>
    public static AccessError MalformedHeader(string detail) =>
        new("AuthorizationHeaderMalformed", 400, "The authorization header is malformed; " + detail);

    /// <summary>A presigned URL whose parameters are missing or wrong.</summary>
    public static AccessError MalformedQuery(string message) => new("AuthorizationQueryParametersError", 400, message);

    /// <summary>What is wrong in a credential, wherever the request has it.</summary>
    public static AccessError MalformedCredential(bool presigned, string detail) =>
        presigned ? MalformedQuery("Error parsing the X-Amz-Credential parameter; " + detail) : MalformedHeader(detail);

    /// <summary>A request signed for another Region than the one that serves it.</summary>
    public static AccessError WrongRegion(bool presigned, string actual, string expected) =>
        MalformedCredential(presigned, $"the region '{actual}' is wrong; expecting '{expected}'") with { Fields = [new("Region", expected)] };

    /// <summary>A request to S3 that is signed for another service.</summary>
    public static AccessError WrongService(bool presigned, string actual) => MalformedCredential(presigned, IncorrectService(actual));

    /// <summary>What is wrong in a credential for another service.</summary>
    public static string IncorrectService(string actual) => $"incorrect service \"{actual}\". This endpoint belongs to \"s3\".";

    public static AccessError RequestTimeTooSkewed(string requestTime, DateTimeOffset now) =>
        new("RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.")
        {
            Fields =
            [
                new("RequestTime", requestTime),
                new("ServerTime", IsoTime.Of(now)),
                new("MaxAllowedSkewMilliseconds", MaxSkew.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)),
            ],
        };

    public static AccessError Expired(TimeSpan lifetime, DateTimeOffset expiry, DateTimeOffset now) =>
        new("AccessDenied", 403, "Request has expired")
        {
            Fields =
            [
                new("X-Amz-Expires", lifetime.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
                new("Expires", IsoTime.Of(expiry)),
                new("ServerTime", IsoTime.Of(now)),
            ],
        };

    public static AccessError NotYetValid(string signedAt, DateTimeOffset now) =>
        new("AccessDenied", 403, "Request is not yet valid") { Fields = [new("X-Amz-Date", signedAt), new("ServerTime", IsoTime.Of(now))] };

    public static AccessError InvalidContentSha256(string value) => InvalidArgument(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
        "x-amz-content-sha256", value);

    public static AccessError ContentSha256Mismatch(string claimed, string computed) =>
        new("XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.")
        {
            Fields = [new("ClientComputedContentSHA256", claimed), new("S3ComputedContentSHA256", computed)],
        };

    private static AccessError InvalidArgument(string message, string name, string? value = null) =>
        new("InvalidArgument", 400, message)
        {
            Fields = value is null ? [new("ArgumentName", name)] : [new("ArgumentName", name), new("ArgumentValue", value)],
        };

    private static string SpacedHex(ReadOnlySpan<byte> bytes)
    {
        var hex = new StringBuilder(bytes.Length * 3);
        foreach (var value in bytes)
        {
            hex.Append(hex.Length == 0 ? "" : " ").Append(value.ToString("x2", CultureInfo.InvariantCulture));
        }
        return hex.ToString();
    }
}
