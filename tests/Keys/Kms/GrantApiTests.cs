using System.Text.Json.Nodes;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>CreateGrant, ListGrants, ListRetirableGrants, RetireGrant and RevokeGrant, as the account's root calls them.</summary>
public sealed class GrantApiTests : IDisposable
{
    private const string Anna = $"arn:aws:iam::{World.Account}:user/anna";
    private const string Root = $"arn:aws:iam::{World.Account}:root";

    private readonly World _world = new();
    private readonly KmsClient _api;

    public GrantApiTests() => _api = new KmsClient(_world, _world.NewInstance());

    [Fact]
    public async Task A_grant_is_listed_as_it_was_asked_for()
    {
        string id = await _api.CreateKeyAsync();
        JsonObject request = Grant(id, "Decrypt", "Encrypt", "Decrypt");
        request["Name"] = "for/anna:1_2-3";
        request["RetiringPrincipal"] = World.Account;
        request["Constraints"] = JsonNode.Parse("""{"EncryptionContextSubset":{"b":"2","a":"1"},"EncryptionContextEquals":{}}""");
        JsonNode made = (await _api.AnswerAsync("CreateGrant", request))!;
        Assert.Equal(["GrantId", "GrantToken"], made.AsObject().Select(member => member.Key));
        Assert.Matches("^[0-9a-f]{64}$", (string)made["GrantId"]!);
        string listed =
            $$$"""
            {"Grants":[{"Constraints":{"EncryptionContextSubset":{"a":"1","b":"2"}},"CreationDate":{{{_world.Time.GetUtcNow().ToUnixTimeSeconds()}}},"GrantId":"{{{made["GrantId"]}}}",
            "GranteePrincipal":"{{{Anna}}}","IssuingAccount":"{{{Root}}}","KeyId":"{{{Arn(id)}}}","Name":"for/anna:1_2-3","Operations":["Decrypt","Encrypt"],"RetiringPrincipal":"{{{Root}}}"}],
            "Truncated":false}
            """.ReplaceLineEndings("");
        Assert.Equal(listed, (await _api.AnswerAsync("ListGrants", new() { ["KeyId"] = Arn(id) }))!.ToJsonString());
        Assert.Equal(listed, (await _api.AnswerAsync("ListRetirableGrants", new() { ["RetiringPrincipal"] = Root }))!.ToJsonString());

        JsonNode plain = (await _api.AnswerAsync("CreateGrant", Grant(id, "DescribeKey")))!;
        JsonNode entry = (await ListAsync(new() { ["KeyId"] = id, ["GrantId"] = (string)plain["GrantId"]! })).Single();
        Assert.Equal(
            ["CreationDate", "GrantId", "GranteePrincipal", "IssuingAccount", "KeyId", "Name", "Operations"], entry.AsObject().Select(member => member.Key));
        Assert.Equal("", (string)entry["Name"]!);
    }

