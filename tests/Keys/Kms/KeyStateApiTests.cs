using System.Text.Json.Nodes;

namespace Serverless.Keys.Tests;

/// <summary>The key-state table, as callers of the API meet it: each operation on a key in each state.</summary>
public sealed class KeyStateApiTests : IDisposable
{
    private readonly World _world = new();
    private readonly KmsClient _api;

    public KeyStateApiTests() => _api = new KmsClient(_world, _world.NewInstance());

    public static TheoryData<string, KeyState, string> Cells() => KeyStateTableTests.Cells();

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_key_in_a_state_admits_an_operation_or_says_why_not(string operation, KeyState state, string expected)
    {
        bool isMac = operation is "GenerateMac" or "VerifyMac";
        JsonObject kind = isMac ? new() { ["KeySpec"] = "HMAC_256", ["KeyUsage"] = "GENERATE_VERIFY_MAC" } : [];
        string id = (string)(await _api.AnswerAsync("CreateKey", kind))!["KeyMetadata"]!["KeyId"]!;
        JsonObject request = await RequestAsync(operation, id, isMac);
        await BringAsync(id, state, external: operation is "GetParametersForImport" or "ImportKeyMaterial" or "DeleteImportedKeyMaterial");

        KmsResponse response = await new KmsClient(_world, _world.NewInstance()).CallAsync(operation, request);
        string outcome = $"{response.ErrorCode} {response.ErrorMessage}";
        if (expected.Length > 0)
        {
            Assert.Equal(expected.Replace("ARN", KmsKey.ArnOf(World.Region, World.Account, id), StringComparison.Ordinal), outcome);
        }
        else if (operation == "ImportKeyMaterial")
        {
            // Judged, and refused for the token that it has not.
            Assert.Equal("InvalidImportTokenException", response.ErrorCode);
        }
        else
        {
            Assert.True(response.Status == 200, outcome);
        }
    }

    public void Dispose() => _world.Dispose();

    private async Task BringAsync(string id, KeyState state, bool external)
    {
        KmsKey key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        bool isPending = state == KeyState.PendingImport;
        key = key with
        {
            State = state,
            DeletionDate = state == KeyState.PendingDeletion ? _world.Time.GetUtcNow().AddDays(7) : null,
            Origin = external || isPending ? KeyOrigin.External : KeyOrigin.AwsKms,
            IsIncomplete = isPending,
        };
        Assert.True(await _world.KmsStore.TryReplaceKeyAsync(key, null, default));
    }

    // Made while the key is enabled: what the operation takes beside the key.
    private async Task<JsonObject> RequestAsync(string operation, string id, bool isMac)
    {
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = id });
        JsonNode grant = (await _api.AnswerAsync("CreateGrant", Grant(id, isMac)))!;
        JsonObject request = new() { ["KeyId"] = id };
        switch (operation)
        {
            case "Decrypt" or "ReEncrypt":
                JsonNode encrypted = (await _api.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "AA==" }))!;
                request = new() { ["CiphertextBlob"] = (string)encrypted["CiphertextBlob"]!, ["DestinationKeyId"] = await _api.CreateKeyAsync() };
                break;
            case "VerifyMac":
                JsonNode mac = (await _api.AnswerAsync("GenerateMac", new() { ["KeyId"] = id, ["Message"] = "AA==", ["MacAlgorithm"] = "HMAC_SHA_256" }))!;
                request["Mac"] = (string)mac["Mac"]!;
                break;
            case "CreateGrant":
                return Grant(id, isMac);
            case "UpdateAlias":
                await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/other", ["TargetKeyId"] = await _api.CreateKeyAsync() });
                break;
        }

        foreach ((string member, JsonNode value) in new (string, JsonNode)[]
        {
            ("AliasName", operation switch { "CreateAlias" => "alias/new", "UpdateAlias" => "alias/other", _ => "alias/mine" }),
            ("TargetKeyId", id),
            ("Description", "another"),
            ("Tags", new JsonArray()),
            ("TagKeys", new JsonArray()),
            ("GrantId", (string)grant["GrantId"]!),
            ("Plaintext", "AA=="),
            ("Message", "AA=="),
            ("MacAlgorithm", "HMAC_SHA_256"),
            ("KeySpec", "AES_256"),
            ("PolicyName", "default"),
            ("Policy", """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}]}"""),
            ("WrappingAlgorithm", "RSAES_OAEP_SHA_256"),
            ("WrappingKeySpec", "RSA_2048"),
            ("ImportToken", "AA=="),
            ("EncryptedKeyMaterial", "AA=="),
            ("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE"),
        })
        {
            request.TryAdd(member, value);
        }

        return request;
    }

    private static JsonObject Grant(string id, bool isMac) =>
        new() { ["KeyId"] = id, ["GranteePrincipal"] = World.User.Principal.Arn, ["Operations"] = new JsonArray(isMac ? "GenerateMac" : "Encrypt") };
}
