using System.Text;
using System.Text.Json;

namespace Serverless.Access.Tests;

/// <summary>The SigV4 test suite of the AWS SDKs: for every request its canonical request, string to sign and signature, signed by header and by query.</summary>
public sealed class VectorTests
{
    private static readonly string? Root = FindVectors();

    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        if (Root is null)
        {
            cases.Add("");
            return cases;
        }
        foreach (var folder in Directory.GetDirectories(Path.Combine(Root, "sigv4")).Order(StringComparer.Ordinal))
        {
            cases.Add(Path.GetFileName(folder));
        }
        return cases;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void A_request_signed_by_header_gives_the_vectors_strings_and_signature(string name)
    {
        Skip.If(Root is null, "the vectors are not here; set SERVERLESS_VECTORS");
        var vector = new Vector(Path.Combine(Root, "sigv4", name));
        var request = vector.Read("header-signed-request.txt");
        var claim = request.Headers.Authorization.ToString();
        var headers = Between(claim, "SignedHeaders=", ",");
        vector.Verify("header", request, headers, Between(claim, "Signature=", null), request.Headers["X-Amz-Date"].ToString());
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void A_request_signed_by_query_gives_the_vectors_strings_and_signature(string name)
    {
        Skip.If(Root is null, "the vectors are not here; set SERVERLESS_VECTORS");
        var vector = new Vector(Path.Combine(Root, "sigv4", name));
        var request = vector.Read("query-signed-request.txt");
        var query = QueryParameters.Parse(request.RawQuery);
        Assert.True(query.TryGet("X-Amz-SignedHeaders", out var headers));
        Assert.True(query.TryGet("X-Amz-Signature", out var signature));
        Assert.True(query.TryGet("X-Amz-Date", out var timestamp));
        vector.Verify("query", request, headers, signature, timestamp);
    }

    private static string Between(string text, string start, string? end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return end is null ? text[from..] : text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static string? FindVectors()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Serverless.sln")))
        {
            root = root.Parent;
        }
        var vectors = Environment.GetEnvironmentVariable("SERVERLESS_VECTORS")
            ?? (root is null ? "" : Path.Combine(root.FullName, "..", "shared", "vectors"));
        return Directory.Exists(vectors) ? vectors : null;
    }

    private sealed class Vector(string folder)
    {
        private readonly JsonElement context = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "context.json"))).RootElement;

        public TestRequest Read(string file)
        {
            var (head, body) = Split(Text(file), "\n\n");
            // A folded header's lines are one value.
            var lines = head.Replace("\n ", " ", StringComparison.Ordinal).Split('\n');
            var target = lines[0][(lines[0].IndexOf(' ', StringComparison.Ordinal) + 1)..lines[0].LastIndexOf(' ')];
            var (path, query) = Split(target, "?");
            if (OmitsSessionToken && file.StartsWith("query", StringComparison.Ordinal))
            {
                query = string.Join('&', query.Split('&').Where(pair => !pair.StartsWith("X-Amz-Security-Token", StringComparison.Ordinal)));
            }
            var request = new TestRequest(lines[0].Split(' ')[0], path) { RawQuery = query, Body = Encoding.UTF8.GetBytes(body) };
            request.Headers.Clear();
            foreach (var (name, value) in lines.Skip(1).Where(line => line.Length > 0).Select(line => Split(line, ":")))
            {
                request.Headers.Append(name, value);
            }
            return request;
        }

        public void Verify(string kind, TestRequest request, string signedHeaders, string signature, string timestamp)
        {
            var credentials = context.GetProperty("credentials");
            var (keyId, region, service) = (credentials.GetProperty("access_key_id").GetString()!, Setting("region"), Setting("service"));
            var scope = new CredentialScope($"{keyId}/{timestamp[..8]}/{region}/{service}/aws4_request", keyId, timestamp[..8], region, service);
            var style = context.GetProperty("normalize").GetBoolean() ? PathStyle.Normalized : PathStyle.AsSent;

            using var canonical = new PooledBytes(16);
            CanonicalRequest.Write(canonical, request.Method, RequestTarget.Parse($"{request.RawPath}?{request.RawQuery}"),
                request.Headers, signedHeaders, SigningClient.Hash(request.Body), style);
            Assert.Equal(Text($"{kind}-canonical-request.txt"), Encoding.UTF8.GetString(canonical.Written));

            var stringToSign = new byte[SigV4.MaxStringToSign];
            var length = SigV4.WriteStringToSign(timestamp, scope, canonical.Written, stringToSign);
            Assert.Equal(Text($"{kind}-string-to-sign.txt"), Encoding.UTF8.GetString(stringToSign, 0, length));

            var (key, computed) = (new byte[SigV4.KeySize], new byte[SigV4.HexSize]);
            SigV4.DeriveKey(Encoding.UTF8.GetBytes("AWS4" + credentials.GetProperty("secret_access_key").GetString()), scope, key);
            SigV4.Sign(key, stringToSign.AsSpan(0, length), computed);
            Assert.Equal(Text($"{kind}-signature.txt"), Encoding.ASCII.GetString(computed));
            Assert.True(SigV4.Matches(computed, signature));
        }

        private bool OmitsSessionToken => context.TryGetProperty("omit_session_token", out var omits) && omits.GetBoolean();

        private string Setting(string name) => context.GetProperty(name).GetString()!;

        private string Text(string file) => File.ReadAllText(Path.Combine(folder, file));

        private static (string Left, string Right) Split(string text, string separator)
        {
            var at = text.IndexOf(separator, StringComparison.Ordinal);
            return at < 0 ? (text, "") : (text[..at], text[(at + separator.Length)..]);
        }
    }
}
