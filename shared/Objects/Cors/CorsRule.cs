namespace Serverless.Objects.Cors;

/// <summary>
/// Which requests of other origins' pages a bucket takes (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html). Origins and allowed headers may hold one
/// <c>*</c>, which stands for any text, also none.
/// </summary>
/// <param name="AllowedOrigins">At least one. Compared as they are: a browser sends scheme and host in lower case.</param>
/// <param name="AllowedMethods">At least one of <see cref="Methods"/>.</param>
public sealed record CorsRule(IReadOnlyList<string> AllowedOrigins, IReadOnlyList<string> AllowedMethods)
{
    public const string AnyOrigin = "*";

    public static IReadOnlyList<string> Methods { get; } = ["GET", "PUT", "POST", "DELETE", "HEAD"];

    /// <summary>The owner's name for the rule, or null.</summary>
    public string? Id { get; init; }

    /// <summary>The headers that a request may have; a preflight that asks for another is refused.</summary>
    public IReadOnlyList<string> AllowedHeaders { get; init; } = [];

    /// <summary>The headers of the answer that the page may read.</summary>
    public IReadOnlyList<string> ExposeHeaders { get; init; } = [];

    /// <summary>How long a browser may keep the answer to a preflight; null leaves it to the browser.</summary>
    public int? MaxAgeSeconds { get; init; }

    /// <summary>What <c>Access-Control-Allow-Origin</c> answers an origin that the rule allows: only a rule for every origin is the same for all of them.</summary>
    public string AnswerTo(string origin) => AllowedOrigins.Contains(AnyOrigin) ? AnyOrigin : origin;

    public bool Allows(CorsRequest request) =>
        AllowedMethods.Contains(request.Method)
        && AllowedOrigins.Any(pattern => Matches(pattern, request.Origin, StringComparison.Ordinal))
        && request.Headers.All(header => AllowedHeaders.Any(pattern => Matches(pattern, header, StringComparison.OrdinalIgnoreCase)));

    private static bool Matches(string pattern, string text, StringComparison comparison)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return pattern.Equals(text, comparison);
        return text.Length >= pattern.Length - 1
            && text.AsSpan().StartsWith(pattern.AsSpan(0, star), comparison) && text.AsSpan().EndsWith(pattern.AsSpan(star + 1), comparison);
    }
}
