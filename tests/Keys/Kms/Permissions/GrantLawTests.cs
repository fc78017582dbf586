using CsCheck;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>What holds of all grants.</summary>
public sealed class GrantLawTests
{
    // Cheap enough to meet the rare cases too.
    private const int Tries = 20_000;

    private static readonly string[] Actions = ["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "CreateGrant", "DescribeKey", "RetireGrant"];

    // Few keys and values, so that contexts often meet constraints; two keys differ in case alone.
    private static readonly Gen<EncryptionContext> Contexts = Gen.Select(
        Gen.OneOf("", "1", "2"), Gen.OneOf("", "1", "2"), Gen.OneOf("", "1", "2"),
        (a, upperA, b) => EncryptionContext.Of(
            new Dictionary<string, string> { ["a"] = a, ["A"] = upperA, ["b"] = b }.Where(pair => pair.Value.Length > 0)));

    private static readonly Gen<GrantConstraint?> Constraints = Gen.Select(
        Gen.OneOf(0, 1, 2), Contexts,
        (kind, context) => kind == 2 || context.Pairs.Count == 0 ? null : new GrantConstraint((GrantConstraintType)kind, context));

    private static readonly Gen<KmsGrant> Grants = Gen.Select(
        Gen.Bool.Array[Actions.Length], Constraints,
        (has, constraint) => new KmsGrant
        {
            Region = "r",
            KeyId = "k",
            Id = "g",
            Grantee = new("arn", "id"),
            Operations = [.. Actions.Where((_, i) => has[i])],
            Constraint = constraint,
            CreatedAt = default,
            TokenKey = [],
        });

    private static readonly Gen<KeyAccess> Accesses = Gen.Select(
        Gen.OneOf(Actions), Contexts, Grants, (action, context, grant) => new KeyAccess(action, context, null, action == "CreateGrant" ? grant : null));

    [Fact]
    public void A_grant_allows_its_operations_in_the_contexts_of_its_constraint_and_nothing_else() => Gen.Select(Grants, Accesses).Sample((grant, access) =>
    {
        bool allowed = GrantRules.Allows(grant, access);
        bool hasContext = access.Action is "Decrypt" or "Encrypt" or "ReEncryptFrom" or "ReEncryptTo";
        if (access.Action != "CreateGrant")
        {
            Assert.Equal(grant.Operations.Contains(access.Action) && (!hasContext || Meets(access.Context, grant.Constraint)), allowed);
        }
        else
        {
            Assert.True(!allowed || grant.Operations.Contains("CreateGrant"));
        }
    }, iter: Tries);

    [Fact]
    public void A_grant_made_by_a_grant_allows_nothing_that_the_first_does_not() => Gen.Select(Grants, Grants, Accesses).Sample((parent, child, access) =>
    {
        if (GrantRules.Allows(parent, new KeyAccess("CreateGrant", EncryptionContext.Empty, null, child)) && GrantRules.Allows(child, access))
        {
            Assert.True(GrantRules.Allows(parent, access));
        }
    }, iter: Tries);

    [Fact]
    public void A_constraint_that_is_as_strict_admits_nothing_that_the_other_does_not() => Gen.Select(Constraints, Constraints, Contexts).Sample((one, other, context) =>
    {
        if (one is not null && one.IsAtLeastAsStrictAs(other) && one.Admits(context))
        {
            Assert.True(Meets(context, other));
        }
    }, iter: Tries);

    [Fact]
    public void A_constraint_is_as_strict_as_itself_and_as_none() => Constraints.Sample(constraint =>
        Assert.True(constraint is null || (constraint.IsAtLeastAsStrictAs(constraint) && constraint.IsAtLeastAsStrictAs(null))));

    private static bool Meets(EncryptionContext context, GrantConstraint? constraint)
    {
        string[] pairs = Pairs(context);
        return constraint is null
            || (constraint.Type == GrantConstraintType.EncryptionContextEquals
                ? pairs.ToHashSet().SetEquals(Pairs(constraint.Context))
                : Pairs(constraint.Context).ToHashSet().IsSubsetOf(pairs));
    }

    private static string[] Pairs(EncryptionContext context) => [.. context.Pairs.Select(pair => $"{pair.Key}={pair.Value}")];
}
