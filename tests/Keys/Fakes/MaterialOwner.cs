using System.Text.Json.Nodes;

namespace Serverless.Keys.Tests;

/// <summary>Somebody who imports key material, as the developer guide tells to: fetch the parameters, wrap the material, send it.</summary>
internal sealed class MaterialOwner(Func<string, JsonObject, Task<KmsResponse>> call)
{
    // RSA keys take their time to make: a key's are used until they have expired.
    private readonly Dictionary<(string KeyId, string Algorithm), JsonNode> _parameters = [];

    public MaterialOwner(KmsClient api) : this(api.CallAsync) { }

    /// <summary>A new key without material; its id.</summary>
    public async Task<string> CreateKeyAsync(JsonObject? members = null)
    {
        JsonObject request = members ?? [];
        request["Origin"] = "EXTERNAL";
        return (string)(await call("CreateKey", request)).Body!["KeyMetadata"]!["KeyId"]!;
    }

    public async Task<JsonNode> ParametersAsync(string keyId, string algorithm = "RSAES_OAEP_SHA_256", string spec = "RSA_2048") =>
        (await call("GetParametersForImport", new() { ["KeyId"] = keyId, ["WrappingAlgorithm"] = algorithm, ["WrappingKeySpec"] = spec })).Body!;

    /// <summary>Imports material; it does not expire unless <paramref name="more"/> says so.</summary>
    public async Task<KmsResponse> ImportAsync(string keyId, byte[] material, JsonObject? more = null, string algorithm = "RSAES_OAEP_SHA_256", JsonNode? parameters = null)
    {
        if (parameters is null)
        {
            bool isNew = !_parameters.TryGetValue((keyId, algorithm), out parameters);
            parameters ??= _parameters[(keyId, algorithm)] = await ParametersAsync(keyId, algorithm);
            KmsResponse response = await ImportAsync(keyId, material, more, algorithm, parameters);
            return isNew || response.ErrorCode != "ExpiredImportTokenException"
                ? response
                : await ImportAsync(keyId, material, more, algorithm, _parameters[(keyId, algorithm)] = await ParametersAsync(keyId, algorithm));
        }

        JsonObject request = more?.DeepClone().AsObject() ?? [];
        request["KeyId"] = keyId;
        request["ImportToken"] = (string)parameters["ImportToken"]!;
        request["EncryptedKeyMaterial"] ??= Convert.ToBase64String(WrappedMaterial.Of(Convert.FromBase64String((string)parameters["PublicKey"]!), algorithm, material));
        if (request["ValidTo"] is null && request["ExpirationModel"] is null)
        {
            request["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE";
        }

        return await call("ImportKeyMaterial", request);
    }
}
