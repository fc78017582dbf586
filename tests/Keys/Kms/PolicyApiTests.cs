using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Keys.Tests;

/// <summary>PutKeyPolicy, GetKeyPolicy, ListKeyPolicies, and the policy of CreateKey.</summary>
public sealed class PolicyApiTests : IDisposable
{
    private const string Anna = $"arn:aws:iam::{World.Account}:user/anna";
    private const string Root = $"arn:aws:iam::{World.Account}:root";

    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;

    public PolicyApiTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    private KmsClient AnnasApi => new(_world, _instance) { Signer = World.User.Principal };

    [Fact]
    public async Task A_key_has_AWSs_default_policy_until_it_gets_another_which_is_kept_as_it_came()
    {
        string id = await _api.CreateKeyAsync();
        Assert.Equal(
            $$"""
            {
              "Version" : "2012-10-17",
              "Id" : "key-default-1",
              "Statement" : [ {
                "Sid" : "Enable IAM User Permissions",
                "Effect" : "Allow",
                "Principal" : {
                  "AWS" : "{{Root}}"
                },
                "Action" : "kms:*",
                "Resource" : "*"
              } ]
            }
            """,
            await PolicyOfAsync(id));
        string policy = $"\n  {PolicyFor(Root, "kms:*")}\t\u00FF"[..^1];
        Assert.Null(await _api.AnswerAsync("PutKeyPolicy", Put(id, policy)));
        Assert.Equal(policy, await PolicyOfAsync(KmsKey.ArnOf(World.Region, World.Account, id)));
        Assert.Equal("""{"PolicyNames":["default"],"Truncated":false}""", (await _api.AnswerAsync("ListKeyPolicies", new() { ["KeyId"] = id }))!.ToJsonString());
    }

    [Fact]
    public async Task A_key_may_be_created_with_a_policy()
    {
        string policy = PolicyFor(Root, "kms:*");
        string id = (string)(await _api.AnswerAsync("CreateKey", new() { ["Policy"] = policy }))!["KeyMetadata"]!["KeyId"]!;
        Assert.Equal(policy, await PolicyOfAsync(id));
        AuditEvent made = _world.Trail.Named("CreateKey")[^1];
        Assert.Equal((policy, false), ((string)made.RequestParameters!["policy"]!, (bool)made.RequestParameters["bypassPolicyLockoutSafetyCheck"]!));

        Assert.Equal("MalformedPolicyDocumentException", (await _api.CallAsync("CreateKey", new() { ["Policy"] = "{}" })).ErrorCode);
        Assert.Equal(KmsErrors.PolicyLocksOut.Message, (await _api.CallAsync("CreateKey", new() { ["Policy"] = PolicyFor(Anna, "kms:*") })).ErrorMessage);
        Assert.Single((await _api.AnswerAsync("ListKeys"))!["Keys"]!.AsArray());
        await _api.AnswerAsync("CreateKey", new() { ["Policy"] = PolicyFor(Anna, "kms:*"), ["BypassPolicyLockoutSafetyCheck"] = true });
    }

    [Fact]
    public async Task The_managed_keys_policy_is_AWSs_and_cannot_be_changed()
    {
        using WrappedDataKey managed = await _instance.GetRequiredService<IKmsKeys>().GenerateDataKeyAsync(null, World.Context, World.ViaS3, default);
        JsonNode policy = JsonNode.Parse(await PolicyOfAsync(managed.KeyArn))!;
        Assert.Equal("auto-s3-2", (string)policy["Id"]!);
        Assert.Equal(
            $$$"""{"StringEquals":{"kms:CallerAccount":"{{{World.Account}}}","kms:ViaService":"s3.{{{World.Region}}}.amazonaws.com"}}""",
            policy["Statement"]![0]!["Condition"]!.ToJsonString());
        Assert.Equal("""["kms:Describe*","kms:Get*","kms:List*"]""", policy["Statement"]![1]!["Action"]!.ToJsonString());
        KmsResponse refused = await _api.CallAsync("PutKeyPolicy", Put(managed.KeyArn, PolicyFor(Root, "kms:*")));
        Assert.Equal(
            ("AccessDeniedException", $"User: {Root} is not authorized to perform: kms:PutKeyPolicy on resource: {managed.KeyArn} because no resource-based policy allows the kms:PutKeyPolicy action"),
            (refused.ErrorCode, refused.ErrorMessage));
    }

