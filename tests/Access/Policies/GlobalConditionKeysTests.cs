using System.Net;

namespace Serverless.Access.Tests;

/// <summary>The global condition keys' values for each kind of caller.</summary>
public sealed class GlobalConditionKeysTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 13, 0, 1, 500, TimeSpan.FromHours(1));

    [Theory]
    [InlineData("aws:principaltype", "User", "Account", "Anonymous")]
    [InlineData("aws:principalarn", "arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:root", null)]
    [InlineData("aws:principalaccount", "111122223333", "111122223333", null)]
    [InlineData("aws:userid", "AIDAALICE", "111122223333", "anonymous")]
    [InlineData("aws:username", "alice", null, null)]
    public void The_principals(string key, string? user, string? root, string? anonymous)
    {
        Assert.Equal(user, Find(key, Ask.Alice));
        Assert.Equal(root, Find(key, Ask.Root));
        Assert.Equal(anonymous, Find(key, Principal.Anonymous));
    }

    [Theory]
    [InlineData("aws:currenttime", "2026-11-24T12:00:01Z")]
    [InlineData("aws:epochtime", "1795521601")]
    [InlineData("aws:requestedregion", "eu-central-1")]
    [InlineData("aws:securetransport", "true")]
    [InlineData("aws:sourceip", "2001:db8::1")]
    [InlineData("aws:useragent", "curl")]
    [InlineData("aws:referer", "https://example.com/")]
    [InlineData("aws:resourceaccount", "111122223333")]
    [InlineData("aws:viaawsservice", "false")]
    [InlineData("aws:principalisawsservice", "false")]
    [InlineData("aws:multifactorauthpresent", null)]
    [InlineData("aws:tokenissuetime", null)]
    [InlineData("aws:principaltag/team", null)]
    [InlineData("s3:prefix", null)]
    public void The_requests(string key, string? value) => Assert.Equal(value, Find(key, Ask.Alice));

    [Theory]
    [InlineData("aws:sourceip")]
    [InlineData("aws:useragent")]
    [InlineData("aws:referer")]
    [InlineData("aws:resourceaccount")]
    public void What_is_not_known_is_not_there(string key) =>
        Assert.Null(new GlobalConditionKeys(new Caller(Ask.Alice, "id", null, null, false), "eu-central-1", Now).Find(key));

    [Fact]
    public void Dates_and_addresses_fit_their_operators()
    {
        var policy = Ask.UserPolicy("""
            { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
                "DateGreaterThan": { "aws:CurrentTime": "2026-11-24T12:00:00Z", "aws:EpochTime": 1795521600 },
                "DateLessThan": { "aws:CurrentTime": "2026-11-24T12:00:02Z" },
                "NumericEquals": { "aws:EpochTime": "1795521601" },
                "IpAddress": { "aws:SourceIp": "2001:db8::/32" },
                "StringEquals": { "aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}" } } }
            """);
        Assert.Equal(PolicyVerdict.Allows, policy.Evaluate(new(Ask.Alice, "s3:GetObject", "arn:aws:s3:::bucket/key", Keys(Ask.Alice))));
        Assert.Equal(PolicyVerdict.None, policy.Evaluate(new(Ask.Root, "s3:GetObject", "arn:aws:s3:::bucket/key", Keys(Ask.Root))));
    }

    private static string? Find(string key, Principal principal) => Keys(principal).Find(key) is { } values ? Assert.Single(values) : null;

    private static GlobalConditionKeys Keys(Principal principal) => new(
        new Caller(principal, "id", IPAddress.Parse("2001:db8::1"), "curl", true) { Referer = "https://example.com/" }, "eu-central-1", Now, Ask.Account);
}
