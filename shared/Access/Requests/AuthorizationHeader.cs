using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>
/// Reads <c>Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…</c>
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html).
/// </summary>
internal static class AuthorizationHeader
{
    private static AccessError MissingComponents { get; } =
        AccessErrors.MalformedHeader("the authorization header requires three components: Credential, SignedHeaders, and Signature.");

    /// <exception cref="AccessException">Another scheme, a component missing or malformed, or no date.</exception>
    public static SignatureClaim Parse(string authorization, IHeaderDictionary headers)
    {
        var space = authorization.IndexOf(' ');
        var scheme = space < 0 ? authorization : authorization[..space];
        if (scheme != SigV4.Algorithm)
        {
            // "AWS" is Signature Version 2, the other AWS4 schemes are SigV4a.
            throw new AccessException(scheme == "AWS" || scheme.StartsWith("AWS4-", StringComparison.Ordinal)
                ? AccessErrors.UnsupportedSignature
                : AccessErrors.UnsupportedAuthorizationType);
        }
        string? credential = null, signedHeaders = null, signature = null;
        var components = authorization.AsSpan(scheme.Length);
        foreach (var range in components.Split(','))
        {
            var component = components[range].Trim(' ');
            var equals = component.IndexOf('=');
            var value = component[(equals + 1)..].ToString();
            switch (equals < 0 ? "" : component[..equals])
            {
                case "Credential":
                    credential = value;
                    break;
                case "SignedHeaders":
                    signedHeaders = value;
                    break;
                case "Signature":
                    signature = value;
                    break;
                default:
                    throw new AccessException(MissingComponents);
            }
        }
        if (string.IsNullOrEmpty(credential) || string.IsNullOrEmpty(signedHeaders) || string.IsNullOrEmpty(signature))
        {
            throw new AccessException(MissingComponents);
        }
        var scope = CredentialScope.Parse(credential, presigned: false);
        var signedAt = SignedAt(headers);
        var timestamp = signedAt.ToString(SignatureClaim.TimestampFormat, CultureInfo.InvariantCulture);
        return timestamp.StartsWith(scope.Date, StringComparison.Ordinal)
            ? new(scope, signedHeaders, signature, timestamp, signedAt, null)
            : throw new AccessException(AccessErrors.MalformedHeader(
                $"Invalid credential date \"{scope.Date}\". This date is not the same as X-Amz-Date: \"{timestamp[..8]}\"."));
    }

    private static DateTimeOffset SignedAt(IHeaderDictionary headers)
    {
        var (amzDate, date) = (headers["x-amz-date"], headers.Date);
        if (SignatureClaim.TryParseTimestamp(amzDate.Count > 0 ? amzDate.ToString() : date.ToString(), out var time)
            || (amzDate.Count == 0 && DateTimeOffset.TryParseExact(date.ToString(), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)))
        {
            return time;
        }
        throw new AccessException(AccessErrors.MissingDate);
    }
}
