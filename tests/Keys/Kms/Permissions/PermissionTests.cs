using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>Who may do what with a key: the key's policy, the caller's policies and the key's grants together.</summary>
public sealed class PermissionTests : IDisposable
{
    private const string Allowed = "";
    private const string NoIdentity = "because no identity-based policy allows the kms:ACTION action";
    private const string NoResource = "because no resource-based policy allows the kms:ACTION action";
    private const string IdentityDenies = "with an explicit deny in an identity-based policy";
    private const string ResourceDenies = "with an explicit deny in a resource-based policy";

    private static readonly Dictionary<string, Caller> Callers = new()
    {
        ["root"] = World.Root,
        ["anna"] = World.User,
        ["anna, allowed"] = World.User with { Policies = [Identity("Allow", "kms:*")] },
        ["anna, denied"] = World.User with { Policies = [Identity("Allow", "*"), Identity("Deny", "kms:Encrypt")] },
        ["anonymous"] = World.Root with { Principal = Principal.Anonymous },
        ["service"] = Caller.Service(World.Account, "request-1"),
    };

    private static readonly Dictionary<string, string> Policies = new()
    {
        ["default"] = "",
        ["anna"] = Key(("Allow", World.Root.Principal.Arn, "kms:*"), ("Allow", World.User.Principal.Arn, "kms:Encrypt")),
        ["anna alone"] = Key(("Allow", World.User.Principal.Arn, "kms:*")),
        ["everybody"] = Key(("Allow", "*", "kms:*")),
        ["nobody"] = Key(("Allow", World.Root.Principal.Arn, "kms:*"), ("Deny", "*", "kms:Encrypt")),
    };

    private static readonly Dictionary<string, KmsGrant?> Grants = new()
    {
        ["none"] = null,
        ["to anna"] = Grant(World.User.Principal, null, "Encrypt", "DescribeKey"),
        ["to anna, a=1"] = Grant(World.User.Principal, new(GrantConstraintType.EncryptionContextSubset, Context("a", "1")), "Encrypt", "DescribeKey"),
        ["to anna, a=2"] = Grant(World.User.Principal, new(GrantConstraintType.EncryptionContextSubset, Context("a", "2")), "Encrypt", "DescribeKey"),
        ["to the former anna"] = Grant(World.User.Principal with { UserId = "AIDAFORMER" }, null, "Encrypt", "DescribeKey"),
        ["to the account"] = Grant(World.Root.Principal, null, "Encrypt", "DescribeKey"),
    };

    private readonly World _world = new();
    private readonly IServiceProvider _instance;

    public PermissionTests() => _instance = _world.NewInstance();

