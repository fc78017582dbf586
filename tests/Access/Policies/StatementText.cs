using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.Primitives;

namespace Serverless.Access.Tests;

/// <summary>A statement of a bucket's policy as text, of a vocabulary so small that statements and requests meet.</summary>
internal sealed record StatementText(string Effect, string Principal, string[] Actions, bool NotAction, string[] Resources, bool NotResource, string Condition)
{
    public static readonly string[] AllActions = ["s3:GetObject", "s3:getobject", "s3:Put*", "s3:*", "*", "s3:???Object", "s3:DeleteObject"];

    public static readonly string[] AllResources =
    [
        "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a", "arn:aws:s3:::bucket/?", "arn:aws:s3:::bucket/${aws:username}", "arn:aws:s3:::buc*",
        "arn:aws:s3:::bucket/${aws:userid, 'a'}*", "arn:aws:s3:::bucket/${*}",
    ];

    private static readonly string[] Operators =
    [
        "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
        "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals",
    ];

    private static readonly Gen<string> Qualifier = Choice.Of("", "", "ForAllValues:", "ForAnyValue:");

    private static readonly Gen<string> ConditionText = Gen.Select(
        Qualifier, Choice.Of(Operators), Choice.Of("", "", "IfExists"), Choice.Of("aws:UserAgent", "aws:TagKeys"), Choice.Of("1", "2", "10").Array[1, 2],
        (qualifier, name, suffix, key, values) => $$"""{ "{{qualifier}}{{name}}{{suffix}}": { "{{key}}": {{JsonSerializer.Serialize(values)}} } }""");

    private static readonly Gen<string> Anything = Gen.Frequency(
        (3, Gen.Const("{}")),
        (3, ConditionText),
        (1, Choice.Of("true", "false").Select(value => $$"""{ "Null": { "aws:UserAgent": "{{value}}" } }""")));

    public static readonly Gen<StatementText> Generate = Gen.Select(
        Gen.Select(
            Choice.Of("Allow", "Allow", "Deny"),
            Choice.Of(
                "\"Principal\": \"*\"", "\"Principal\": { \"AWS\": \"111122223333\" }", "\"Principal\": { \"AWS\": \"arn:aws:iam::111122223333:user/a\" }",
                "\"NotPrincipal\": { \"AWS\": [\"111122223333\", \"arn:aws:iam::111122223333:user/b\"] }"),
            Anything),
        Gen.Select(Choice.Of(AllActions).Array[1, 3], Choice.Of(false, false, false, true)),
        Gen.Select(Choice.Of(AllResources).Array[1, 3], Choice.Of(false, false, false, true)),
        (head, actions, resources) => new StatementText(head.Item1, head.Item2, actions.Item1, actions.Item2, resources.Item1, resources.Item2, head.Item3));

    public static readonly Gen<PolicyRequest> Requests = Gen.Select(
        Choice.Of(Ask.User("a"), Ask.User("b"), Ask.User("*"), Ask.Root, Ask.User("a", "444455556666"), Access.Principal.Anonymous),
        Choice.Of("s3:GetObject", "s3:PutObject", "s3:PutObjectAcl", "s3:DeleteObject", "s3:ListBucket"),
        Choice.Of("arn:aws:s3:::bucket", "arn:aws:s3:::bucket/a", "arn:aws:s3:::bucket/b", "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b", "arn:aws:s3:::bucket/ab"),
        Choice.Of<StringValues?>(null, null, StringValues.Empty, "", "1", "2", "1.0"),
        Choice.Of<StringValues?>(null, StringValues.Empty, "1", "3", new StringValues(["1", "2"]), new StringValues(["2", "3"])),
        (principal, action, resource, agent, tags) => Ask.For(principal, action, resource,
        [
            .. principal.Type is PrincipalType.IAMUser ? [("aws:username", principal.UserName)] : Array.Empty<(string, StringValues)>(),
            .. agent is { } value ? [("aws:useragent", value)] : Array.Empty<(string, StringValues)>(),
            .. tags is { } values ? [("aws:tagkeys", values)] : Array.Empty<(string, StringValues)>(),
        ]));

    public static Policy ToPolicy(params StatementText[] statements) => Ask.BucketPolicy($"[{string.Join(", ", statements.Select(statement => statement.ToString()))}]");

    public override string ToString() => $$"""
        { "Effect": "{{Effect}}", {{Principal}}, "{{(NotAction ? "Not" : "")}}Action": {{JsonSerializer.Serialize(Actions)}},
          "{{(NotResource ? "Not" : "")}}Resource": {{JsonSerializer.Serialize(Resources)}}, "Condition": {{Condition}} }
        """;
}