    [Theory]
    [InlineData("{", "The policy document is not valid JSON.")]
    [InlineData("[]", "The policy document is not valid JSON.")]
    [InlineData("""{"Version":"2012-10-17","Statement":[]}""", "Could not parse the policy: Statement is empty!")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*"}]}""", "Missing required field Resource")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:Encipher","Resource":"*"}]}""", "Policy contains a statement with one or more invalid actions.")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":{"AWS":"anna"},"Action":"kms:*","Resource":"*"}]}""", "Policy contains a statement with one or more invalid principals.")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/nobody"},"Action":"kms:*","Resource":"*"}]}""", "Policy contains a statement with one or more invalid principals.")]
    [InlineData("""{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111","arn:aws:iam::222222222222:root"]},"Action":"kms:*","Resource":"*"}]}""", "Policy contains a statement with one or more invalid principals.")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:Colour":"red"}}}]}""", "Policy has an invalid condition key: kms:colour")]
    public async Task A_policy_that_is_not_understood_or_names_nobody_is_refused_also_with_the_bypass(string policy, string message)
    {
        string id = await _api.CreateKeyAsync();
        string before = await PolicyOfAsync(id);
        JsonObject request = Put(id, policy);
        request["BypassPolicyLockoutSafetyCheck"] = true;
        KmsResponse refused = await _api.CallAsync("PutKeyPolicy", request);
        Assert.Equal((400, "MalformedPolicyDocumentException", message), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        Assert.Equal(before, await PolicyOfAsync(id));
        Assert.Equal(("PutKeyPolicy", "MalformedPolicyDocumentException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
    }

    [Fact]
    public async Task A_policy_has_at_most_32_KiB_and_the_characters_of_Latin_1()
    {
        string id = await _api.CreateKeyAsync();
        string policy = PolicyFor(Root, "kms:*");
        await _api.AnswerAsync("PutKeyPolicy", Put(id, policy.PadRight(32 * 1024)));
        Assert.Equal(32 * 1024, (await PolicyOfAsync(id)).Length);
        Assert.Equal("LimitExceededException", (await _api.CallAsync("PutKeyPolicy", Put(id, policy.PadRight(32 * 1024 + 1)))).ErrorCode);
        Assert.Equal("LimitExceededException", (await _api.CallAsync("PutKeyPolicy", Put(id, policy.PadRight(128 * 1024)))).ErrorCode);
        Assert.Equal("ValidationException", (await _api.CallAsync("PutKeyPolicy", Put(id, policy.PadRight(128 * 1024 + 1)))).ErrorCode);
        foreach (char strange in "\u0100\0\u007F\uFFFF")
        {
            string code = strange == '\u007F' ? "MalformedPolicyDocumentException" : "ValidationException";
            Assert.Equal(code, (await _api.CallAsync("PutKeyPolicy", Put(id, policy + strange))).ErrorCode);
        }
    }

    [Fact]
    public async Task Nobody_locks_itself_out_unless_it_says_so()
    {
        string id = await _api.CreateKeyAsync();
        foreach (string policy in new[] { PolicyFor(Anna, "kms:*"), PolicyFor(Root, "kms:GetKeyPolicy"), Deny(PolicyFor(Root, "kms:*"), "kms:Put*") })
        {
            KmsResponse refused = await _api.CallAsync("PutKeyPolicy", Put(id, policy));
            Assert.Equal(
                ("MalformedPolicyDocumentException", "The new key policy will not allow you to update the key policy in the future."), (refused.ErrorCode, refused.ErrorMessage));
        }

        JsonObject request = Put(id, PolicyFor(Anna, "kms:*"));
        request["BypassPolicyLockoutSafetyCheck"] = true;
        await _api.AnswerAsync("PutKeyPolicy", request);
        KmsResponse locked = await _api.CallAsync("PutKeyPolicy", Put(id, PolicyFor(Root, "kms:*")));
        Assert.Equal(
            ("AccessDeniedException", $"User: {Root} is not authorized to perform: kms:PutKeyPolicy on resource: {KmsKey.ArnOf(World.Region, World.Account, id)} because no resource-based policy allows the kms:PutKeyPolicy action"),
            (locked.ErrorCode, locked.ErrorMessage));
        Assert.Null(await AnnasApi.AnswerAsync("PutKeyPolicy", Put(id, PolicyFor(Anna, "kms:*", Root, "kms:*"))));
        Assert.Equal("MalformedPolicyDocumentException", (await AnnasApi.CallAsync("PutKeyPolicy", Put(id, PolicyFor(Root, "kms:*")))).ErrorCode);
    }

    [Fact]
    public async Task A_policy_gives_and_takes_access_at_once()
    {
        string id = await _api.CreateKeyAsync();
        JsonObject encrypt() => new() { ["KeyId"] = id, ["Plaintext"] = "AAAA" };
        Assert.Contains("no identity-based policy", (await AnnasApi.CallAsync("Encrypt", encrypt())).ErrorMessage, StringComparison.Ordinal);
        await _api.AnswerAsync("PutKeyPolicy", Put(id, PolicyFor(Root, "kms:*", Anna, "kms:Encrypt")));
        await AnnasApi.AnswerAsync("Encrypt", encrypt());
        Assert.Equal("AccessDeniedException", (await AnnasApi.CallAsync("GenerateDataKey", new() { ["KeyId"] = id, ["KeySpec"] = "AES_256" })).ErrorCode);
        await _api.AnswerAsync("PutKeyPolicy", Put(id, Deny(PolicyFor(Root, "kms:*", Anna, "kms:Encrypt"), "kms:Encrypt")));
        KmsResponse denied = await AnnasApi.CallAsync("Encrypt", encrypt());
        Assert.Equal(
            ("AccessDeniedException", $"User: {Anna} is not authorized to perform: kms:Encrypt on resource: {KmsKey.ArnOf(World.Region, World.Account, id)} with an explicit deny in a resource-based policy"),
            (denied.ErrorCode, denied.ErrorMessage));
    }

    [Theory]
    [InlineData("GetKeyPolicy")]
    [InlineData("PutKeyPolicy")]
    public async Task There_is_one_policy_name(string operation)
    {
        JsonObject request = Put(await _api.CreateKeyAsync(), PolicyFor(Root, "kms:*"));
        request["PolicyName"] = "default";
        Assert.Equal(200, (await _api.CallAsync(operation, request)).Status);
        request["PolicyName"] = "other";
        KmsResponse refused = await _api.CallAsync(operation, request);
        Assert.Equal(("NotFoundException", "No such policy exists"), (refused.ErrorCode, refused.ErrorMessage));
    }

    [Theory]
    [InlineData("GetKeyPolicy")]
    [InlineData("PutKeyPolicy")]
    [InlineData("ListKeyPolicies")]
    public async Task An_alias_is_no_name_for_a_policys_key(string operation)
    {
        await _api.AnswerAsync("CreateAlias", new() { ["AliasName"] = "alias/mine", ["TargetKeyId"] = await _api.CreateKeyAsync() });
        Assert.Equal("Invalid keyId 'alias/mine'", (await _api.CallAsync(operation, Put("alias/mine", PolicyFor(Root, "kms:*")))).ErrorMessage);
    }

    [Fact]
    public async Task The_list_has_one_page()
    {
        string id = await _api.CreateKeyAsync();
        Assert.Equal("ValidationException", (await _api.CallAsync("ListKeyPolicies", new() { ["KeyId"] = id, ["Limit"] = 0 })).ErrorCode);
        Assert.Equal("InvalidMarkerException", (await _api.CallAsync("ListKeyPolicies", new() { ["KeyId"] = id, ["Marker"] = "default" })).ErrorCode);
    }

    [Fact]
    public async Task A_change_of_policy_is_on_the_trail_before_it_is_made_and_loses_no_other_change()
    {
        string id = await _api.CreateKeyAsync();
        string policy = PolicyFor(Root, "kms:*");
        int tries = 0;
        _world.KmsStore.Before = async call =>
        {
            if (call == nameof(IKmsKeyStore.TryReplaceKeyAsync) && tries++ == 0)
            {
                Assert.Single(_world.Trail.Named("PutKeyPolicy"));
                await new KmsClient(_world, _world.NewInstance()).AnswerAsync("DisableKey", new() { ["KeyId"] = id });
            }
        };
        await _api.AnswerAsync("PutKeyPolicy", Put(id, policy));
        KmsKey key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        Assert.Equal((policy, KeyState.Disabled), (key.Policy, key.State));
        AuditEvent change = Assert.Single(_world.Trail.Named("PutKeyPolicy"));
        Assert.Equal((false, policy), (change.ReadOnly, (string)change.RequestParameters!["policy"]!));
    }

    public void Dispose() => _world.Dispose();

    private static JsonObject Put(string id, string policy) => new() { ["KeyId"] = id, ["Policy"] = policy };

    private static string PolicyFor(params string[] principalsAndActions) => new JsonObject
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = new JsonArray([.. principalsAndActions.Chunk(2).Select(pair => new JsonObject
        {
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["AWS"] = pair[0] },
            ["Action"] = pair[1],
            ["Resource"] = "*",
        })]),
    }.ToJsonString();

    private static string Deny(string policy, string action)
    {
        JsonNode denying = JsonNode.Parse(policy)!;
        denying["Statement"]!.AsArray().Add(new JsonObject { ["Effect"] = "Deny", ["Principal"] = "*", ["Action"] = action, ["Resource"] = "*" });
        return denying.ToJsonString();
    }

    private async Task<string> PolicyOfAsync(string id)
    {
        JsonNode answer = (await _api.AnswerAsync("GetKeyPolicy", new() { ["KeyId"] = id }))!;
        Assert.Equal(["Policy", "PolicyName"], answer.AsObject().Select(member => member.Key));
        Assert.Equal("default", (string)answer["PolicyName"]!);
        return (string)answer["Policy"]!;
    }
}