    /// <summary>Encrypt has the encryption context <c>a=1, b=2</c>.</summary>
    public static TheoryData<string, string, string, string, string> Table => new()
    {
        // caller, key policy, grant, action, outcome
        { "root", "default", "none", "Encrypt", Allowed },
        { "root", "default", "none", "PutKeyPolicy", Allowed },
        { "root", "anna", "none", "Encrypt", Allowed },
        { "root", "anna alone", "none", "Encrypt", NoResource },
        { "root", "anna alone", "to the account", "Encrypt", Allowed },
        { "root", "anna alone", "to the account", "PutKeyPolicy", NoResource },
        { "root", "anna alone", "to anna", "Encrypt", NoResource },
        { "root", "everybody", "none", "Encrypt", Allowed },
        { "root", "nobody", "to the account", "Encrypt", ResourceDenies },
        { "root", "nobody", "none", "Decrypt", Allowed },

        { "anna", "default", "none", "Encrypt", NoIdentity },
        { "anna", "default", "to anna", "Encrypt", Allowed },
        { "anna", "default", "to anna", "Decrypt", NoIdentity },
        { "anna", "default", "to anna, a=1", "Encrypt", Allowed },
        { "anna", "default", "to anna, a=1", "DescribeKey", Allowed },
        { "anna", "default", "to anna, a=2", "Encrypt", NoIdentity },
        { "anna", "default", "to anna, a=2", "DescribeKey", Allowed },
        { "anna", "default", "to the former anna", "Encrypt", NoIdentity },
        { "anna", "default", "to the account", "Encrypt", NoIdentity },
        { "anna", "anna", "none", "Encrypt", Allowed },
        { "anna", "anna", "none", "Decrypt", NoIdentity },
        { "anna", "anna alone", "none", "Decrypt", Allowed },
        { "anna", "everybody", "none", "Decrypt", Allowed },
        { "anna", "nobody", "to anna", "Encrypt", ResourceDenies },
        { "anna", "nobody", "to anna", "DescribeKey", Allowed },

        { "anna, allowed", "default", "none", "Encrypt", Allowed },
        { "anna, allowed", "default", "none", "PutKeyPolicy", Allowed },
        { "anna, allowed", "nobody", "to anna", "Encrypt", ResourceDenies },
        { "anna, denied", "default", "none", "Decrypt", Allowed },
        { "anna, denied", "default", "to anna", "Encrypt", IdentityDenies },
        { "anna, denied", "anna", "none", "Encrypt", IdentityDenies },
        { "anna, denied", "nobody", "none", "Encrypt", IdentityDenies },

        { "anonymous", "default", "none", "Encrypt", NoIdentity },
        { "anonymous", "everybody", "none", "Encrypt", NoIdentity },
        { "anonymous", "everybody", "to the account", "DescribeKey", NoIdentity },
        { "service", "default", "none", "Encrypt", Allowed },
        { "service", "nobody", "none", "Encrypt", Allowed },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Policies_and_grants_decide_together(string caller, string policy, string grant, string action, string outcome)
    {
        (KmsKey key, KmsPermissions permissions) = await KeyWithAsync(policy, grant);
        var call = new KmsCall(Enum.Parse<KmsOperation>(action), new KeyUse(Callers[caller], World.Region, null, null)) { Context = Context("a", "1").With("b", "2") };
        Assert.Equal(Message(call, key, outcome), (await permissions.RefusalAsync(call, key, call.Access, default))?.Message ?? "");
    }

    /// <summary>Roots and the default policy are judged by a shortcut: it must say what the engine says.</summary>
    [Fact]
    public async Task The_shortcut_for_the_root_and_the_default_policy_is_what_the_policy_says()
    {
        (KmsKey key, KmsPermissions permissions) = await KeyWithAsync("default", "none");
        KmsKey spelledOut = key with { Policy = KeyPolicies.DocumentOf(key) };
        foreach (KmsOperation operation in Enum.GetValues<KmsOperation>())
        {
            var call = new KmsCall(operation, new KeyUse(World.Root, World.Region, null, null));
            Assert.Null(await permissions.RefusalAsync(call, key, call.Access, default));
            Assert.Null(await permissions.RefusalAsync(call, spelledOut, call.Access, default));
            Assert.Null(permissions.Refusal(call, call.Access, "*"));
        }
    }

    [Fact]
    public async Task A_key_with_grants_is_judged_by_them_only_where_policies_do_not_allow()
    {
        (KmsKey key, KmsPermissions permissions) = await KeyWithAsync("anna", "to the account");
        _world.KmsStore.Calls.Clear();
        foreach ((Caller caller, KmsOperation operation) in new[] { (World.Root, KmsOperation.Decrypt), (World.User, KmsOperation.Encrypt) })
        {
            var call = new KmsCall(operation, new KeyUse(caller, World.Region, null, null));
            Assert.Null(await permissions.RefusalAsync(call, key, call.Access, default));
        }

        Assert.Empty(_world.KmsStore.Calls);
        var refused = new KmsCall(KmsOperation.Decrypt, new KeyUse(World.User, World.Region, null, null));
        Assert.NotNull(await permissions.RefusalAsync(refused, key, refused.Access, default));
        Assert.NotNull(await permissions.RefusalAsync(refused, key, refused.Access, default));
        Assert.Equal([nameof(IGrantStore.ListGrantsAsync)], _world.KmsStore.Calls);

        _world.KmsStore.Calls.Clear();
        (KmsKey without, _) = await KeyWithAsync("anna", "none");
        _world.KmsStore.Calls.Clear();
        Assert.NotNull(await permissions.RefusalAsync(refused, without, refused.Access, default));
        Assert.Empty(_world.KmsStore.Calls);
    }

    [Theory]
    [InlineData("anna", "DescribeKey", NoIdentity)]
    [InlineData("anna, allowed", "DescribeKey", Allowed)]
    [InlineData("anna, denied", "Encrypt", IdentityDenies)]
    [InlineData("anonymous", "DescribeKey", NoIdentity)]
    [InlineData("root", "Encrypt", Allowed)]
    [InlineData("service", "Encrypt", Allowed)]
    public void What_concerns_no_key_is_decided_by_the_callers_own_policies(string caller, string action, string outcome)
    {
        var call = new KmsCall(Enum.Parse<KmsOperation>(action), new KeyUse(Callers[caller], World.Region, null, null));
        string message = _instance.GetRequiredService<KmsPermissions>().Refusal(call, call.Access, "*")?.Message ?? "";
        Assert.Equal(outcome.Length == 0 ? "" : Message(call, null, outcome), message);
    }

    [Theory]
    [InlineData("root", "to anna", Allowed)]
    [InlineData("anna", "to anna", NoIdentity)]
    [InlineData("anna, allowed", "to anna", Allowed)]
    [InlineData("anna", "to the account", NoIdentity)]
    [InlineData("anonymous", "to anna", NoIdentity)]
    public async Task A_grant_is_retired_by_the_account_and_whom_its_policies_let(string caller, string grant, string outcome)
    {
        // A key's policy has no say, though this one allows everybody everything.
        (KmsKey key, KmsPermissions permissions) = await KeyWithAsync("everybody", grant);
        var call = new KmsCall(KmsOperation.RetireGrant, new KeyUse(Callers[caller], World.Region, null, null));
        Assert.Equal(Message(call, key, outcome), permissions.RetireRefusal(call, key, Grants[grant]!)?.Message ?? "");
    }

    [Fact]
    public async Task A_grant_is_retired_by_whom_it_says_unless_a_policy_denies_it()
    {
        (KmsKey key, KmsPermissions permissions) = await KeyWithAsync("default", "none");
        KmsGrant retirable = Grant(World.Root.Principal, null, "Decrypt") with { Retiring = new(World.User.Principal.Arn, World.User.Principal.UserId) };
        KmsGrant own = Grant(World.User.Principal, new(GrantConstraintType.EncryptionContextEquals, Context("a", "1")), "RetireGrant");
        Caller denied = World.User with { Policies = [Identity("Deny", "kms:RetireGrant")] };
        foreach (KmsGrant grant in new[] { retirable, own })
        {
            Assert.Null(permissions.RetireRefusal(Call(World.User), key, grant));
            Assert.Contains(IdentityDenies, permissions.RetireRefusal(Call(denied), key, grant)!.Message, StringComparison.Ordinal);
        }

        Assert.NotNull(permissions.RetireRefusal(Call(World.User), key, retirable with { Retiring = retirable.Retiring! with { Id = "AIDAFORMER" } }));
        Assert.NotNull(permissions.RetireRefusal(Call(World.User), key, own with { Operations = ["Decrypt"] }));

        static KmsCall Call(Caller caller) => new(KmsOperation.RetireGrant, new KeyUse(caller, World.Region, null, null));
    }

    public void Dispose() => _world.Dispose();

    private static Policy Identity(string effect, string action) =>
        Policy.ForIdentity($$$"""{"Version":"2012-10-17","Statement":{"Effect":"{{{effect}}}","Action":"{{{action}}}","Resource":"*"}}""");

    private static string Key(params (string Effect, string Principal, string Action)[] statements) => new JsonObject
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = new JsonArray([.. statements.Select(statement => new JsonObject
        {
            ["Effect"] = statement.Effect,
            ["Principal"] = new JsonObject { ["AWS"] = statement.Principal },
            ["Action"] = statement.Action,
            ["Resource"] = "*",
        })]),
    }.ToJsonString();

