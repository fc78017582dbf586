using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.EndToEnd.Clients;

/// <summary>
/// Signature Version 4 as a client makes it, written from AWS's description alone
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html): it shares no line with the service.
/// </summary>
internal sealed record SigV4(string AccessKeyId, string SecretAccessKey, string Region, string Service, DateTimeOffset Time)
{
    public string Timestamp => Time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    public string Scope => $"{Timestamp[..8]}/{Region}/{Service}/aws4_request";

    public string Credential => $"{AccessKeyId}/{Scope}";

    public static string Hash(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(SHA256.HashData(data));

    /// <summary>Percent-encodes everything but RFC 3986's unreserved characters.</summary>
    public static string Encode(string text, bool keepSlash = false)
    {
        var encoded = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' || (keepSlash && value == '/'))
                encoded.Append((char)value);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }
        return encoded.ToString();
    }

    /// <summary>A query as it is both signed and sent, but for the order.</summary>
    public static string EncodeQuery(IEnumerable<(string Name, string Value)> query) =>
        string.Join('&', query.Select(pair => $"{Encode(pair.Name)}={Encode(pair.Value)}"));

    /// <param name="path">As sent, percent-encoded.</param>
    /// <param name="query">Decoded.</param>
    /// <param name="headers">Those that are signed, names in lower case.</param>
    public string Sign(string method, string path, IEnumerable<(string Name, string Value)> query, IReadOnlyCollection<(string Name, string Value)> headers, string payloadHash)
    {
        var canonicalQuery = string.Join('&', query.Select(pair => (Name: Encode(pair.Name), Value: Encode(pair.Value)))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}"));
        var canonicalHeaders = string.Concat(headers.OrderBy(header => header.Name, StringComparer.Ordinal)
            .Select(header => $"{header.Name}:{string.Join(' ', header.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))}\n"));
        var request = $"{method}\n{path}\n{canonicalQuery}\n{canonicalHeaders}\n{SignedNames(headers)}\n{payloadHash}";
        return Sign("AWS4-HMAC-SHA256", Hash(Encoding.UTF8.GetBytes(request)));
    }

    public static string SignedNames(IEnumerable<(string Name, string Value)> headers) =>
        string.Join(';', headers.Select(header => header.Name).Order(StringComparer.Ordinal));

    /// <summary>One chunk of STREAMING-AWS4-HMAC-SHA256-PAYLOAD, on the signature of the one before.</summary>
    public string SignChunk(string previous, ReadOnlySpan<byte> data) => Sign("AWS4-HMAC-SHA256-PAYLOAD", $"{previous}\n{Hash([])}\n{Hash(data)}");

    /// <summary>The trailers behind the last chunk, <c>name:value\n</c> each.</summary>
    public string SignTrailers(string previous, string trailers) => Sign("AWS4-HMAC-SHA256-TRAILER", $"{previous}\n{Hash(Encoding.ASCII.GetBytes(trailers))}");

    /// <summary>The policy of a form, in base64 (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html).</summary>
    public string SignPolicy(string policy) => Sign(policy);

    private string Sign(string algorithm, string rest) => Sign($"{algorithm}\n{Timestamp}\n{Scope}\n{rest}");

    private string Sign(string text)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + SecretAccessKey);
        foreach (var part in Scope.Split('/')) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
    }
}
