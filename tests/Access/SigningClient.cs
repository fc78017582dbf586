using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Access.Tests;

/// <summary>
/// A client's half of SigV4, written on its own and simply, so that the tests do not sign with the code that they test.
/// Key, time and Region are those of AWS's examples.
/// </summary>
internal sealed class SigningClient
{
    public const string ExampleKeyId = "AKIAIOSFODNN7EXAMPLE";
    public const string ExampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    public static readonly DateTimeOffset ExampleTime = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);

    public string AccessKeyId { get; init; } = ExampleKeyId;
    public string Secret { get; init; } = ExampleSecret;
    public string Region { get; init; } = "us-east-1";
    public string Service { get; init; } = "s3";
    public DateTimeOffset Now { get; init; } = ExampleTime;

    public string Timestamp => Now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
    public string Scope => $"{Timestamp[..8]}/{Region}/{Service}/aws4_request";

    /// <summary>Adds date and Authorization headers; every header present is signed, and the last line is <paramref name="payloadHash"/>.</summary>
    /// <returns>The signature.</returns>
    public string Sign(TestRequest request, string payloadHash, string? canonicalPath = null)
    {
        request.Headers["x-amz-date"] = Timestamp;
        var names = request.Headers.Keys.Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal).ToArray();
        var signature = Signature(request, names, payloadHash, request.RawQuery, canonicalPath);
        request.Headers.Authorization =
            $"AWS4-HMAC-SHA256 Credential={AccessKeyId}/{Scope}, SignedHeaders={string.Join(';', names)}, Signature={signature}";
        return signature;
    }

    /// <summary>Signs as <see cref="Sign"/> does, with a payload that the signature does not cover.</summary>
    public void SignWithoutPayload(TestRequest request)
    {
        request.Headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        Sign(request, "UNSIGNED-PAYLOAD");
    }

    /// <summary>Adds the parameters of a presigned URL, which signs every header present.</summary>
    public void Presign(TestRequest request, long expires = 3600, string payloadHash = "UNSIGNED-PAYLOAD")
    {
        var names = request.Headers.Keys.Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal).ToArray();
        var query = $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Uri.EscapeDataString($"{AccessKeyId}/{Scope}")}&X-Amz-Date={Timestamp}"
            + $"&X-Amz-Expires={expires}&X-Amz-SignedHeaders={Uri.EscapeDataString(string.Join(';', names))}";
        request.RawQuery = request.RawQuery.Length == 0 ? query : $"{request.RawQuery}&{query}";
        request.RawQuery += "&X-Amz-Signature=" + Signature(request, names, payloadHash, request.RawQuery, null);
    }

    /// <summary>The body in signed chunks, with signed trailers where some are given.</summary>
    public byte[] Chunks(string seed, IEnumerable<ReadOnlyMemory<byte>> chunks, params string[] trailers)
    {
        using var body = new MemoryStream();
        var previous = seed;
        foreach (var chunk in chunks.Append(default))
        {
            previous = Hmac($"AWS4-HMAC-SHA256-PAYLOAD\n{Timestamp}\n{Scope}\n{previous}\n{Hex(SHA256.HashData([]))}\n{Hex(SHA256.HashData(chunk.Span))}");
            Append($"{chunk.Length:x};chunk-signature={previous}\r\n");
            body.Write(chunk.Span);
            Append(chunk.IsEmpty ? "" : "\r\n");
        }
        foreach (var trailer in trailers)
        {
            Append(trailer + "\r\n");
        }
        if (trailers.Length > 0)
        {
            var lines = string.Concat(trailers.Select(trailer => trailer + "\n"));
            var signature = Hmac($"AWS4-HMAC-SHA256-TRAILER\n{Timestamp}\n{Scope}\n{previous}\n{Hash(lines)}");
            Append($"x-amz-trailer-signature:{signature}\r\n");
        }
        Append("\r\n");
        return body.ToArray();

        void Append(string text) => body.Write(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>The body in chunks without signatures.</summary>
    public static byte[] UnsignedChunks(IEnumerable<ReadOnlyMemory<byte>> chunks, params string[] trailers)
    {
        using var body = new MemoryStream();
        foreach (var chunk in chunks)
        {
            body.Write(Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n"));
            body.Write(chunk.Span);
            body.Write("\r\n"u8);
        }
        body.Write(Encoding.ASCII.GetBytes("0\r\n" + string.Concat(trailers.Select(trailer => trailer + "\r\n")) + "\r\n"));
        return body.ToArray();
    }

    public static string Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    public static string Hash(byte[] bytes) => Hex(SHA256.HashData(bytes));

    private string Signature(TestRequest request, string[] names, string payloadHash, string rawQuery, string? canonicalPath)
    {
        var path = string.Join('/', Uri.UnescapeDataString(request.RawPath).Split('/').Select(Uri.EscapeDataString));
        var query = rawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Replace('+', ' ').Split('=', 2).Select(Uri.UnescapeDataString).Select(Uri.EscapeDataString).ToArray())
            .Select(pair => (Name: pair[0], Value: pair.Length > 1 ? pair[1] : ""))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
            .Select(pair => $"{pair.Name}={pair.Value}");
        var headers = string.Concat(names.Select(name => $"{name}:{request.Headers[name]}\n"));
        var canonical = $"{request.Method}\n{canonicalPath ?? path}\n{string.Join('&', query)}\n{headers}\n{string.Join(';', names)}\n{payloadHash}";
        return Hmac($"AWS4-HMAC-SHA256\n{Timestamp}\n{Scope}\n{Hash(canonical)}");
    }

    private string Hmac(string stringToSign)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + Secret);
        foreach (var part in Scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }
        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
