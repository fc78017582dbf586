using System.Globalization;

namespace Serverless.Access;

/// <summary>What a request says of its signature, well-formed but not yet verified.</summary>
/// <param name="Scope">The credential.</param>
/// <param name="SignedHeaders">The names of the signed headers, separated by semicolons.</param>
/// <param name="Signature">The signature, as sent.</param>
/// <param name="Timestamp">The time that was signed, as <c>yyyyMMddTHHmmssZ</c>.</param>
/// <param name="SignedAt">The same time.</param>
/// <param name="Lifetime">How long a presigned URL is valid; null for a signed header.</param>
internal sealed record SignatureClaim(
    CredentialScope Scope, string SignedHeaders, string Signature, string Timestamp, DateTimeOffset SignedAt, TimeSpan? Lifetime)
{
    public const string TimestampFormat = "yyyyMMdd'T'HHmmss'Z'";

    public bool IsPresigned => Lifetime is not null;

    /// <summary>Judges the claim's age.</summary>
    /// <returns>Why it is refused at that time, or null.</returns>
    public AccessError? Refusal(DateTimeOffset now)
    {
        if (Lifetime is not { } lifetime)
        {
            return (now - SignedAt).Duration() > AccessErrors.MaxSkew ? AccessErrors.RequestTimeTooSkewed(Timestamp, now) : null;
        }
        return SignedAt - now > AccessErrors.MaxSkew ? AccessErrors.NotYetValid(Timestamp, now)
            : now > SignedAt + lifetime ? AccessErrors.Expired(lifetime, SignedAt + lifetime, now)
            : null;
    }

    /// <summary>The header names in <see cref="SignedHeaders"/>, in any letter case.</summary>
    public bool Signs(string header)
    {
        foreach (var name in SignedHeaders.AsSpan().Split(';'))
        {
            if (SignedHeaders.AsSpan()[name].Equals(header, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }

    public static bool TryParseTimestamp(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, TimestampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