    [Fact]
    public async Task Making_and_ending_grants_is_on_the_trail_without_tokens()
    {
        string id = await _api.CreateKeyAsync();
        JsonObject request = Grant(id, "Decrypt");
        request["Constraints"] = JsonNode.Parse("""{"EncryptionContextEquals":{"a":"1"}}""");
        JsonNode made = (await _api.AnswerAsync("CreateGrant", request))!;
        AuditEvent creation = _world.Trail.Last;
        Assert.Equal(("CreateGrant", false, Arn(id)), (creation.EventName, creation.ReadOnly, creation.Resources[0].Arn));
        Assert.Equal(
            $$$$"""{"keyId":"{{{{id}}}}","granteePrincipal":"{{{{Anna}}}}","operations":["Decrypt"],"constraints":{"encryptionContextEquals":{"a":"1"}}}""",
            creation.RequestParameters!.ToJsonString());
        Assert.Equal($$"""{"grantId":"{{made["GrantId"]}}"}""", creation.ResponseElements!.ToJsonString());

        await _api.AnswerAsync("RetireGrant", new() { ["GrantToken"] = (string)made["GrantToken"]! });
        AuditEvent retirement = _world.Trail.Last;
        Assert.Equal(("RetireGrant", false, Arn(id)), (retirement.EventName, retirement.ReadOnly, retirement.Resources[0].Arn));
        Assert.Equal($$"""{"grantId":"{{made["GrantId"]}}"}""", retirement.RequestParameters!.ToJsonString());
        Assert.Equal("InvalidGrantTokenException", (await _api.CallAsync("RetireGrant", new() { ["GrantToken"] = (string)made["GrantToken"]! })).ErrorCode);
        Assert.Equal(("RetireGrant", "InvalidGrantTokenException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
    }

    [Fact]
    public async Task The_same_named_grant_is_made_once_and_gets_another_token()
    {
        string id = await _api.CreateKeyAsync();
        JsonObject request = Grant(id, "Decrypt", "Encrypt");
        request["Name"] = "once";
        KmsClient other = new(_world, _world.NewInstance());
        JsonNode[] made = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            i => Task.Run(async () => (await (i % 2 == 0 ? _api : other).AnswerAsync("CreateGrant", request.DeepClone().AsObject()))!)));
        Assert.Single(made.Select(grant => (string)grant["GrantId"]!).Distinct());
        Assert.Equal(8, made.Select(grant => (string)grant["GrantToken"]!).Distinct().Count());
        Assert.Single(await ListAsync(new() { ["KeyId"] = id }));
        Assert.Equal(1, (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!.GrantCount);

        // Another property makes another grant; so does no name; and an ended grant is not the same.
        request["Operations"] = new JsonArray("Decrypt");
        Assert.NotEqual((string)made[0]["GrantId"]!, await IdOfAsync(request));
        Assert.Equal(2, (await Task.WhenAll(IdOfAsync(Grant(id, "Decrypt")), IdOfAsync(Grant(id, "Decrypt")))).Distinct().Count());
        string second = await IdOfAsync(request);
        await _api.AnswerAsync("RetireGrant", new() { ["GrantToken"] = (string)made[0]["GrantToken"]! });
        Assert.Equal(second, await IdOfAsync(request));
        request["Operations"] = new JsonArray("Encrypt", "Decrypt");
        Assert.NotEqual((string)made[0]["GrantId"]!, await IdOfAsync(request));

        async Task<string> IdOfAsync(JsonObject of) => (string)(await _api.AnswerAsync("CreateGrant", of.DeepClone().AsObject()))!["GrantId"]!;
    }

    [Theory]
    [InlineData("GranteePrincipal", "null", "ValidationException", "1 validation error detected: Value null at 'granteePrincipal' failed to satisfy constraint: Member must not be null")]
    [InlineData("GranteePrincipal", "\"an na\"", "ValidationException", @"1 validation error detected: Value 'an na' at 'granteePrincipal' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\w+=,.@:/-]+$")]
    [InlineData("GranteePrincipal", "\"anna\"", "InvalidArnException", "ARN does not refer to a valid principal: anna")]
    [InlineData("GranteePrincipal", "\"222222222222\"", "InvalidArnException", "ARN does not refer to a valid principal: arn:aws:iam::222222222222:root")]
    [InlineData("RetiringPrincipal", "\"arn:aws:iam::111111111111:user/nobody\"", "InvalidArnException", "ARN does not refer to a valid principal: arn:aws:iam::111111111111:user/nobody")]
    [InlineData("Operations", "null", "ValidationException", "1 validation error detected: Value null at 'operations' failed to satisfy constraint: Member must not be null")]
    [InlineData("Operations", "[]", "ValidationException", "A grant must allow at least one operation.")]
    [InlineData("Operations", "[\"Decrypt\",\"PutKeyPolicy\"]", "ValidationException", "1 validation error detected: Value '[Decrypt, PutKeyPolicy]' at 'operations' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [Decrypt, Encrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, ReEncryptFrom, ReEncryptTo, Sign, Verify, GetPublicKey, CreateGrant, RetireGrant, DescribeKey, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GenerateMac, VerifyMac, DeriveSharedSecret]]")]
    [InlineData("Operations", "[\"Sign\",\"Decrypt\"]", "ValidationException", "Operations [Sign] are not supported when creating a grant for a symmetric KMS key with key usage ENCRYPT_DECRYPT. Valid operations are [CreateGrant, RetireGrant, DescribeKey, Encrypt, Decrypt, ReEncryptFrom, ReEncryptTo, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext]")]
    [InlineData("Name", "\"what?\"", "ValidationException", "1 validation error detected: Value 'what?' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$")]
    [InlineData("Constraints", """{"EncryptionContextSubset":{"a":"1"},"EncryptionContextEquals":{"a":"1"}}""", "ValidationException", "A grant has one constraint: EncryptionContextEquals or EncryptionContextSubset, not both.")]
    [InlineData("Constraints", """{"EncryptionContextSubset":{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","9":""}}""", "ValidationException", "A grant constraint has at most 8 encryption context pairs, whose keys and values have at most 384 characters each.")]
    [InlineData("Constraints", """{"EncryptionContextSubset":{"a":1}}""", "SerializationException", "EncryptionContextSubset is not of the type that the operation takes.")]
    [InlineData("GrantTokens", """["not a token"]""", "InvalidGrantTokenException", "The grant token is not valid, or its grant has been retired or revoked.")]
    [InlineData("GrantTokens", """["","","","","","","","","","",""]""", "ValidationException", "1 validation error detected: Value at 'grantTokens' failed to satisfy constraint: Member must have length less than or equal to 10")]
    public async Task What_is_no_grant_is_refused(string member, string value, string code, string message)
    {
        string id = await _api.CreateKeyAsync();
        JsonObject request = Grant(id, "Decrypt");
        request[member] = JsonNode.Parse(value);
        KmsResponse refused = await _api.CallAsync("CreateGrant", request);
        Assert.Equal((400, code, message), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        Assert.Empty(await ListAsync(new() { ["KeyId"] = id }));
    }

    [Fact]
    public async Task A_key_for_MACs_has_grants_of_its_own_operations_without_constraints()
    {
        string id = await _api.CreateMacKeyAsync("HMAC_256");
        await _api.AnswerAsync("CreateGrant", Grant(id, "GenerateMac", "VerifyMac", "DescribeKey", "CreateGrant", "RetireGrant"));
        Assert.Equal(
            "Operations [Decrypt] are not supported when creating a grant for a symmetric KMS key with key usage GENERATE_VERIFY_MAC. Valid operations are [CreateGrant, RetireGrant, DescribeKey, GenerateMac, VerifyMac]",
            (await _api.CallAsync("CreateGrant", Grant(id, "Decrypt"))).ErrorMessage);
        JsonObject constrained = Grant(id, "GenerateMac");
        constrained["Constraints"] = JsonNode.Parse("""{"EncryptionContextSubset":{"a":"1"}}""");
        Assert.Equal(
            "EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.", (await _api.CallAsync("CreateGrant", constrained)).ErrorMessage);
    }

    [Theory]
    [InlineData("CreateGrant")]
    [InlineData("ListGrants")]
    [InlineData("RevokeGrant")]
    [InlineData("RetireGrant")]
    public async Task An_alias_is_no_name_for_a_grants_key(string operation)
    {
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = await _api.CreateKeyAsync() });
        JsonObject request = Grant("alias/mine", "Decrypt");
        request["GrantId"] = new string('0', 64);
        Assert.Equal("Invalid keyId 'alias/mine'", (await _api.CallAsync(operation, request)).ErrorMessage);
    }

