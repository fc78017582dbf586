using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Serverless.Objects.Cors;

/// <summary>What a rule judges of a request that a page of another origin makes, or asks beforehand whether it may make.</summary>
/// <param name="Origin">The page's origin, as sent.</param>
/// <param name="Method">What the page asks for, where it asks; else the request's own.</param>
/// <param name="Headers">The headers that the page asks for, in lower case and in their order; those that a request has are not judged.</param>
public readonly record struct CorsRequest(string Origin, string Method, IReadOnlyList<string> Headers)
{
    /// <summary>What a request's headers say; null where it comes from no page of another origin.</summary>
    public static CorsRequest? Of(HttpRequest request)
    {
        if (request.Headers.Origin.ToString() is not { Length: > 0 } origin) return null;
        var asked = request.Headers[HeaderNames.AccessControlRequestMethod].ToString();
        var names = request.Headers[HeaderNames.AccessControlRequestHeaders].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new(origin, asked.Length > 0 ? asked : request.Method, [.. names.Select(name => name.ToLowerInvariant())]);
    }
}
