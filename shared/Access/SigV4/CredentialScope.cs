using System.Text;

namespace Serverless.Access;

/// <summary>The credential that a request names, <c>AKID/yyyyMMdd/REGION/SERVICE/aws4_request</c>.</summary>
/// <param name="Text">All of it, as sent.</param>
internal sealed record CredentialScope(string Text, string AccessKeyId, string Date, string Region, string Service)
{
    /// <summary>The longest credential taken, in characters; key id, Region and service of AWS together stay below 200.</summary>
    public const int MaxLength = 256;

    /// <exception cref="AccessException">The credential is malformed or for a service that is not here.</exception>
    public static CredentialScope Parse(string text, bool presigned) => Parse(text, detail => AccessErrors.MalformedCredential(presigned, detail));

    /// <summary>The same of a credential anywhere.</summary>
    /// <param name="text">The credential.</param>
    /// <param name="malformed">The error for what is wrong in it.</param>
    /// <exception cref="AccessException">As above.</exception>
    public static CredentialScope Parse(string text, Func<string, AccessError> malformed)
    {
        Span<Range> parts = stackalloc Range[6];
        if (text.Length > MaxLength || !Ascii.IsValid(text) || text.AsSpan().Split(parts, '/') != 5 || parts[0].End.Value == 0)
        {
            throw new AccessException(malformed(
                "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."));
        }
        var scope = new CredentialScope(text, text[parts[0]], text[parts[1]], text[parts[2]], KnownService(text.AsSpan()[parts[3]]) ?? "");
        if (scope.Date.Length != 8 || scope.Date.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            throw new AccessException(malformed(
                $"incorrect date format \"{scope.Date}\". This date in the credential must be in the format \"yyyyMMdd\"."));
        }
        if (scope.Service.Length == 0)
        {
            throw new AccessException(malformed(AccessErrors.IncorrectService(text[parts[3]])));
        }
        if (text.AsSpan()[parts[4]] is not SigV4.Terminator)
        {
            throw new AccessException(malformed(
                $"incorrect terminal \"{text[parts[4]]}\". This endpoint uses \"aws4_request\"."));
        }
        return scope;
    }

    private static string? KnownService(ReadOnlySpan<char> name) => name switch
    {
        "s3" => "s3",
        "kms" => "kms",
        "cloudtrail" => "cloudtrail",
        "iam" => "iam",
        "sts" => "sts",
        "sse" => "sse",
        _ => null,
    };
}
