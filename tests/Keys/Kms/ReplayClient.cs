using System.Text.Json.Nodes;

namespace Serverless.Keys.Tests;

/// <summary>The calls that the recorded tests made, in short.</summary>
internal sealed class ReplayClient(KmsClient api, ReplayClient? elsewhere)
{
    public ReplayClient Elsewhere => elsewhere!;

    public MaterialOwner Owner { get; } = new(api);

    public Task<KmsResponse> CallAsync(string operation, params (string Name, JsonNode Value)[] members) =>
        api.CallAsync(operation, new JsonObject(members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.Value))));

    public async Task<string> NewKeyAsync(string description = "") =>
        (string)(await CallAsync("CreateKey", ("Description", description))).Body!["KeyMetadata"]!["KeyId"]!;

    public Task<KmsResponse> CreateTaggedAsync(params (string Key, string Value)[] tags) => CallAsync("CreateKey", ("Tags", Tags(tags)));

    public Task<KmsResponse> TagAsync(string keyId, params (string Key, string Value)[] tags) => CallAsync("TagResource", ("KeyId", keyId), ("Tags", Tags(tags)));

    public Task<KmsResponse> UntagAsync(string keyId, params string[] keys) =>
        CallAsync("UntagResource", ("KeyId", keyId), ("TagKeys", new JsonArray([.. keys.Select(key => JsonValue.Create(key))])));

    public Task<KmsResponse> EncryptAsync(string keyId) => CallAsync("Encrypt", ("KeyId", keyId), ("Plaintext", "aGVsbG8="), ("EncryptionContext", Context(true)));

    public Task<KmsResponse> ReEncryptAsync(KmsResponse encrypted, string source, string destination) => CallAsync(
        "ReEncrypt", ("SourceKeyId", source), ("DestinationKeyId", destination), ("CiphertextBlob", (string)encrypted.Body!["CiphertextBlob"]!),
        ("SourceEncryptionContext", Context(true)));

    public Task<KmsResponse> GenerateDataKeyAsync(string keyId, bool inContext, string kind = "") =>
        CallAsync("GenerateDataKey" + kind, ("KeyId", keyId), ("KeySpec", "AES_256"), ("EncryptionContext", Context(inContext)));

    public Task<KmsResponse> DecryptAsync(KmsResponse encrypted, bool inContext, string? keyId = null)
    {
        List<(string, JsonNode)> members = [("CiphertextBlob", (string)encrypted.Body!["CiphertextBlob"]!), ("EncryptionContext", Context(inContext))];
        if (keyId is not null)
        {
            members.Add(("KeyId", keyId));
        }

        return CallAsync("Decrypt", [.. members]);
    }

    private static JsonArray Tags((string Key, string Value)[] tags) => [.. tags.Select(tag => new JsonObject { ["TagKey"] = tag.Key, ["TagValue"] = tag.Value })];

    private static JsonObject Context(bool some) => some ? new() { ["context-key"] = "context-value" } : [];
}
