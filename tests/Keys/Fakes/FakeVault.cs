using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.Keys.Tests;

/// <summary>A vault with one key, as its REST API is documented: real RSA with RSA-OAEP-256 and PS256, or (as a managed HSM) A256KW. It can be made to refuse.</summary>
public sealed class FakeVault : HttpMessageHandler
{
    public const string Address = "https://vault.vault.azure.net";
    public const string KeyUri = Address + "/keys/root-key";
    private const string Token = "a token";

    private readonly List<(string Version, RSA Rsa, byte[] Aes)> _versions = [];

    public FakeVault() => Rotate();

    /// <summary>The calls that were answered or refused: <c>wrapkey</c> and so on.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The versions that nobody may use.</summary>
    public HashSet<string> Disabled { get; } = [];

    /// <summary>Answers instead of the vault; null for the vault itself.</summary>
    public Func<HttpResponseMessage>? Failing { get; set; }

    public string NewestVersion => _versions[^1].Version;

    /// <summary>Makes a new version of the key.</summary>
    public void Rotate() => _versions.Add((Guid.NewGuid().ToString("N"), RSA.Create(2048), RandomNumberGenerator.GetBytes(32)));

    internal VaultKey Open(RootKeyAlgorithm algorithm = RootKeyAlgorithm.Rsa, string? version = null)
    {
        Assert.True(VaultKeyId.TryParse(version is null ? KeyUri : $"{KeyUri}/{version}", out VaultKeyId? id));
        return new(id, algorithm, VaultKey.CreatePipeline(id, new Credential(), options =>
        {
            options.Transport = new HttpClientTransport(new HttpClient(this, disposeHandler: false));
            options.Retry.Delay = TimeSpan.FromMilliseconds(1);
            options.Retry.MaxDelay = TimeSpan.FromMilliseconds(1);
        }));
    }

    /// <summary>What anybody who has the public half of the key can make.</summary>
    public byte[] WrapInPublic(byte[] key) => _versions[^1].Rsa.Encrypt(key, RSAEncryptionPadding.OaepSHA256);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Assert.Equal("https", request.RequestUri!.Scheme);
        Assert.Equal("?api-version=7.6", request.RequestUri.Query);
        string[] path = request.RequestUri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        lock (Calls)
        {
            Calls.Add(path[^1]);
        }

        if (Failing is not null)
        {
            return Failing();
        }

        if (request.Headers.Authorization is not { Scheme: "Bearer", Parameter: Token })
        {
            return Refuse(HttpStatusCode.Unauthorized, "Unauthorized");
        }

        Assert.Equal(("keys", "root-key"), (path[0], path[1]));
        string version = path.Length == 4 ? path[2] : NewestVersion;
        if (_versions.SingleOrDefault(known => known.Version == version) is not { Version: not null } key)
        {
            return Refuse(HttpStatusCode.NotFound, "KeyNotFound");
        }

        if (Disabled.Contains(version))
        {
            return Refuse(HttpStatusCode.Forbidden, "Forbidden", "KeyDisabled");
        }

        JsonNode body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
        try
        {
            return Answer(new JsonObject { ["kid"] = $"{KeyUri}/{version}", ["value"] = Run(path[^1], (string)body["alg"]!, key.Rsa, key.Aes, body) });
        }
        catch (CryptographicException)
        {
            return Refuse(HttpStatusCode.BadRequest, "BadParameter");
        }
    }

    private static JsonNode Run(string operation, string algorithm, RSA rsa, byte[] aes, JsonNode body)
    {
        byte[] value = Base64Url.DecodeFromChars((string)body["value"]!);
        return (operation, algorithm) switch
        {
            ("wrapkey", "RSA-OAEP-256") => Base64Url.EncodeToString(rsa.Encrypt(value, RSAEncryptionPadding.OaepSHA256)),
            ("unwrapkey", "RSA-OAEP-256") => Base64Url.EncodeToString(rsa.Decrypt(value, RSAEncryptionPadding.OaepSHA256)),
            ("sign", "PS256") => Base64Url.EncodeToString(rsa.SignHash(value, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
            ("verify", "PS256") => rsa.VerifyHash(Base64Url.DecodeFromChars((string)body["digest"]!), value, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            ("wrapkey", "A256KW") => Base64Url.EncodeToString(KeyWrapOf(aes).EncryptKeyWrapPadded(value)),
            ("unwrapkey", "A256KW") => Base64Url.EncodeToString(KeyWrapOf(aes).DecryptKeyWrapPadded(value)),
            _ => throw new CryptographicException("The key does not have this operation."),
        };
    }

    // RFC 5649 instead of 3394: .NET has no other, and nobody looks inside.
    private static Aes KeyWrapOf(byte[] key)
    {
        Aes aes = Aes.Create();
        aes.Key = key;
        return aes;
    }

    private static HttpResponseMessage Answer(JsonObject content) => new(HttpStatusCode.OK) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(content)) };

    public static HttpResponseMessage Refuse(HttpStatusCode status, string code, string? inner = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = "No." };
        if (inner is not null)
        {
            error["innererror"] = new JsonObject { ["code"] = inner };
        }

        return new(status) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["error"] = error })) };
    }

    private sealed class Credential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.Equal(["https://vault.azure.net/.default"], requestContext.Scopes);
            return new(Token, DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
