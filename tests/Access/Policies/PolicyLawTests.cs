using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.Primitives;

namespace Serverless.Access.Tests;

/// <summary>What holds of every policy and every request.</summary>
public sealed class PolicyLawTests
{
    private const int Cases = 3_000;

    private static readonly Gen<StatementText[]> Statements = StatementText.Generate.Array[1, 4];

    [Fact]
    public void Adding_a_deny_never_allows_more() =>
        Gen.Select(Statements, StatementText.Generate, StatementText.Requests).Sample((statements, added, request) =>
        {
            var before = StatementText.ToPolicy(statements).Evaluate(request);
            var after = StatementText.ToPolicy([.. statements, added with { Effect = "Deny" }]).Evaluate(request);
            return after == before || after is PolicyVerdict.Denies;
        }, iter: Cases);

    [Fact]
    public void Adding_an_allow_never_allows_less() =>
        Gen.Select(Statements, StatementText.Generate, StatementText.Requests).Sample((statements, added, request) =>
        {
            var before = StatementText.ToPolicy(statements).Evaluate(request);
            var after = StatementText.ToPolicy([.. statements, added with { Effect = "Allow" }]).Evaluate(request);
            return before is PolicyVerdict.Denies ? after is PolicyVerdict.Denies : after >= before && after is not PolicyVerdict.Denies;
        }, iter: Cases);

    [Fact]
    public void A_policys_verdict_is_the_greatest_of_its_statements() =>
        Gen.Select(Statements, StatementText.Requests).Sample((statements, request) =>
            StatementText.ToPolicy(statements).Evaluate(request) == statements.Max(statement => StatementText.ToPolicy(statement).Evaluate(request)), iter: Cases);

    [Fact]
    public void The_order_of_statements_and_of_values_does_not_matter() =>
        Gen.Select(Statements, StatementText.Requests, Gen.Int).Sample((statements, request, seed) =>
        {
            var shuffled = statements.Select(statement => statement with { Actions = Shuffle(statement.Actions, seed), Resources = Shuffle(statement.Resources, seed) });
            return StatementText.ToPolicy(statements).Evaluate(request) == StatementText.ToPolicy(Shuffle(shuffled, seed)).Evaluate(request);
        }, iter: Cases);

    [Fact]
    public void Several_actions_and_resources_are_several_statements() =>
        Gen.Select(StatementText.Generate, StatementText.Requests).Sample((statement, request) =>
        {
            statement = statement with { NotAction = false, NotResource = false };
            var split =
                from action in statement.Actions
                from resource in statement.Resources
                select (statement with { Actions = [action], Resources = [resource] });
            return StatementText.ToPolicy(statement).Evaluate(request) == split.Max(part => StatementText.ToPolicy(part).Evaluate(request));
        }, iter: Cases);

    [Fact]
    public void An_element_and_its_opposite_complement_each_other() =>
        Gen.Select(StatementText.Generate, StatementText.Requests).Sample((statement, request) =>
        {
            statement = statement with { Effect = "Allow", Principal = "\"Principal\": \"*\"", Condition = "{}" };
            bool Applies(bool notAction, bool notResource) =>
                StatementText.ToPolicy(statement with { NotAction = notAction, NotResource = notResource }).Evaluate(request) is PolicyVerdict.Allows;
            // Exactly one of the four combinations is about the request.
            return new[] { Applies(false, false), Applies(false, true), Applies(true, false), Applies(true, true) }.Count(applies => applies) == 1;
        }, iter: Cases);

    [Fact]
    public void NotPrincipal_in_a_deny_spares_whom_Principal_in_an_allow_would_allow_together_with_the_account() =>
        Gen.Select(Choice.Of("a", "b"), StatementText.Requests).Sample((name, request) =>
        {
            var named = $$"""{ "AWS": ["111122223333", "arn:aws:iam::111122223333:user/{{name}}"] }""";
            var isAllowed = Verdict("Allow", "Principal") is PolicyVerdict.Allows;
            return (Verdict("Deny", "NotPrincipal") is PolicyVerdict.None) == isAllowed;

            PolicyVerdict Verdict(string effect, string element) => Ask.BucketPolicy(
                $$"""{ "Effect": "{{effect}}", "{{element}}": {{named}}, "Action": "*", "Resource": "arn:aws:s3:::bucket*" }""").Evaluate(request);
        }, iter: Cases);

    private static readonly Gen<(string Name, string Negation)> Pairs = Choice.Of(
        ("StringEquals", "StringNotEquals"), ("StringLike", "StringNotLike"), ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        ("NumericEquals", "NumericNotEquals"), ("DateEquals", "DateNotEquals"), ("IpAddress", "NotIpAddress"), ("ArnLike", "ArnNotLike"), ("ArnEquals", "ArnNotEquals"));