    [Fact]
    public async Task Grants_are_made_for_enabled_keys_and_end_in_any_state()
    {
        string id = await _api.CreateKeyAsync();
        string[] made = [await NewGrantAsync(id), await NewGrantAsync(id), await NewGrantAsync(id)];
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        Assert.Equal("DisabledException", (await _api.CallAsync("CreateGrant", Grant(id, "Decrypt"))).ErrorCode);
        Assert.Null(await _api.AnswerAsync("RevokeGrant", new() { ["KeyId"] = id, ["GrantId"] = made[0] }));
        await _api.AnswerAsync("ScheduleKeyDeletion", new() { ["KeyId"] = id });
        Assert.Null(await _api.AnswerAsync("RetireGrant", new() { ["KeyId"] = Arn(id), ["GrantId"] = made[1] }));
        Assert.Equal(made[2], (string)(await ListAsync(new() { ["KeyId"] = id })).Single()["GrantId"]!);
    }

    [Theory]
    [InlineData("RevokeGrant")]
    [InlineData("RetireGrant")]
    public async Task A_grant_ends_once(string operation)
    {
        (string id, string other) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        string grantId = await NewGrantAsync(id);
        JsonObject request() => new() { ["KeyId"] = id, ["GrantId"] = grantId };
        Assert.Equal(
            ("NotFoundException", $"Grant '{grantId}' does not exist"),
            Error(await _api.CallAsync(operation, new() { ["KeyId"] = other, ["GrantId"] = grantId })));
        Assert.Equal("InvalidGrantIdException", (await _api.CallAsync(operation, new() { ["KeyId"] = id, ["GrantId"] = grantId[1..] })).ErrorCode);
        Assert.Equal("InvalidGrantIdException", (await _api.CallAsync(operation, new() { ["KeyId"] = id, ["GrantId"] = "' or '1' eq '1" })).ErrorCode);
        Assert.Equal("DryRunOperationException", (await _api.CallAsync(operation, new() { ["KeyId"] = id, ["GrantId"] = grantId, ["DryRun"] = true })).ErrorCode);
        KmsResponse[] ended = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _api.CallAsync(operation, request()))));
        Assert.Single(ended, response => response.Status == 200);
        Assert.All(ended.Where(response => response.Status != 200), response => Assert.Equal("NotFoundException", response.ErrorCode));
        Assert.Empty(await ListAsync(new() { ["KeyId"] = id }));
        Assert.Equal(0, (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!.GrantCount);
    }

    [Fact]
    public async Task Who_retires_a_grant_names_it_one_way()
    {
        string id = await _api.CreateKeyAsync();
        JsonNode made = (await _api.AnswerAsync("CreateGrant", Grant(id, "Decrypt")))!;
        (string grantId, string token) = ((string)made["GrantId"]!, (string)made["GrantToken"]!);
        JsonObject[] wrong =
        [
            [], new() { ["KeyId"] = id }, new() { ["GrantId"] = grantId }, new() { ["GrantToken"] = token, ["KeyId"] = id },
            new() { ["GrantToken"] = token, ["KeyId"] = id, ["GrantId"] = grantId },
        ];
        foreach (JsonObject request in wrong)
        {
            Assert.Equal("Specify either a grant token, or a key ID and a grant ID.", (await _api.CallAsync("RetireGrant", request)).ErrorMessage);
        }

        // A token is of its Region, and of its grant as it was made.
        KmsClient elsewhere = new(_world, _world.NewInstance()) { Region = "us-east-1" };
        Assert.Equal("InvalidGrantTokenException", (await elsewhere.CallAsync("RetireGrant", new() { ["GrantToken"] = token })).ErrorCode);
        byte[] bytes = Convert.FromBase64String(token);
        bytes[^1] ^= 1;
        Assert.Equal("InvalidGrantTokenException", (await _api.CallAsync("RetireGrant", new() { ["GrantToken"] = Convert.ToBase64String(bytes) })).ErrorCode);
        await _api.AnswerAsync("RetireGrant", new() { ["GrantToken"] = token });
    }

    [Fact]
    public async Task A_dry_run_makes_no_grant()
    {
        string id = await _api.CreateKeyAsync();
        JsonObject request = Grant(id, "Decrypt");
        request["DryRun"] = true;
        Assert.Equal("DryRunOperationException", (await _api.CallAsync("CreateGrant", request)).ErrorCode);
        Assert.Empty(await ListAsync(new() { ["KeyId"] = id }));
    }

    [Fact]
    public async Task Grants_are_listed_in_pages_and_by_grantee()
    {
        (string id, string other) = (await _api.CreateKeyAsync(), await _api.CreateKeyAsync());
        var made = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            made.Add(await NewGrantAsync(id));
        }

        await NewGrantAsync(other);
        JsonObject forRoot = Grant(id, "Decrypt");
        forRoot["GranteePrincipal"] = Root;
        made.Add((string)(await _api.AnswerAsync("CreateGrant", forRoot))!["GrantId"]!);

        JsonNode first = (await _api.AnswerAsync("ListGrants", new() { ["KeyId"] = id, ["Limit"] = 3 }))!;
        Assert.True((bool)first["Truncated"]!);
        JsonNode second = (await _api.AnswerAsync("ListGrants", new() { ["KeyId"] = id, ["Limit"] = 3, ["Marker"] = (string)first["NextMarker"]! }))!;
        Assert.False((bool)second["Truncated"]!);
        Assert.Equal(made.Order(), first["Grants"]!.AsArray().Concat(second["Grants"]!.AsArray()).Select(grant => (string)grant!["GrantId"]!).Order());
        Assert.Equal(made[..3].Order(), (await ListAsync(new() { ["KeyId"] = id, ["GranteePrincipal"] = Anna })).Select(grant => (string)grant["GrantId"]!).Order());
        Assert.Empty(await ListAsync(new() { ["KeyId"] = id, ["GranteePrincipal"] = Root, ["GrantId"] = made[0] }));
        Assert.Empty(await ListAsync(new() { ["KeyId"] = id, ["GrantId"] = new string('0', 64) }));
        Assert.Equal("InvalidMarkerException", (await _api.CallAsync("ListGrants", new() { ["KeyId"] = id, ["Marker"] = "?" })).ErrorCode);
        Assert.Equal("InvalidGrantIdException", (await _api.CallAsync("ListGrants", new() { ["KeyId"] = id, ["GrantId"] = "?" })).ErrorCode);
        Assert.Equal("ValidationException", (await _api.CallAsync("ListGrants", new() { ["KeyId"] = id, ["Limit"] = 101 })).ErrorCode);
    }

    [Fact]
    public async Task Retirable_grants_are_listed_over_all_keys_of_a_Region()
    {
        var made = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            JsonObject request = Grant(await _api.CreateKeyAsync(), "Decrypt");
            await _api.AnswerAsync("CreateGrant", request.DeepClone().AsObject());
            request["RetiringPrincipal"] = Anna;
            made.Add((string)(await _api.AnswerAsync("CreateGrant", request))!["GrantId"]!);
        }

        JsonNode first = (await _api.AnswerAsync("ListRetirableGrants", new() { ["RetiringPrincipal"] = Anna, ["Limit"] = 2 }))!;
        JsonNode second = (await _api.AnswerAsync("ListRetirableGrants", new() { ["RetiringPrincipal"] = Anna, ["Limit"] = 2, ["Marker"] = (string)first["NextMarker"]! }))!;
        Assert.Equal((true, false), ((bool)first["Truncated"]!, (bool)second["Truncated"]!));
        Assert.Equal(made.Order(), first["Grants"]!.AsArray().Concat(second["Grants"]!.AsArray()).Select(grant => (string)grant!["GrantId"]!).Order());
        Assert.Empty((await _api.AnswerAsync("ListRetirableGrants", new() { ["RetiringPrincipal"] = Root }))!["Grants"]!.AsArray());
        Assert.Equal("InvalidArnException", (await _api.CallAsync("ListRetirableGrants", new() { ["RetiringPrincipal"] = "nobody" })).ErrorCode);
        Assert.Equal("InvalidMarkerException", (await _api.CallAsync("ListRetirableGrants", new() { ["RetiringPrincipal"] = Anna, ["Marker"] = "a:b" })).ErrorCode);

        // A new user of the old name is another.
        _world.Principals.Add(World.User.Principal with { UserId = "AIDAOTHER" });
        Assert.Empty((await _api.AnswerAsync("ListRetirableGrants", new() { ["RetiringPrincipal"] = Anna }))!["Grants"]!.AsArray());
    }

    [Fact]
    public async Task Grants_have_a_limit()
    {
        string id = await _api.CreateKeyAsync();
        KmsKey key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        Assert.True(await _world.KmsStore.TryReplaceKeyAsync(key with { GrantCount = 50_000 }, null, default));
        Assert.Equal(("LimitExceededException", $"The key {Arn(id)} has 50000 grants, which is the limit."), Error(await _api.CallAsync("CreateGrant", Grant(id, "Decrypt"))));
    }

    public void Dispose() => _world.Dispose();

    private static string Arn(string id) => KmsKey.ArnOf(World.Region, World.Account, id);

    private static (string?, string?) Error(KmsResponse response) => (response.ErrorCode, response.ErrorMessage);

    private static JsonObject Grant(string id, params string[] operations) =>
        new() { ["KeyId"] = id, ["GranteePrincipal"] = Anna, ["Operations"] = new JsonArray([.. operations]) };

    private async Task<string> NewGrantAsync(string id) => (string)(await _api.AnswerAsync("CreateGrant", Grant(id, "Decrypt")))!["GrantId"]!;

    private async Task<IReadOnlyList<JsonNode>> ListAsync(JsonObject request) => [.. (await _api.AnswerAsync("ListGrants", request))!["Grants"]!.AsArray().Select(grant => grant!)];
}