    private static EncryptionContext Context(string key, string value) => EncryptionContext.Empty.With(key, value);

    private static KmsGrant Grant(Principal grantee, GrantConstraint? constraint, params string[] operations) => new()
    {
        Region = World.Region,
        KeyId = "",
        Id = new string('a', 64),
        Grantee = new(grantee.Arn, grantee.UserId),
        Operations = operations,
        Constraint = constraint,
        CreatedAt = default,
        TokenKey = new byte[KmsGrant.TokenKeySize],
    };

    private static string Message(KmsCall call, KmsKey? key, string reason)
    {
        Principal principal = call.Use.Caller.Principal;
        return reason.Length == 0 ? ""
            : $"User: {(principal.Arn.Length == 0 ? "anonymous" : principal.Arn)} is not authorized to perform: kms:{call.Operation} on resource: {key?.Arn ?? "*"} "
                + reason.Replace("ACTION", call.Operation.ToString(), StringComparison.Ordinal);
    }

    private async Task<(KmsKey Key, KmsPermissions Permissions)> KeyWithAsync(string policy, string grant)
    {
        string id = await new KmsClient(_world, _instance).CreateKeyAsync();
        KmsKey key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        Assert.True(await _world.KmsStore.TryReplaceKeyAsync(key with { Policy = Policies[policy] }, null, default));
        key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        if (Grants[grant] is { } made)
        {
            Assert.True(await _world.KmsStore.TryCreateGrantAsync(key, made with { KeyId = id }, default));
            key = (await _world.KmsStore.ReadKeyAsync(World.Region, id, default))!;
        }

        return (key, _instance.GetRequiredService<KmsPermissions>());
    }
}
