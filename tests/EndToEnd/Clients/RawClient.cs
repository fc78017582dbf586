using System.Net;
using System.Text;

namespace Serverless.EndToEnd.Clients;

/// <summary>Sends <see cref="RawRequest"/>s exactly as they are written.</summary>
internal sealed class RawClient(Uri endpoint, HttpClient http)
{
    private static readonly HashSet<string> ContentHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Type", "Content-MD5", "Content-Encoding", "Content-Disposition", "Content-Language", "Expires",
    };

    public Uri Endpoint => endpoint;

    public async Task<RawAnswer> SendAsync(RawRequest request)
    {
        using var message = Write(request);
        using var answer = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        var body = await answer.Content.ReadAsByteArrayAsync();
        var headers = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
            .ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        return new(answer.StatusCode, headers, body);
    }

    /// <summary>The request with its signature.</summary>
    public HttpRequestMessage Write(RawRequest request)
    {
        var signer = request.Signer;
        var hash = request.ContentSha256 ?? (request.SignedBody is null ? SigV4.Hash(request.Body) : throw new InvalidOperationException("A signed body needs its ContentSha256."));
        List<(string Name, string Value)> sent = [.. request.Headers];
        List<(string Name, string Value)> query = [.. request.Query];
        var host = ("host", request.Host ?? endpoint.Authority);
        var signature = "";
        if (request.PresignedSeconds is { } seconds)
        {
            List<(string, string)> signed = [.. Lower(sent), host];
            query.AddRange([
                ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", signer.Credential), ("X-Amz-Date", signer.Timestamp),
                ("X-Amz-Expires", $"{seconds}"), ("X-Amz-SignedHeaders", SigV4.SignedNames(signed))]);
            query.Add(("X-Amz-Signature", signer.Sign(request.Method, request.Path, query, signed, request.PresignedHash)));
        }
        else if (!request.Anonymous)
        {
            sent.AddRange([("x-amz-date", signer.Timestamp), ("x-amz-content-sha256", hash)]);
            List<(string, string)> signed = [.. Lower(sent), host];
            signature = signer.Sign(request.Method, request.Path, query, signed, hash);
            sent.Add(("Authorization", $"AWS4-HMAC-SHA256 Credential={signer.Credential}, SignedHeaders={SigV4.SignedNames(signed)}, Signature={signature}"));
        }

        var target = query.Count == 0 ? request.Path : $"{request.Path}?{SigV4.EncodeQuery(query)}";
        // Uri would otherwise shorten the path, and no such key could be tested.
        var address = new Uri(endpoint.GetLeftPart(UriPartial.Authority) + (request.Tamper?.Invoke(target) ?? target),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(request.Method), address);
        var body = request.SignedBody?.Invoke(signer, signature) ?? request.Body;
        if (body.Length > 0 || request.Method is "PUT" or "POST" || sent.Any(header => ContentHeaders.Contains(header.Name)))
            message.Content = request.Withheld > 0 ? new ShortContent(body, request.Withheld) : new ByteArrayContent(body);
        if (request.Host is not null) message.Headers.Host = request.Host;
        if (request.ExpectContinue) message.Headers.ExpectContinue = true;
        foreach (var (name, value) in sent.Concat(request.UnsignedHeaders))
        {
            System.Net.Http.Headers.HttpHeaders headers = ContentHeaders.Contains(name) ? message.Content!.Headers : message.Headers;
            if (!headers.TryAddWithoutValidation(name, value)) throw new InvalidOperationException($"{name} was not taken.");
        }
        return message;
    }

    private static IEnumerable<(string Name, string Value)> Lower(IEnumerable<(string Name, string Value)> headers) =>
        headers.Select(header => (header.Name.ToLowerInvariant(), header.Value));

    /// <summary>A client that sends and shows headers as UTF-8, follows nothing and decodes nothing.</summary>
    /// <param name="authorityFile">The only authority that is trusted for https; null for http.</param>
    public static HttpClient NewHttpClient(string? authorityFile)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        };
        if (authorityFile is not null) handler.SslOptions.CertificateChainPolicy = DevelopmentTrust.Policy(authorityFile);
        return new HttpClient(handler) { Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>Announces a whole body and breaks off before its end.</summary>
    private sealed class ShortContent(byte[] body, int withheld) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(body.AsMemory(0, body.Length - withheld));
            await stream.FlushAsync();
            throw new IOException("The test breaks off here.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}
