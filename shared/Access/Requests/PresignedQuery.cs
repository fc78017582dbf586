using System.Globalization;

namespace Serverless.Access;

/// <summary>
/// Reads the parameters of a presigned URL (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html), whose names S3 takes in any letter case.
/// </summary>
internal static class PresignedQuery
{
    /// <summary>The longest life of a presigned URL: a week.</summary>
    private const int MaxSeconds = 604_800;

    /// <summary>Whether the query signs at all; if it does, it must do so completely.</summary>
    public static bool IsSigned(QueryParameters query) =>
        Find(query, "X-Amz-Algorithm") is not null || Find(query, "X-Amz-Credential") is not null || Find(query, "X-Amz-Signature") is not null;

    /// <summary>Whether the query signs by Signature Version 2.</summary>
    public static bool IsSignedV2(QueryParameters query) => query.Has("AWSAccessKeyId") || query.Has("Signature");

    /// <exception cref="AccessException">A parameter is missing or malformed.</exception>
    public static SignatureClaim Parse(QueryParameters query)
    {
        var algorithm = Require(query, "X-Amz-Algorithm");
        var credential = Require(query, "X-Amz-Credential");
        var signature = Require(query, "X-Amz-Signature");
        var timestamp = Require(query, "X-Amz-Date");
        var signedHeaders = Require(query, "X-Amz-SignedHeaders");
        var expires = Require(query, "X-Amz-Expires");
        if (algorithm != SigV4.Algorithm)
        {
            throw algorithm == "AWS4-ECDSA-P256-SHA256"
                ? new AccessException(AccessErrors.UnsupportedSignature)
                : Malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"");
        }
        var scope = CredentialScope.Parse(credential, presigned: true);
        if (!SignatureClaim.TryParseTimestamp(timestamp, out var signedAt))
        {
            throw Malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        }
        if (!timestamp.StartsWith(scope.Date, StringComparison.Ordinal))
        {
            throw Malformed($"Invalid credential date \"{scope.Date}\". This date is not the same as X-Amz-Date: \"{timestamp[..8]}\".");
        }
        return new(scope, signedHeaders, signature, timestamp, signedAt, Lifetime(expires));
    }

    private static TimeSpan Lifetime(string expires)
    {
        if (!long.TryParse(expires, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            throw Malformed("X-Amz-Expires should be a number");
        }
        // S3 documents 1 as the least, and has no other words for 0.
        return seconds < 1 ? throw Malformed("X-Amz-Expires must be non-negative")
            : seconds > MaxSeconds ? throw Malformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
            : TimeSpan.FromSeconds(seconds);
    }

    private static string Require(QueryParameters query, string name) =>
        Find(query, name) is { Length: > 0 } value ? value : throw Malformed(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");

    private static string? Find(QueryParameters query, string name) =>
        query.TryGet(name, StringComparison.OrdinalIgnoreCase, out var value) ? value : null;

    private static AccessException Malformed(string message) => new(AccessErrors.MalformedQuery(message));
}
