using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>What a user can do by a grant, from when and until when.</summary>
public sealed class GrantUseTests : IDisposable
{
    private static readonly Principal Bob =
        new(PrincipalType.IAMUser, $"arn:aws:iam::{World.Account}:user/bob", World.Account, "bob", "AKIABOB") { UserId = "AIDABOB" };

    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly IServiceProvider _other;
    private readonly KmsClient _root;
    private readonly KmsClient _anna;

    public GrantUseTests()
    {
        _world.Principals.Add(Bob);
        _instance = _world.NewInstance();
        _other = _world.NewInstance();
        _root = new KmsClient(_world, _instance);
        _anna = new KmsClient(_world, _instance) { Signer = World.User.Principal };
    }

    private KmsClient AnnaElsewhere => new(_world, _other) { Signer = World.User.Principal };

    [Theory]
    [InlineData("RevokeGrant")]
    [InlineData("RetireGrant")]
    public async Task A_grant_counts_at_once_here_and_within_five_seconds_elsewhere_and_so_does_its_end(string end)
    {
        string id = await _root.CreateKeyAsync();
        Assert.Equal("AccessDeniedException", (await EncryptAsync(_anna, id)).ErrorCode);
        Assert.Equal("AccessDeniedException", (await EncryptAsync(AnnaElsewhere, id)).ErrorCode);
        (string grantId, string token) = await GrantAsync(_root, id, World.User.Principal, "Encrypt");
        Assert.Equal(200, (await EncryptAsync(_anna, id)).Status);
        Assert.Equal("AccessDeniedException", (await EncryptAsync(AnnaElsewhere, id)).ErrorCode);
        Assert.Equal(200, (await EncryptAsync(AnnaElsewhere, id, token)).Status);
        _world.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await EncryptAsync(AnnaElsewhere, id)).Status);

        await _root.AnswerAsync(end, new() { ["KeyId"] = id, ["GrantId"] = grantId });
        KmsResponse refused = await EncryptAsync(_anna, id);
        Assert.Equal(
            ("AccessDeniedException", $"User: {World.User.Principal.Arn} is not authorized to perform: kms:Encrypt on resource: {Arn(id)} because no identity-based policy allows the kms:Encrypt action"),
            (refused.ErrorCode, refused.ErrorMessage));
        Assert.Equal(("Encrypt", "AccessDeniedException", "anna"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode, _world.Trail.Last.Caller.Principal.UserName));
        Assert.Equal("InvalidGrantTokenException", (await EncryptAsync(AnnaElsewhere, id, token)).ErrorCode);
        Assert.Equal(200, (await EncryptAsync(AnnaElsewhere, id)).Status);
        _world.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("AccessDeniedException", (await EncryptAsync(AnnaElsewhere, id)).ErrorCode);
    }

    [Fact]
    public async Task A_grant_counts_at_once_also_where_the_key_has_others_and_so_does_its_end()
    {
        string id = await _root.CreateKeyAsync();
        await GrantAsync(_root, id, Bob, "Encrypt");
        Assert.Equal("AccessDeniedException", (await EncryptAsync(_anna, id)).ErrorCode);
        (string grantId, _) = await GrantAsync(_root, id, World.User.Principal, "Encrypt");
        Assert.Equal(200, (await EncryptAsync(_anna, id)).Status);
        await _root.AnswerAsync("RevokeGrant", new() { ["KeyId"] = id, ["GrantId"] = grantId });
        Assert.Equal("AccessDeniedException", (await EncryptAsync(_anna, id)).ErrorCode);
    }

    [Fact]
    public async Task A_warm_use_by_a_grant_asks_the_store_nothing()
    {
        string id = await _root.CreateKeyAsync();
        await GrantAsync(_root, id, World.User.Principal, "GenerateDataKey", "Decrypt");
        IKmsKeys s3 = _instance.GetRequiredService<IKmsKeys>();
        KeyUse use = World.ViaS3 with { Caller = World.User };
        using WrappedDataKey made = await s3.GenerateDataKeyAsync(id, World.Context, use, default);
        (await s3.DecryptDataKeyAsync(made.Wrapped, World.Context, use, default)).Dispose();
        _world.KmsStore.Calls.Clear();
        (await s3.GenerateDataKeyAsync(id, World.Context, use, default)).Dispose();
        (await s3.DecryptDataKeyAsync(made.Wrapped, World.Context, use, default)).Dispose();
        Assert.Empty(_world.KmsStore.Calls);
    }

    [Fact]
    public async Task A_token_is_read_once_in_a_call_however_often_that_is_judged()
    {
        string id = await _root.CreateKeyAsync();
        (_, string token) = await GrantAsync(_root, id, World.User.Principal, "Encrypt", "ReEncryptFrom", "ReEncryptTo");
        string ciphertext = (string)(await _anna.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "AAAA" }))!["CiphertextBlob"]!;
        _world.KmsStore.Calls.Clear();
        await _anna.AnswerAsync("ReEncrypt", new() { ["CiphertextBlob"] = ciphertext, ["DestinationKeyId"] = id, ["GrantTokens"] = new JsonArray(token) });
        Assert.Single(_world.KmsStore.Calls, nameof(IGrantStore.ReadGrantAsync));
    }

    [Fact]
    public async Task A_token_gives_nothing_to_anybody_but_its_grantee_and_nothing_of_another_key()
    {
        (string id, string other) = (await _root.CreateKeyAsync(), await _root.CreateKeyAsync());
        (_, string token) = await GrantAsync(_root, id, Bob, "Encrypt");
        Assert.Equal("AccessDeniedException", (await EncryptAsync(_anna, id, token)).ErrorCode);
        KmsClient bob = new(_world, _other) { Signer = Bob };
        Assert.Equal(200, (await EncryptAsync(bob, id, token)).Status);
        Assert.Equal("AccessDeniedException", (await EncryptAsync(bob, other, token)).ErrorCode);
        Assert.Equal("InvalidGrantTokenException", (await EncryptAsync(_root, id, token[..^4] + "AAAA")).ErrorCode);
    }

    [Fact]
    public async Task A_new_user_of_an_old_name_has_none_of_its_grants()
    {
        string id = await _root.CreateKeyAsync();
        await GrantAsync(_root, id, World.User.Principal, "Encrypt");
        KmsClient reborn = new(_world, _instance) { Signer = World.User.Principal with { UserId = "AIDAREBORN" } };
        Assert.Equal("AccessDeniedException", (await EncryptAsync(reborn, id)).ErrorCode);
    }

    [Fact]
    public async Task A_constraint_holds_for_every_use_with_an_encryption_context()
    {
        string id = await _root.CreateKeyAsync();
        JsonObject request = Grant(id, World.User.Principal, "Encrypt", "Decrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo", "DescribeKey");
        request["Constraints"] = JsonNode.Parse("""{"EncryptionContextSubset":{"purpose":"a"}}""");
        await _root.AnswerAsync("CreateGrant", request);
        JsonObject good() => new() { ["purpose"] = "a", ["more"] = "b" };
        string ciphertext = (string)(await _anna.AnswerAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "AAAA", ["EncryptionContext"] = good() }))!["CiphertextBlob"]!;
        await _anna.AnswerAsync("Decrypt", new() { ["CiphertextBlob"] = ciphertext, ["EncryptionContext"] = good() });
        await _anna.AnswerAsync("GenerateDataKey", new() { ["KeyId"] = id, ["KeySpec"] = "AES_256", ["EncryptionContext"] = good() });
        await _anna.AnswerAsync("DescribeKey", new() { ["KeyId"] = id });
        JsonObject reEncrypt(JsonObject from, JsonObject to) => new()
        {
            ["CiphertextBlob"] = ciphertext,
            ["SourceEncryptionContext"] = from,
            ["DestinationKeyId"] = id,
            ["DestinationEncryptionContext"] = to,
        };
        await _anna.AnswerAsync("ReEncrypt", reEncrypt(good(), good()));
        foreach (JsonObject bad in new JsonObject[] { [], new() { ["purpose"] = "A" }, new() { ["Purpose"] = "a" } })
        {
            JsonObject context() => bad.DeepClone().AsObject();
            await RefusedAsync("kms:Encrypt", _anna.CallAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "AAAA", ["EncryptionContext"] = context() }));
            await RefusedAsync("kms:Decrypt", _anna.CallAsync("Decrypt", new() { ["CiphertextBlob"] = ciphertext, ["EncryptionContext"] = context() }));
            await RefusedAsync("kms:GenerateDataKey", _anna.CallAsync("GenerateDataKey", new() { ["KeyId"] = id, ["KeySpec"] = "AES_256", ["EncryptionContext"] = context() }));
            await RefusedAsync("kms:ReEncryptFrom", _anna.CallAsync("ReEncrypt", reEncrypt(context(), good())));
            await RefusedAsync("kms:ReEncryptTo", _anna.CallAsync("ReEncrypt", reEncrypt(good(), context())));
        }
    }

    [Fact]
    public async Task Who_may_create_grants_by_a_grant_gives_away_no_more_than_that()
    {
        string id = await _root.CreateKeyAsync();
        JsonObject parent = Grant(id, World.User.Principal, "Decrypt", "CreateGrant");
        parent["Constraints"] = JsonNode.Parse("""{"EncryptionContextSubset":{"a":"1"}}""");
        await _root.AnswerAsync("CreateGrant", parent);
        await RefusedAsync("kms:CreateGrant", PassOnAsync(null, "Decrypt"));
        await RefusedAsync("kms:CreateGrant", PassOnAsync("""{"EncryptionContextSubset":{"b":"1"}}""", "Decrypt"));
        await RefusedAsync("kms:CreateGrant", PassOnAsync("""{"EncryptionContextSubset":{"a":"1"}}""", "Decrypt", "Encrypt"));
        Assert.Equal(200, (await PassOnAsync("""{"EncryptionContextSubset":{"a":"1"}}""", "Decrypt", "CreateGrant")).Status);
        Assert.Equal(200, (await PassOnAsync("""{"EncryptionContextSubset":{"a":"1","b":"2"}}""", "Decrypt")).Status);
        Assert.Equal(200, (await PassOnAsync("""{"EncryptionContextEquals":{"a":"1"}}""", "CreateGrant")).Status);

        // Who has no right to create grants does not learn who exists.
        JsonObject unknown = Grant(id, Bob with { Arn = Bob.Arn + "by" }, "Decrypt");
        await RefusedAsync("kms:CreateGrant", new KmsClient(_world, _instance) { Signer = Bob with { UserId = "AIDAOTHER" } }.CallAsync("CreateGrant", unknown));

        Task<KmsResponse> PassOnAsync(string? constraints, params string[] operations)
        {
            JsonObject request = Grant(id, Bob, operations);
            request["Constraints"] = constraints is null ? null : JsonNode.Parse(constraints);
            return _anna.CallAsync("CreateGrant", request);
        }
    }

    [Fact]
    public async Task A_grant_is_retired_by_whom_it_names_and_revoked_by_whom_policies_let()
    {
        string id = await _root.CreateKeyAsync();
        JsonObject request = Grant(id, Bob, "Decrypt");
        request["RetiringPrincipal"] = World.User.Principal.Arn;
        JsonNode made = (await _root.AnswerAsync("CreateGrant", request))!;
        JsonObject named() => new() { ["KeyId"] = id, ["GrantId"] = (string)made["GrantId"]! };
        KmsClient bob = new(_world, _instance) { Signer = Bob };
        await RefusedAsync("kms:RetireGrant", bob.CallAsync("RetireGrant", named()));
        await RefusedAsync("kms:RetireGrant", bob.CallAsync("RetireGrant", new() { ["GrantToken"] = (string)made["GrantToken"]! }));
        await RefusedAsync("kms:RevokeGrant", _anna.CallAsync("RevokeGrant", named()));
        await _anna.AnswerAsync("RetireGrant", named());

        (_, string own) = await GrantAsync(_root, id, Bob, "RetireGrant");
        await bob.AnswerAsync("RetireGrant", new() { ["GrantToken"] = own });
    }

    [Fact]
    public async Task Taking_a_grant_away_never_allows_more()
    {
        string[] actions = ["Encrypt", "Decrypt", "DescribeKey", "GenerateDataKey"];
        KmsPermissions permissions = _instance.GetRequiredService<KmsPermissions>();
        Gen<(string Action, string Value, bool ToAnna)> grants = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Bool, (action, value, toAnna) => (actions[action], $"{value}", toAnna));
        await Gen.Select(grants.Array[1, 4], Gen.Int[0, 3], Gen.Int[0, 2]).SampleAsync(async (given, action, value) =>
        {
            string id = await _root.CreateKeyAsync();
            var made = new List<string>();
            foreach ((string granted, string only, bool toAnna) in given)
            {
                JsonObject request = Grant(id, toAnna ? World.User.Principal : Bob, granted);
                request["Constraints"] = only == "0" ? null : new JsonObject { ["EncryptionContextEquals"] = new JsonObject { ["a"] = only } };
                made.Add((string)(await _root.AnswerAsync("CreateGrant", request))!["GrantId"]!);
            }

            bool allowed = await IsAllowedAsync();
            foreach (string grantId in made)
            {
                await _root.AnswerAsync("RevokeGrant", new() { ["KeyId"] = id, ["GrantId"] = grantId });
                bool still = await IsAllowedAsync();
                Assert.True(allowed || !still);
                allowed = still;
            }

            Assert.False(allowed);

            async Task<bool> IsAllowedAsync()
            {
                KmsKey key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
                var call = new KmsCall(Enum.Parse<KmsOperation>(actions[action]), new KeyUse(World.User, World.Region, null, null))
                {
                    Context = EncryptionContext.Empty.With("a", $"{value}"),
                };
                return await permissions.RefusalAsync(call, key, call.Access, default) is null;
            }
        }, iter: 50, threads: 1);
    }

    public void Dispose() => _world.Dispose();

    private static string Arn(string id) => KmsKey.ArnOf(World.Region, World.Account, id);

    private static JsonObject Grant(string id, Principal grantee, params string[] operations) =>
        new() { ["KeyId"] = id, ["GranteePrincipal"] = grantee.Arn, ["Operations"] = new JsonArray([.. operations]) };

    private static async Task<(string Id, string Token)> GrantAsync(KmsClient by, string id, Principal grantee, params string[] operations)
    {
        JsonNode made = (await by.AnswerAsync("CreateGrant", Grant(id, grantee, operations)))!;
        return ((string)made["GrantId"]!, (string)made["GrantToken"]!);
    }

    private static Task<KmsResponse> EncryptAsync(KmsClient client, string id, params string[] tokens) =>
        client.CallAsync("Encrypt", new() { ["KeyId"] = id, ["Plaintext"] = "AAAA", ["GrantTokens"] = new JsonArray([.. tokens]) });

    private static async Task RefusedAsync(string action, Task<KmsResponse> call)
    {
        KmsResponse refused = await call;
        Assert.Equal("AccessDeniedException", refused.ErrorCode);
        Assert.Contains($"is not authorized to perform: {action} on resource: ", refused.ErrorMessage, StringComparison.Ordinal);
    }
}
