using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>
/// A key in Azure Key Vault or a managed HSM, through the calls of its REST API that use it: wrapKey and unwrapKey, sign and verify
/// (https://learn.microsoft.com/rest/api/keyvault/keys/wrap-key/wrap-key and its neighbours). What it wraps is 32 bytes.
/// </summary>
/// <remarks>
/// With an RSA key's public half anybody can wrap. So that nobody puts a key of their own in the place of one of the service's, what is wrapped by an RSA key is also signed by it;
/// a symmetric key (A256KW) needs no such thing.
/// </remarks>
internal sealed class VaultKey(VaultKeyId id, RootKeyAlgorithm algorithm, HttpPipeline pipeline)
{
    private const string ApiVersion = "7.6";
    private const string SignatureAlgorithm = "PS256";

    private static ReadOnlySpan<byte> SignatureLabel => "serverless-sse root key signature v1"u8;

    public VaultKeyId Id => id;

    private string WrapAlgorithm => algorithm is RootKeyAlgorithm.Rsa ? "RSA-OAEP-256" : "A256KW";

    /// <summary>A pipeline that repeats what a vault was too busy for, and that says who it is with the credential's tokens.</summary>
    public static HttpPipeline CreatePipeline(VaultKeyId id, TokenCredential credential, Action<ClientOptions>? configure = null)
    {
        var options = new Options { Diagnostics = { IsLoggingEnabled = false, IsTelemetryEnabled = false, IsDistributedTracingEnabled = false } };
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(400);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(20);
        configure?.Invoke(options);
        return HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, id.Scope));
    }

    /// <summary>Wraps a key under the pinned or newest version, and says which that is.</summary>
    /// <exception cref="RootKeyUnavailableException">The vault refuses, or does not answer.</exception>
    public async Task<(string Version, byte[] Wrapped)> WrapAsync(SecretKey key, CancellationToken cancellationToken)
    {
        byte[] plaintext = key.Bytes.ToArray();
        JsonObject answer;
        try
        {
            answer = await CallAsync("wrapkey", id.Version, new() { ["alg"] = WrapAlgorithm, ["value"] = Base64Url.EncodeToString(plaintext) }, cancellationToken)
                .ConfigureAwait(false) ?? throw Unfit();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }

        if (!VaultKeyId.TryParse(TextOf(answer["kid"]), out VaultKeyId? used) || used.Version is not { } version)
        {
            throw Unexpected();
        }

        byte[] wrapped = ValueOf(answer);
        byte[] signature = algorithm is RootKeyAlgorithm.Rsa ? await SignAsync(version, wrapped, cancellationToken).ConfigureAwait(false) : [];
        byte[] size = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(size, checked((ushort)signature.Length));
        return (version, [.. size, .. signature, .. wrapped]);
    }

    /// <summary>Opens what <see cref="WrapAsync"/> made under a version; null for anything else, without a reason.</summary>
    /// <exception cref="RootKeyUnavailableException">The vault refuses, or does not answer.</exception>
    public async Task<SecretKey?> UnwrapAsync(string version, ReadOnlyMemory<byte> signedAndWrapped, CancellationToken cancellationToken)
    {
        if (signedAndWrapped.Length < sizeof(ushort))
        {
            return null;
        }

        int afterSignature = sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(signedAndWrapped.Span);
        if (signedAndWrapped.Length < afterSignature)
        {
            return null;
        }

        ReadOnlyMemory<byte> wrapped = signedAndWrapped[afterSignature..];
        if (algorithm is RootKeyAlgorithm.Rsa && !await VerifyAsync(version, wrapped, signedAndWrapped[sizeof(ushort)..afterSignature], cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        JsonObject? answer = await CallAsync("unwrapkey", version, new() { ["alg"] = WrapAlgorithm, ["value"] = Base64Url.EncodeToString(wrapped.Span) }, cancellationToken)
            .ConfigureAwait(false);
        if (answer is null)
        {
            return null;
        }

        byte[] key = ValueOf(answer);
        try
        {
            return key.Length == SecretKey.Size ? SecretKey.Copy(key) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private async Task<byte[]> SignAsync(string version, byte[] wrapped, CancellationToken cancellationToken)
    {
        JsonObject body = new() { ["alg"] = SignatureAlgorithm, ["value"] = DigestOf(version, wrapped) };
        return ValueOf(await CallAsync("sign", version, body, cancellationToken).ConfigureAwait(false) ?? throw Unfit());
    }

    private async Task<bool> VerifyAsync(string version, ReadOnlyMemory<byte> wrapped, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken)
    {
        JsonObject body = new() { ["alg"] = SignatureAlgorithm, ["digest"] = DigestOf(version, wrapped.Span), ["value"] = Base64Url.EncodeToString(signature.Span) };
        return await CallAsync("verify", version, body, cancellationToken).ConfigureAwait(false) is { } answer && answer["value"]?.GetValueKind() is JsonValueKind.True;
    }

    private static string DigestOf(string version, ReadOnlySpan<byte> wrapped) => Base64Url.EncodeToString(SHA256.HashData([.. SignatureLabel, .. Encoding.ASCII.GetBytes(version), .. wrapped]));

    /// <summary>Null where the vault cannot do this with what it was given.</summary>
    private async Task<JsonObject?> CallAsync(string operation, string? version, JsonObject content, CancellationToken cancellationToken)
    {
        using Request request = pipeline.CreateRequest();
        request.Method = RequestMethod.Post;
        request.Uri.Reset(new Uri(id.Vault, $"/keys/{id.Name}/{(version is null ? "" : version + "/")}{operation}?api-version={ApiVersion}"));
        request.Headers.Add(HttpHeader.Common.JsonContentType);
        request.Headers.Add(HttpHeader.Common.JsonAccept);
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(content);
        request.Content = RequestContent.Create(body);
        try
        {
            using Response response = await pipeline.SendRequestAsync(request, cancellationToken).ConfigureAwait(false);
            return response.Status switch
            {
                200 => Parse(response.Content) ?? throw Unexpected(),
                400 => null,
                _ => throw Refusal(response, version),
            };
        }
        catch (Exception e) when (e is RequestFailedException or IOException or AggregateException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new RootKeyUnavailableException($"The vault at {id.Vault} does not answer: {e.Message}", e);
        }
        catch (Azure.Identity.AuthenticationFailedException e)
        {
            throw new RootKeyUnavailableException($"The app has no identity that the vault at {id.Vault} could let in: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    private RootKeyUnavailableException Refusal(Response response, string? version)
    {
        string key = version is null ? id.Key.ToString() : $"{id.Key}/{version}";
        var error = Parse(response.Content)?["error"] as JsonObject;
        string? code = TextOf((error?["innererror"] as JsonObject)?["code"]) ?? TextOf(error?["code"]);
        return new(response.Status switch
        {
            403 when code is "KeyDisabled" => $"The root key {key} is disabled.",
            403 when code is "ForbiddenByFirewall" or "ForbiddenByConnection" => $"The vault at {id.Vault} lets nobody in from the app's network.",
            401 or 403 => $"The vault does not let the app use the root key {key}: its identity needs the role Key Vault Crypto User on it, and the key the operations that go with its type.",
            404 => $"The root key {key} does not exist.",
            429 => $"The vault at {id.Vault} is asked too often.",
            _ => $"The vault at {id.Vault} has failed with status {response.Status}.",
        });
    }

    private RootKeyUnavailableException Unfit() => new($"The root key {id.Key} cannot be used with {WrapAlgorithm}: its type or its operations do not fit (RootKey__Algorithm).");

    private RootKeyUnavailableException Unexpected() => new($"What answers at {id.Vault} does not answer as a vault does.");

    private byte[] ValueOf(JsonObject answer)
    {
        try
        {
            return Base64Url.DecodeFromChars(TextOf(answer["value"]) ?? throw Unexpected());
        }
        catch (FormatException)
        {
            throw Unexpected();
        }
    }

    private static string? TextOf(JsonNode? node) => node?.GetValueKind() is JsonValueKind.String ? (string?)node : null;

    private static JsonObject? Parse(BinaryData content)
    {
        try
        {
            return JsonNode.Parse(content.ToMemory().Span) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class Options : ClientOptions;
}
