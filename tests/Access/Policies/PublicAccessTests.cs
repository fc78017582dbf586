namespace Serverless.Access.Tests;

/// <summary>The guide's meaning of "public".</summary>
public sealed class PublicAccessTests
{
    [Theory]
    [InlineData("\"Principal\": \"*\"", true)]
    [InlineData("\"Principal\": { \"AWS\": \"*\" }", true)]
    [InlineData("\"Principal\": { \"AWS\": [\"111122223333\", \"*\"] }", true)]
    [InlineData("\"Principal\": { \"Federated\": \"graph.facebook.com\" }", true)]
    [InlineData("\"NotPrincipal\": { \"AWS\": \"111122223333\" }", true)]
    [InlineData("\"NotPrincipal\": \"*\"", false)]
    [InlineData("\"Principal\": { \"AWS\": \"111122223333\" }", false)]
    [InlineData("\"Principal\": { \"AWS\": \"arn:aws:iam::111122223333:user/alice\" }", false)]
    [InlineData("\"Principal\": { \"Service\": \"cloudtrail.amazonaws.com\" }", false)]
    [InlineData("\"Principal\": { \"CanonicalUser\": \"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be\" }", false)]
    public void A_principal_is_the_public_or_not(string principal, bool isPublic)
    {
        Assert.Equal(isPublic, IsPublic($"\"Effect\": \"Allow\", {principal}"));
        Assert.False(IsPublic($"\"Effect\": \"Deny\", {principal}"));
    }

    [Theory]
    [InlineData("StringLike", "aws:SourceVpc", "vpc-*", true)]
    [InlineData("StringEquals", "aws:SourceVpc", "vpc-*", true)]
    [InlineData("StringEquals", "aws:SourceVpc", "vpc-91237329", false)]
    [InlineData("StringLike", "aws:SourceVpc", "vpc-91237329", false)]
    [InlineData("StringEqualsIgnoreCase", "aws:SourceVpce", "vpce-1", false)]
    [InlineData("StringEqualsIfExists", "aws:SourceVpc", "vpc-91237329", true)]
    [InlineData("StringNotEquals", "aws:SourceVpc", "vpc-91237329", true)]
    [InlineData("ForAllValues:StringEquals", "aws:SourceVpc", "vpc-91237329", true)]
    [InlineData("ForAnyValue:StringEquals", "aws:SourceVpc", "vpc-91237329", false)]
    [InlineData("StringEquals", "aws:SourceVpc", "${aws:username}", true)]
    [InlineData("StringEquals", "aws:PrincipalOrgID", "o-1", false)]
    [InlineData("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:user/alice", false)]
    [InlineData("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:user/*", true)]
    [InlineData("ArnLike", "aws:SourceArn", "arn:aws:s3:::bucket", false)]
    [InlineData("StringEquals", "aws:SourceAccount", "111122223333", false)]
    [InlineData("StringEquals", "aws:SourceOwner", "111122223333", false)]
    [InlineData("StringEquals", "aws:userid", "AIDACKCEVSQ6C2EXAMPLE", false)]
    [InlineData("StringLike", "aws:userid", "AROAEXAMPLE:*", true)]
    [InlineData("StringEquals", "s3:DataAccessPointAccount", "111122223333", false)]
    [InlineData("StringEquals", "s3:DataAccessPointArn", "arn:aws:s3:us-west-2:123456789012:accesspoint/a", false)]
    [InlineData("StringLike", "s3:DataAccessPointArn", "arn:aws:s3:us-west-2:123456789012:accesspoint/*", false)]
    [InlineData("StringLike", "s3:DataAccessPointArn", "arn:aws:s3:us-west-2:*:accesspoint/*", true)]
    [InlineData("StringEquals", "aws:username", "alice", true)]
    [InlineData("StringEquals", "aws:Referer", "http://example.com/", true)]
    [InlineData("Bool", "aws:SecureTransport", "true", true)]
    [InlineData("Null", "aws:SourceVpc", "false", true)]
    [InlineData("IpAddress", "aws:SourceIp", "203.0.113.0/24", false)]
    [InlineData("IpAddress", "aws:SourceIp", "10.0.0.0/8", false)]
    [InlineData("IpAddress", "aws:SourceIp", "10.0.0.0/7", true)]
    [InlineData("IpAddress", "aws:SourceIp", "0.0.0.0/1", true)]
    [InlineData("IpAddress", "aws:SourceIp", "2001:db8::/32", false)]
    [InlineData("IpAddress", "aws:SourceIp", "2001:db8::/31", true)]
    [InlineData("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8", true)]
    [InlineData("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", true)]
    public void A_condition_confines_or_not(string name, string key, string value, bool isPublic) =>
        Assert.Equal(isPublic, IsPublic($"\"Effect\": \"Allow\", \"Principal\": \"*\", \"Condition\": {{ \"{name}\": {{ \"{key}\": \"{value}\" }} }}"));

    [Fact]
    public void One_value_that_is_not_fixed_is_enough() =>
        Assert.True(IsPublic("""
            "Effect": "Allow", "Principal": "*", "Condition": { "StringLike": { "aws:SourceVpc": ["vpc-1", "vpc-*"] } }
            """));

    [Fact]
    public void One_condition_that_confines_is_enough() =>
        Assert.False(IsPublic("""
            "Effect": "Allow", "Principal": "*", "Condition": { "Bool": { "aws:SecureTransport": "true" }, "StringEquals": { "aws:SourceVpc": "vpc-1" } }
            """));

    [Fact]
    public void The_key_of_uploads_confines() =>
        Assert.False(Ask.BucketPolicy("""
            { "Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*",
              "Condition": { "StringEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-east-1:111122223333:key/k" } } }
            """).IsPublic);

    [Fact]
    public void One_public_statement_makes_the_policy_public() =>
        Assert.True(Ask.BucketPolicy("""
            [{ "Effect": "Allow", "Principal": { "AWS": "444455556666" }, "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*" },
             { "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*" },
             { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*" }]
            """).IsPublic);

    private static bool IsPublic(string statement) =>
        Ask.BucketPolicy($"{{ {statement}, \"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::bucket/*\" }}").IsPublic;
}
