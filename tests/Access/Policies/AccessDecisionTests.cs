namespace Serverless.Access.Tests;

/// <summary>How the policies of both sides add up, and in which words a refusal is explained.</summary>
public sealed class AccessDecisionTests
{
    private const string Silent = """[{ "Effect": "Allow", "Action": "ec2:*", "Resource": "*" }]""";
    private const string Allow = """{ "Effect": "Allow", "Action": "*", "Resource": "*" }""";
    private const string Deny = """[{ "Effect": "Allow", "Action": "*", "Resource": "*" }, { "Effect": "Deny", "Action": ["s3:Get*", "kms:Dec*"], "Resource": "*" }]""";

    private const string NoIdentity = "because no identity-based policy allows the s3:GetObject action";
    private const string NoResource = "because no resource-based policy allows the s3:GetObject action";
    private const string IdentityDeny = "with an explicit deny in an identity-based policy";
    private const string ResourceDeny = "with an explicit deny in a resource-based policy";

    [Theory]
    [InlineData(null, NoIdentity)]
    [InlineData(Silent, NoIdentity)]
    [InlineData(Allow, "")]
    [InlineData(Deny, IdentityDeny)]
    public void Without_a_resource_policy_the_callers_own_decide(string? identity, string reason) =>
        Expect(reason, AccessDecision.ByIdentity(Ask.Get(Ask.Alice), Policies(identity)));

    [Fact]
    public void A_deny_in_any_of_several_policies_wins()
    {
        Policy[] policies = [Ask.UserPolicy(Allow), Ask.UserPolicy(Silent), Ask.UserPolicy(Deny)];
        Expect(IdentityDeny, AccessDecision.ByIdentity(Ask.Get(Ask.Alice), policies));
        Expect("", AccessDecision.ByIdentity(Ask.Get(Ask.Alice), policies[..2]));
    }

    [Theory]
    [InlineData(null, null, NoIdentity)]
    [InlineData(null, "Allow alice", "")]
    [InlineData(null, "Allow account", NoIdentity)]
    [InlineData(null, "Allow bob", NoIdentity)]
    [InlineData(null, "Deny alice", ResourceDeny)]
    [InlineData(null, "Deny account", ResourceDeny)]
    [InlineData(Allow, null, "")]
    [InlineData(Allow, "Allow bob", "")]
    [InlineData(Allow, "Deny everybody", ResourceDeny)]
    [InlineData(Allow, "Deny bob", "")]
    [InlineData(Deny, "Allow alice", IdentityDeny)]
    [InlineData(Deny, "Deny alice", IdentityDeny)]
    public void For_a_bucket_either_sides_allow_is_enough(string? identity, string? resource, string reason) =>
        Expect(reason, AccessDecision.ByEither(Ask.Get(Ask.Alice), Policies(identity), BucketPolicy(resource)));

    [Theory]
    [InlineData(null, "")]
    [InlineData("Allow bob", "")]
    [InlineData("Deny everybody", ResourceDeny)]
    [InlineData("Deny account", ResourceDeny)]
    public void Root_needs_no_allow_but_a_buckets_deny_binds_it(string? resource, string reason)
    {
        Expect(reason, AccessDecision.ByEither(Ask.Get(Ask.Root), [], BucketPolicy(resource)));
        Expect("", AccessDecision.ByIdentity(Ask.Get(Ask.Root), []));
    }

    [Theory]
    [InlineData(null, NoResource)]
    [InlineData("Allow account", NoResource)]
    [InlineData("Allow alice", NoResource)]
    [InlineData("Allow everybody", "")]
    [InlineData("Deny everybody", ResourceDeny)]
    public void Anonymous_callers_have_only_what_a_bucket_allows_everybody(string? resource, string reason) =>
        Expect(reason, AccessDecision.ByEither(Ask.Get(Principal.Anonymous), [], BucketPolicy(resource)));

    [Theory]
    [InlineData(null, "Allow alice", false, "")]
    [InlineData(null, "Allow account", false, "because no identity-based policy allows the kms:Decrypt action")]
    [InlineData(null, "Allow account", true, "")]
    [InlineData(Allow, "Allow account", false, "")]
    [InlineData(Allow, "Allow bob", false, "because no resource-based policy allows the kms:Decrypt action")]
    [InlineData(Allow, "Allow bob", true, "")]
    [InlineData(null, "Allow bob", true, "")]
    [InlineData(Deny, "Allow alice", true, IdentityDeny)]
    [InlineData(null, "Deny alice", true, ResourceDeny)]
    [InlineData(Allow, "Deny account", true, ResourceDeny)]
    public void For_a_key_its_own_policy_or_a_grant_must_allow(string? identity, string key, bool granted, string reason) =>
        Expect(reason, AccessDecision.ByResource(Decrypt(Ask.Alice), Policies(identity), KeyPolicy(key), granted));

    [Theory]
    [InlineData("Allow account", "")]
    [InlineData("Allow everybody", "")]
    [InlineData("Allow alice", "because no resource-based policy allows the kms:Decrypt action")]
    [InlineData("Deny account", ResourceDeny)]
    public void Root_too_needs_the_keys_policy(string key, string reason) =>
        Expect(reason, AccessDecision.ByResource(Decrypt(Ask.Root), [], KeyPolicy(key), granted: false));

    [Fact]
    public void The_service_itself_is_never_judged_and_so_never_allowed()
    {
        var request = Ask.Get(Principal.Service(Ask.Account));
        Assert.False(AccessDecision.ByIdentity(request, []).IsAllowed);
        Assert.False(AccessDecision.ByEither(request, [], BucketPolicy("Allow everybody")).IsAllowed);
        Assert.False(AccessDecision.ByResource(request, [], KeyPolicy("Allow everybody"), granted: false).IsAllowed);
    }

    private static void Expect(string reason, AccessDecision decision) => Assert.Equal(new AccessDecision(reason.Length == 0, reason), decision);

    private static PolicyRequest Decrypt(Principal principal) => Ask.For(principal, "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/k");

    private static Policy[] Policies(string? statements) => statements is null ? [] : [Ask.UserPolicy(statements)];

    private static Policy? BucketPolicy(string? words) =>
        words is null ? null : Ask.BucketPolicy(Statement(words, "s3:GetObject", "arn:aws:s3:::bucket/*"));

    private static Policy KeyPolicy(string words) => Policy.ForKey($$"""{ "Statement": [{{Statement(words, "kms:Decrypt", "*")}}] }""");

    private static string Statement(string words, string action, string resource)
    {
        var principal = words.Split(' ')[1] switch
        {
            "everybody" => "\"*\"",
            "account" => $$"""{ "AWS": "{{Ask.Account}}" }""",
            var user => $$"""{ "AWS": "arn:aws:iam::{{Ask.Account}}:user/{{user}}" }""",
        };
        return $$"""{ "Effect": "{{words.Split(' ')[0]}}", "Principal": {{principal}}, "Action": "{{action}}", "Resource": "{{resource}}" }""";
    }
}
