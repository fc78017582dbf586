using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Serverless.Access;

namespace Serverless.Keys.Tests;

/// <summary>An answer of the KMS API.</summary>
public sealed record KmsResponse(int Status, IHeaderDictionary Headers, JsonNode? Body)
{
    public string? ErrorCode => (string?)Body?["__type"];

    public string? ErrorMessage => (string?)Body?["message"];
}

/// <summary>A KMS client: signs a request, has the signature verified by the service's own authenticator, and hands it to the endpoint.</summary>
internal sealed class KmsClient(World world, IServiceProvider instance)
{
    private const string Secret = "a-secret-access-key-for-tests";

    public string Region { get; init; } = World.Region;

    public string Service { get; init; } = "kms";

    public Principal? Signer { get; init; } = World.Root.Principal;

    /// <summary>The signer's own policies.</summary>
    public IReadOnlyList<Policy> Policies { get; init; } = [];

    public Task<KmsResponse> CallAsync(string operation, JsonObject? members = null) =>
        SendAsync(KmsEndpoint.TargetPrefix + operation, (members ?? []).ToJsonString());

    /// <summary>Calls and expects success.</summary>
    public async Task<JsonNode?> AnswerAsync(string operation, JsonObject? members = null)
    {
        KmsResponse response = await CallAsync(operation, members);
        Assert.True(response.Status == StatusCodes.Status200OK, response.Body?.ToJsonString());
        return response.Body;
    }

    /// <summary>Creates a key and gives its id.</summary>
    public async Task<string> CreateKeyAsync() => (string)(await AnswerAsync("CreateKey"))!["KeyMetadata"]!["KeyId"]!;

    /// <summary>Creates a key for MACs and gives its id.</summary>
    public async Task<string> CreateMacKeyAsync(string spec) =>
        (string)(await AnswerAsync("CreateKey", new() { ["KeySpec"] = spec, ["KeyUsage"] = "GENERATE_VERIFY_MAC" }))!["KeyMetadata"]!["KeyId"]!;

    public async Task<KmsResponse> SendAsync(string target, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/";
        context.Request.Method = "POST";
        context.Request.Headers.Host = "kms.test";
        context.Request.Headers["X-Amz-Target"] = target;
        context.Request.Body = new MemoryStream(bytes);
        context.Request.ContentLength = bytes.Length;
        var answer = new MemoryStream();
        context.Response.Body = answer;
        if (Signer is not null)
        {
            Sign(context.Request, bytes);
        }

        using var credential = new Credential(Signer ?? World.Root.Principal, Secret) { Policies = Policies };
        var authenticator = new RequestAuthenticator(new OneCredential(credential), Options.Create(new AccessOptions()), world.Time);
        SignedRequest request = await authenticator.AuthenticateAsync(context, World.Root.RequestId, default);
        await instance.GetRequiredService<KmsEndpoint>().HandleAsync(context, request, default);
        Assert.Equal("application/x-amz-json-1.1", context.Response.ContentType);
        Assert.Equal(World.Root.RequestId, context.Response.Headers["x-amzn-RequestId"]);
        Assert.Equal(answer.Length, context.Response.ContentLength);
        return new(context.Response.StatusCode, context.Response.Headers, answer.Length == 0 ? null : JsonNode.Parse(answer.ToArray()));
    }

    private void Sign(HttpRequest request, byte[] body)
    {
        string date = world.Time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string scope = $"{date[..8]}/{Region}/{Service}/aws4_request";
        request.Headers["X-Amz-Date"] = date;
        string canonical = $"POST\n/\n\nhost:kms.test\nx-amz-date:{date}\nx-amz-target:{request.Headers["X-Amz-Target"]}\n\nhost;x-amz-date;x-amz-target\n{Hex(SHA256.HashData(body))}";
        string toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + Secret);
        foreach (string part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        string signature = Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        request.Headers.Authorization =
            $"AWS4-HMAC-SHA256 Credential={Signer!.AccessKeyId}/{scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature={signature}";
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private sealed class OneCredential(Credential credential) : ICredentials
    {
        public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) => new(credential);
    }
}