    private static readonly Gen<StringValues?> Found = Choice.Of<StringValues?>(
        null, StringValues.Empty, "", "1", "x", "10.0.0.1", "arn:aws:iam::1:root", "2026-11-24T12:00:00Z", new StringValues(["1", "10.0.0.1"]), new StringValues(["2", "arn:aws:iam::1:root"]));

    [Fact]
    public void An_operator_and_its_negation_complement_each_other() =>
        Gen.Select(Pairs, Found).Sample((pair, found) =>
            Holds(pair.Name, found) != Holds(pair.Negation, found)
            // Not all are, if one is not; and the other way round. Without values all are and none is, whatever is asked.
            && (Holds("ForAllValues:" + pair.Name, found) != Holds("ForAnyValue:" + pair.Negation, found))
            && (Holds("ForAnyValue:" + pair.Name, found) != Holds("ForAllValues:" + pair.Negation, found)), iter: Cases);

    [Fact]
    public void IfExists_is_the_operator_or_the_keys_absence() =>
        Gen.Select(Pairs, Gen.Bool, Choice.Of("", "ForAllValues:", "ForAnyValue:"), Found).Sample((pair, isNegated, qualifier, found) =>
        {
            var name = qualifier + (isNegated ? pair.Negation : pair.Name);
            return Holds(name + "IfExists", found) == (found is null || Holds(name, found));
        }, iter: Cases);

    [Fact]
    public void A_value_and_a_list_of_it_are_the_same() =>
        Gen.Select(StatementText.Generate, StatementText.Requests).Sample((statement, request) =>
        {
            var lists = StatementText.ToPolicy(statement);
            var document = JsonNode.Parse(lists.Json)!;
            Unwrap(document);
            var singles = Policy.ForBucket(document.ToJsonString(), "arn:aws:s3:::bucket");
            return lists.Evaluate(request) == singles.Evaluate(request) && (lists.IsPublic, lists.Principals.Count) == (singles.IsPublic, singles.Principals.Count);
        }, iter: Cases);

    [Fact]
    public void Either_side_may_deny_and_neither_can_undo_it() =>
        Gen.Select(Statements, StatementText.Generate, StatementText.Requests).Sample((statements, added, request) =>
        {
            Policy[] identity = [Ask.UserPolicy("""{ "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" }""")];
            var before = AccessDecision.ByEither(request, identity, StatementText.ToPolicy(statements));
            var after = AccessDecision.ByEither(request, identity, StatementText.ToPolicy([.. statements, added with { Effect = "Deny" }]));
            return (before.IsAllowed || !after.IsAllowed) && before.IsAllowed == (before.Reason.Length == 0) && after.IsAllowed == (after.Reason.Length == 0);
        }, iter: Cases);

    [Fact]
    public void The_laws_are_not_told_of_requests_that_no_statement_is_about()
    {
        var verdicts = new Dictionary<PolicyVerdict, int>();
        Gen.Select(Statements, StatementText.Requests).Sample((statements, request) =>
        {
            var verdict = StatementText.ToPolicy(statements).Evaluate(request);
            verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + 1;
        }, iter: 2000, threads: 1);
        Assert.All(Enum.GetValues<PolicyVerdict>(), verdict => Assert.InRange(verdicts.GetValueOrDefault(verdict), 30, 1500));
    }

    private static bool Holds(string name, StringValues? found)
    {
        var value = name switch
        {
            _ when name.Contains("Ip", StringComparison.Ordinal) => "10.0.0.0/8",
            _ when name.Contains("Arn", StringComparison.Ordinal) => "arn:aws:iam::*:root",
            _ when name.Contains("Date", StringComparison.Ordinal) => "2026-11-24T13:00:00+01:00",
            _ => "1",
        };
        var policy = Ask.UserPolicy($$"""{ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { "{{name}}": { "aws:TagKeys": "{{value}}" } } }""");
        return policy.Evaluate(found is { } values ? Ask.Get(Ask.Alice, ("aws:tagkeys", values)) : Ask.Get(Ask.Alice)) is PolicyVerdict.Allows;
    }

    private static T[] Shuffle<T>(IEnumerable<T> items, int seed)
    {
        T[] shuffled = [.. items];
        new Random(seed).Shuffle(shuffled);
        return shuffled;
    }

    private static void Unwrap(JsonNode node)
    {
        foreach (var (name, value) in node is JsonObject members ? members.ToArray() : [])
        {
            if (value is JsonArray { Count: 1 } list)
            {
                node[name] = list[0]!.DeepClone();
            }
            if (node[name] is { } member)
            {
                Unwrap(member);
            }
        }
    }
}
