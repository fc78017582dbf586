namespace Serverless.Access.Tests;

/// <summary>Whom Principal and NotPrincipal mean, with Allow and with Deny.</summary>
public sealed class PrincipalElementTests
{
    private const string Alice = "arn:aws:iam::111122223333:user/alice";
    private const string Bob = "arn:aws:iam::111122223333:user/bob";
    private const string Account = "arn:aws:iam::111122223333:root";

    // What the verdicts are for: alice, root of her account, a user of another account of the same name, an anonymous caller.
    // A: Allows, a: AllowsAccount, D: Denies, -: nothing.
    [Theory]
    [InlineData("Allow", "Principal", "\"*\"", "AAAA")]
    [InlineData("Allow", "Principal", """{ "AWS": "*" }""", "AAAA")]
    [InlineData("Allow", "Principal", """{ "AWS": ["*"] }""", "AAAA")]
    [InlineData("Allow", "Principal", $$"""{ "AWS": "{{Alice}}" }""", "A---")]
    [InlineData("Allow", "Principal", $$"""{ "AWS": ["{{Bob}}", "{{Alice}}"] }""", "A---")]
    [InlineData("Allow", "Principal", $$"""{ "AWS": "{{Bob}}" }""", "----")]
    [InlineData("Allow", "Principal", """{ "AWS": "arn:aws:iam::111122223333:user/Alice" }""", "----")]
    [InlineData("Allow", "Principal", $$"""{ "AWS": "{{Account}}" }""", "aA--")]
    [InlineData("Allow", "Principal", """{ "AWS": "111122223333" }""", "aA--")]
    [InlineData("Allow", "Principal", """{ "AWS": "444455556666" }""", "--a-")]
    [InlineData("Allow", "Principal", $$"""{ "AWS": ["{{Account}}", "{{Alice}}"] }""", "AA--")]
    [InlineData("Allow", "Principal", """{ "Service": "logs.amazonaws.com" }""", "----")]
    [InlineData("Allow", "Principal", """{ "Federated": "graph.facebook.com" }""", "----")]
    [InlineData("Deny", "Principal", "\"*\"", "DDDD")]
    [InlineData("Deny", "Principal", $$"""{ "AWS": "{{Alice}}" }""", "D---")]
    [InlineData("Deny", "Principal", $$"""{ "AWS": "{{Account}}" }""", "DD--")]
    [InlineData("Deny", "Principal", """{ "AWS": "444455556666" }""", "--D-")]
    [InlineData("Deny", "NotPrincipal", $$"""{ "AWS": ["{{Alice}}", "{{Account}}"] }""", "--DD")]
    [InlineData("Deny", "NotPrincipal", $$"""{ "AWS": ["{{Alice}}", "111122223333"] }""", "--DD")]
    [InlineData("Deny", "NotPrincipal", $$"""{ "AWS": "{{Alice}}" }""", "DDDD")]
    [InlineData("Deny", "NotPrincipal", $$"""{ "AWS": "{{Account}}" }""", "D-DD")]
    [InlineData("Deny", "NotPrincipal", "\"*\"", "----")]
    [InlineData("Allow", "NotPrincipal", $$"""{ "AWS": "{{Alice}}" }""", "-AAA")]
    [InlineData("Allow", "NotPrincipal", $$"""{ "AWS": "{{Account}}" }""", "--AA")]
    [InlineData("Allow", "NotPrincipal", "\"*\"", "----")]
    public void A_statement_is_about(string effect, string element, string value, string verdicts)
    {
        var policy = Ask.BucketPolicy($$"""{ "Effect": "{{effect}}", "{{element}}": {{value}}, "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*" }""");
        Principal[] principals = [Ask.Alice, Ask.Root, Ask.User("alice", "444455556666"), Principal.Anonymous];
        Assert.Equal(verdicts, string.Concat(principals.Select(principal => policy.Evaluate(Ask.Get(principal)) switch
        {
            PolicyVerdict.Allows => 'A',
            PolicyVerdict.AllowsAccount => 'a',
            PolicyVerdict.Denies => 'D',
            _ => '-',
        })));
    }

    [Fact]
    public void A_canonical_user_id_means_the_account()
    {
        var policy = Ask.BucketPolicy($$"""
            { "Effect": "Allow", "Principal": { "CanonicalUser": "{{CanonicalUser.IdOf(Ask.Account)}}" }, "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*" }
            """);
        Assert.Equal(PolicyVerdict.AllowsAccount, policy.Evaluate(Ask.Get(Ask.Alice)));
        Assert.Equal(PolicyVerdict.Allows, policy.Evaluate(Ask.Get(Ask.Root)));
        Assert.Equal(PolicyVerdict.None, policy.Evaluate(Ask.Get(Ask.User("alice", "444455556666"))));
    }

    [Fact]
    public void The_policy_tells_whom_it_names()
    {
        var policy = Ask.BucketPolicy($$"""
            [{ "Effect": "Allow", "Principal": { "AWS": ["{{Alice}}", "111122223333"], "Service": "logs.amazonaws.com" }, "Action": "s3:*", "Resource": "arn:aws:s3:::bucket" },
             { "Effect": "Deny", "NotPrincipal": { "AWS": ["{{Alice}}", "{{Bob}}"] }, "Action": "s3:*", "Resource": "arn:aws:s3:::bucket" },
             { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket" }]
            """);
        Assert.Equal([Alice, "111122223333", Bob, "*"], policy.Principals);
    }
}
