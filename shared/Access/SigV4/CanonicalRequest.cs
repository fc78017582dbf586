using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>How a path becomes canonical.</summary>
internal enum PathStyle
{
    /// <summary>S3's: decoded and encoded once, no segment removed.</summary>
    AsSent,

    /// <summary>Every other service's: segments normalised as in RFC 3986, and what was sent encoded again.</summary>
    Normalized,
}

/// <summary>
/// The canonical request (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html):
/// method, path, query, headers, signed header names and payload hash, separated by line feeds.
/// </summary>
internal static class CanonicalRequest
{
    private const string Blanks = " \t\r\n";

    /// <param name="output">Receives the canonical request.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="headers">The request's headers.</param>
    /// <param name="signedHeaders">The names of the signed ones, separated by semicolons.</param>
    /// <param name="payloadHash">The last line.</param>
    /// <param name="style">How the path becomes canonical.</param>
    public static void Write(
        PooledBytes output, string method, RequestTarget target, IHeaderDictionary headers, string signedHeaders, string payloadHash, PathStyle style)
    {
        output.Add(method);
        output.Add((byte)'\n');
        if (style == PathStyle.AsSent)
        {
            PercentEncoding.EncodePath(output, target.Path);
        }
        else
        {
            WriteNormalized(output, target.RawPath);
        }
        output.Add((byte)'\n');
        CanonicalQuery.Write(output, target.Query);
        output.Add((byte)'\n');
        foreach (var name in signedHeaders.AsSpan().Split(';'))
        {
            WriteHeader(output, headers, signedHeaders[name]);
        }
        output.Add((byte)'\n');
        output.AddLower(signedHeaders);
        output.Add((byte)'\n');
        output.Add(payloadHash);
    }

    // A repeated header's values are joined by a comma. The Functions host hands them over joined by comma and space already, so that
    // there a request with a signed header sent twice does not verify; no known client sends one.
    private static void WriteHeader(PooledBytes output, IHeaderDictionary headers, string name)
    {
        output.AddLower(name);
        output.Add((byte)':');
        var values = headers[name];
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
            {
                output.Add((byte)',');
            }
            WriteValue(output, values[i].AsSpan().Trim(Blanks));
        }
        output.Add((byte)'\n');
    }

    private static void WriteValue(PooledBytes output, ReadOnlySpan<char> value)
    {
        for (var blank = value.IndexOfAny(Blanks); blank >= 0; blank = value.IndexOfAny(Blanks))
        {
            output.Add(value[..blank]);
            output.Add((byte)' ');
            value = value[blank..].TrimStart(Blanks);
        }
        output.Add(value);
    }

    private static void WriteNormalized(PooledBytes output, string rawPath)
    {
        var kept = new List<Range>();
        foreach (var range in rawPath.AsSpan().Split('/'))
        {
            switch (rawPath.AsSpan()[range])
            {
                case "" or ".":
                    break;
                case "..":
                    kept.RemoveRange(Math.Max(0, kept.Count - 1), Math.Min(1, kept.Count));
                    break;
                default:
                    kept.Add(range);
                    break;
            }
        }
        foreach (var range in kept)
        {
            output.Add((byte)'/');
            PercentEncoding.EncodeQuery(output, rawPath.AsSpan()[range]);
        }
        if (kept.Count == 0 || rawPath.EndsWith('/'))
        {
            output.Add((byte)'/');
        }
    }
}
