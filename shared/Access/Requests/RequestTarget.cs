namespace Serverless.Access;

/// <summary>What a request is for, as the client sent it. Signature and object key both come from here, never from route values, which the hosts rewrite.</summary>
public sealed class RequestTarget
{
    private RequestTarget(string rawPath, string rawQuery, QueryParameters query)
    {
        RawPath = rawPath;
        RawQuery = rawQuery;
        Query = query;
        Path = PercentEncoding.DecodePath(rawPath);
    }

    /// <summary>The path still percent-encoded; begins with <c>/</c>.</summary>
    public string RawPath { get; }

    /// <summary>The query still percent-encoded, without <c>?</c>; "" where there is none.</summary>
    public string RawQuery { get; }

    /// <summary>The path decoded once, as S3 does: no segment is removed, <c>+</c> is a plus, and <c>%2F</c> is a slash like any other.</summary>
    public string Path { get; }

    public QueryParameters Query { get; }

    /// <param name="raw">The request line's target: a path with or without query, or an absolute URI.</param>
    /// <exception cref="AccessException">InvalidURI: no path, a malformed escape, or bytes that are not UTF-8.</exception>
    public static RequestTarget Parse(string raw)
    {
        var start = raw.StartsWith('/') ? 0 : PathOfAbsoluteUri(raw);
        var end = raw.IndexOf('?', start);
        var rawQuery = end < 0 ? "" : raw[(end + 1)..];
        var rawPath = raw[start..(end < 0 ? raw.Length : end)];
        return new(rawPath.Length == 0 ? "/" : rawPath, rawQuery, QueryParameters.Parse(rawQuery));
    }

    /// <summary>The same query under another path.</summary>
    internal RequestTarget WithPath(string rawPath) => new(rawPath, RawQuery, Query);

    private static int PathOfAbsoluteUri(string raw)
    {
        var authority = raw.IndexOf("://", StringComparison.Ordinal) + 3;
        if (authority < 3 || raw.AsSpan(0, authority).Contains('?'))
        {
            throw new AccessException(AccessErrors.InvalidUri);
        }
        var path = raw.AsSpan(authority).IndexOfAny('/', '?');
        return path < 0 ? raw.Length : authority + path;
    }
}
