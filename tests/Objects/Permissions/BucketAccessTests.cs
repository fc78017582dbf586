using Microsoft.Extensions.Primitives;
using Serverless.Access;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;

namespace Serverless.Objects.Tests.Permissions;

public class BucketAccessTests
{
    private static readonly NeededPermission Read = new("s3:GetObject", "arn:aws:s3:::bucket/key");
    private static readonly Policy MayRead = Policy.ForIdentity("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}""");

    private const string Nobody = "";
    private const string Everybody = """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""";
    private const string Alice = """{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/alice"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""";
    private const string Account = """{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""";
    private const string Confined =
        """{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}""";
    private const string Denied = """{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}""";
    private const string Unreadable = "unreadable";

    /// <summary>Who may read where the bucket's policy has these statements, blocked and not: the anonymous, a user without and with a policy of its own, and root.</summary>
    [Theory]
    [InlineData(Nobody, "root userWithPolicy", "root userWithPolicy")]
    [InlineData(Everybody, "anonymous root user userWithPolicy", "root user userWithPolicy")]
    [InlineData(Alice, "root user userWithPolicy", "root user userWithPolicy")]
    [InlineData(Account, "root userWithPolicy", "root userWithPolicy")]
    [InlineData(Confined, "anonymous root user userWithPolicy", "anonymous root user userWithPolicy")]
    // One public statement makes the policy public, and then it grants the anonymous nothing at all.
    [InlineData(Everybody + "," + Confined, "anonymous root user userWithPolicy", "root user userWithPolicy")]
    [InlineData(Denied, "", "")]
    [InlineData(Everybody + "," + Denied, "", "")]
    [InlineData(Unreadable, "", "")]
    public void Identity_and_bucket_decide_together(string statements, string open, string restricted)
    {
        foreach (var (block, expected) in ((PublicAccessBlocks?, string)[])[
            (null, open), (PublicAccessBlocks.All & ~PublicAccessBlocks.RestrictPublicBuckets, open), (PublicAccessBlocks.RestrictPublicBuckets, restricted), (PublicAccessBlocks.All, restricted)])
        {
            var bucket = BucketWith(statements) with { PublicAccessBlock = block };
            (string Name, Caller Caller)[] callers =
            [
                ("anonymous", Caller(Principal.Anonymous)), ("root", Caller(S3Requests.Root)), ("user", Caller(S3Requests.User)),
                ("userWithPolicy", Caller(S3Requests.User) with { Policies = [MayRead] }),
            ];
            Assert.Equal(expected, string.Join(' ', callers.Where(entry => BucketAccess.Judge(Read, entry.Caller, bucket, Address).IsAllowed).Select(entry => entry.Name)));
        }
    }

    [Fact]
    public void Without_a_bucket_the_callers_policies_decide()
    {
        Assert.True(BucketAccess.Judge(Read, Caller(S3Requests.Root), null, Address).IsAllowed);
        Assert.True(BucketAccess.Judge(Read, Caller(S3Requests.User) with { Policies = [MayRead] }, null, Address).IsAllowed);
        Assert.False(BucketAccess.Judge(Read, Caller(S3Requests.User), null, Address).IsAllowed);
        Assert.False(BucketAccess.Judge(Read, Caller(Principal.Anonymous), null, Address).IsAllowed);
    }

    [Theory]
    [InlineData(Nobody, "because no identity-based policy allows the s3:GetObject action")]
    [InlineData(Denied, "with an explicit deny in a resource-based policy")]
    [InlineData(Unreadable, "because the bucket's policy cannot be read")]
    public void A_refusal_has_its_reason(string statements, string reason) =>
        Assert.Equal(new(false, reason), BucketAccess.Judge(Read, Caller(S3Requests.User), BucketWith(statements), Address));

    private static readonly FixedKeys Address = new();

    private static Bucket BucketWith(string statements)
    {
        var bucket = new Bucket("bucket", "us-east-1", "container", S3Requests.Now, false);
        return statements == Nobody ? bucket : bucket with { Policy = new($$"""{"Version":"2012-10-17","Statement":[{{statements}}]}""", bucket.Arn) };
    }

    private static Caller Caller(Principal principal) => new(principal, "request-id", null, null, true);

    private sealed class FixedKeys : IConditionKeys
    {
        public StringValues? Find(string key) => key == "aws:sourceip" ? new StringValues("192.0.2.7") : default(StringValues?);
    }
}
