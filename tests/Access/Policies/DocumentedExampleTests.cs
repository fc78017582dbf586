using Microsoft.Extensions.Primitives;

namespace Serverless.Access.Tests;

/// <summary>Policies from AWS's guides, with the bucket's and the accounts' names of the tests.</summary>
public sealed class DocumentedExampleTests
{
    private const string Key = "arn:aws:kms:us-east-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e";

    private static readonly Policy AllowAll = Ask.UserPolicy("""{ "Effect": "Allow", "Action": "*", "Resource": "*" }""");

    // https://aws.amazon.com/blogs/security/how-to-prevent-uploads-of-unencrypted-objects-to-amazon-s3/
    [Theory]
    [InlineData(null, false)]
    [InlineData("AES256", true)]
    [InlineData("aws:kms", false)]
    [InlineData("AES192", false)]
    [InlineData("", false)]
    public void The_pair_that_denies_uploads_without_SSE_S3(string? header, bool isAllowed)
    {
        var policy = Policy.ForBucket("""
            {
                "Version": "2012-10-17",
                "Id": "PutObjPolicy",
                "Statement": [
                    {
                        "Sid": "DenyIncorrectEncryptionHeader",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:PutObject",
                        "Resource": "arn:aws:s3:::bucket/*",
                        "Condition": {
                            "StringNotEquals": {
                                "s3:x-amz-server-side-encryption": "AES256"
                            }
                        }
                    },
                    {
                        "Sid": "DenyUnencryptedObjectUploads",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:PutObject",
                        "Resource": "arn:aws:s3:::bucket/*",
                        "Condition": {
                            "Null": {
                                "s3:x-amz-server-side-encryption": true
                            }
                        }
                    }
                ]
            }
            """, "arn:aws:s3:::bucket");
        ExpectPut(policy, isAllowed, ("s3:x-amz-server-side-encryption", header));
        Assert.True(policy.Mentions("s3:x-amz-server-side-encryption"));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("AES256", null, false)]
    [InlineData("aws:kms", null, false)]
    [InlineData("aws:kms", "arn:aws:kms:us-east-1:111122223333:key/another", false)]
    [InlineData("aws:kms", Key, true)]
    public void The_pair_that_requires_SSE_KMS_with_one_key(string? header, string? key, bool isAllowed)
    {
        var policy = Ask.BucketPolicy($$"""
            [{
                "Sid": "DenyObjectsThatAreNotSSEKMS",
                "Principal": "*",
                "Effect": "Deny",
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::bucket/*",
                "Condition": { "Null": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "true" } }
            },
            {
                "Sid": "DenyObjectsWithAnotherKey",
                "Principal": "*",
                "Effect": "Deny",
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::bucket/*",
                "Condition": { "ArnNotEqualsIfExists": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "{{Key}}" } }
            }]
            """);
        ExpectPut(policy, isAllowed, ("s3:x-amz-server-side-encryption", header), ("s3:x-amz-server-side-encryption-aws-kms-key-id", key));
    }

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
    [Theory]
    [InlineData(null, true)]
    [InlineData("AES256", false)]
    public void The_statement_that_restricts_SSE_C(string? algorithm, bool isAllowed) =>
        ExpectPut(Ask.BucketPolicy("""
            {
                "Sid": "RestrictSSECObjectUploads",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::bucket/*",
                "Condition": { "Null": { "s3:x-amz-server-side-encryption-customer-algorithm": "false" } }
            }
            """), isAllowed, ("s3:x-amz-server-side-encryption-customer-algorithm", algorithm));

    [Theory]
    [InlineData("AES256", null, false)]
    [InlineData("aws:kms", Key, true)]
    [InlineData("aws:kms", "arn:aws:kms:us-east-1:111122223333:key/another", false)]
    public void What_will_really_be_applied_can_be_required(string mode, string? key, bool isAllowed) =>
        ExpectPut(Ask.BucketPolicy($$"""
            { "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*",
              "Condition": { "ArnNotEquals": { "sse:EffectiveKeyArn": "{{Key}}" } } }
            """), isAllowed, ("sse:EffectiveEncryption", mode), ("sse:EffectiveKeyArn", key));

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean
    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void The_statement_that_requires_TLS(string isSecure, bool isAllowed)
    {
        var policy = Ask.BucketPolicy("""
            [{
                "Sid": "BooleanExample",
                "Action": "s3:*",
                "Principal": "*",
                "Effect": "Deny",
                "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"],
                "Condition": { "Bool": { "aws:SecureTransport": "false" } }
            }]
            """);
        ExpectPut(policy, isAllowed, ("aws:SecureTransport", isSecure));
        Assert.False(policy.IsPublic);
    }

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
    [Theory]
    [InlineData("s3:ListAllMyBuckets", "arn:aws:s3:::*", null, true)]
    [InlineData("s3:GetBucketLocation", "arn:aws:s3:::bucket", null, true)]
    [InlineData("s3:ListBucket", "arn:aws:s3:::bucket", "", true)]
    [InlineData("s3:ListBucket", "arn:aws:s3:::bucket", "home/", true)]
    [InlineData("s3:ListBucket", "arn:aws:s3:::bucket", "home/alice/", true)]
    [InlineData("s3:ListBucket", "arn:aws:s3:::bucket", "home/bob/", false)]
    [InlineData("s3:ListBucket", "arn:aws:s3:::bucket", null, false)]
    [InlineData("s3:GetObject", "arn:aws:s3:::bucket/home/alice/a/b", null, true)]
    [InlineData("s3:PutObject", "arn:aws:s3:::bucket/home/alice", null, true)]
    [InlineData("s3:PutObject", "arn:aws:s3:::bucket/home/alice2/x", null, false)]
    [InlineData("s3:GetObject", "arn:aws:s3:::other/home/alice/a", null, false)]
    [InlineData("s3:DeleteBucket", "arn:aws:s3:::bucket", null, false)]
    public void The_home_directories_policy(string action, string resource, string? prefix, bool isAllowed)
    {
        var policy = Policy.ForIdentity("""
            {
              "Version": "2012-10-17",
              "Statement": [
                {
                  "Effect": "Allow",
                  "Action": ["s3:ListAllMyBuckets", "s3:GetBucketLocation"],
                  "Resource": "arn:aws:s3:::*"
                },
                {
                  "Effect": "Allow",
                  "Action": "s3:ListBucket",
                  "Resource": "arn:aws:s3:::bucket",
                  "Condition": { "StringLike": { "s3:prefix": ["", "home/", "home/${aws:username}/"] } }
                },
                {
                  "Effect": "Allow",
                  "Action": "s3:*",
                  "Resource": ["arn:aws:s3:::bucket/home/${aws:username}", "arn:aws:s3:::bucket/home/${aws:username}/*"]
                }
              ]
            }
            """);
        List<(string, StringValues)> keys = [("aws:username", "alice")];
        if (prefix is not null)
        {
            keys.Add(("s3:prefix", prefix));
        }
        var request = Ask.For(Ask.Alice, action, resource, [.. keys]);
        Assert.Equal(isAllowed, AccessDecision.ByIdentity(request, [policy]).IsAllowed);
        Assert.True(policy.Mentions("aws:username"));
        Assert.True(policy.Mentions("s3:prefix"));
        Assert.False(policy.Mentions("s3:delimiter"));
    }

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-condition-keys.html
    [Theory]
    [InlineData("192.0.2.1", PolicyVerdict.Allows)]
    [InlineData("192.0.2.188", PolicyVerdict.None)]
    [InlineData("192.0.3.1", PolicyVerdict.None)]
    [InlineData(null, PolicyVerdict.None)]
    public void The_statement_that_allows_a_range_of_addresses_but_one(string? address, PolicyVerdict verdict)
    {
        var policy = Ask.BucketPolicy("""
            [{
                "Sid": "IPAllow",
                "Effect": "Allow",
                "Principal": { "AWS": "*" },
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::bucket/*",
                "Condition": {
                    "IpAddress": { "aws:SourceIp": "192.0.2.0/24" },
                    "NotIpAddress": { "aws:SourceIp": "192.0.2.188/32" }
                }
            }]
            """);
        Assert.Equal(verdict, policy.Evaluate(address is null ? Ask.Get(Principal.Anonymous) : Ask.Get(Principal.Anonymous, ("aws:SourceIp", address))));
        Assert.False(policy.IsPublic);
    }

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_examples-multi-valued-context-keys.html
    [Theory]
    [InlineData("ForAllValues:StringNotLike", new[] { "key1:legal" }, false)]
    [InlineData("ForAllValues:StringNotLike", new[] { "key1:hr", "key1:personnel" }, false)]
    [InlineData("ForAllValues:StringNotLike", new[] { "key2:audit" }, true)]
    [InlineData("ForAllValues:StringNotLike", new[] { "key1:hr", "key2:audit" }, false)]
    [InlineData("ForAllValues:StringNotLike", null, true)]
    [InlineData("ForAnyValue:StringNotLike", new[] { "key1:hr", "key2:audit" }, true)]
    [InlineData("ForAnyValue:StringLike", new[] { "key1:hr", "key2:audit" }, true)]
    [InlineData("ForAllValues:StringLike", new[] { "key1:hr", "key2:audit" }, false)]
    [InlineData("ForAnyValue:StringLike", null, false)]
    public void The_statement_that_denies_by_the_tags_keys(string name, string[]? tags, bool isDenied)
    {
        var policy = Ask.UserPolicy($$"""
            [{
                "Sid": "DenyRestrictedTags",
                "Effect": "Deny",
                "Action": ["iam:Tag*", "iam:UnTag*"],
                "Resource": ["*"],
                "Condition": { "{{name}}": { "aws:TagKeys": "key1*" } }
            }]
            """);
        (string, StringValues)[] keys = tags is null ? [] : [("aws:TagKeys", tags)];
        var request = Ask.For(Ask.Alice, "iam:TagUser", "arn:aws:iam::111122223333:user/bob", keys);
        Assert.Equal(isDenied, policy.Evaluate(request) is PolicyVerdict.Denies);
    }

    // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html, key-policy-services.html
    [Theory]
    [InlineData("alice", "kms:Decrypt", "s3.us-east-1.amazonaws.com", PolicyVerdict.Allows)]
    [InlineData("alice", "kms:Decrypt", null, PolicyVerdict.AllowsAccount)]
    [InlineData("alice", "kms:GenerateDataKeyWithoutPlaintext", "s3.eu-west-1.amazonaws.com", PolicyVerdict.Allows)]
    [InlineData("alice", "kms:Decrypt", "ec2.us-east-1.amazonaws.com", PolicyVerdict.AllowsAccount)]
    [InlineData("alice", "kms:Encrypt", "s3.us-east-1.amazonaws.com", PolicyVerdict.AllowsAccount)]
    [InlineData("bob", "kms:Decrypt", "s3.us-east-1.amazonaws.com", PolicyVerdict.AllowsAccount)]
    public void A_keys_policy_that_lets_a_user_use_the_key_through_S3(string user, string action, string? service, PolicyVerdict verdict)
    {
        var policy = Policy.ForKey("""
            {
              "Version": "2012-10-17",
              "Id": "key-default-1",
              "Statement": [
                {
                  "Sid": "Enable IAM User Permissions",
                  "Effect": "Allow",
                  "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
                  "Action": "kms:*",
                  "Resource": "*"
                },
                {
                  "Sid": "Allow use of the key through S3",
                  "Effect": "Allow",
                  "Principal": { "AWS": ["arn:aws:iam::111122223333:user/alice"] },
                  "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                  "Resource": "*",
                  "Condition": { "StringLike": { "kms:ViaService": "s3.*.amazonaws.com" } }
                }
              ]
            }
            """);
        (string, StringValues)[] keys = service is null ? [] : [("kms:ViaService", service)];
        Assert.Equal(verdict, policy.Evaluate(Ask.For(Ask.User(user), action, Key, keys)));
    }

    private static void ExpectPut(Policy policy, bool isAllowed, params (string Key, string? Value)[] keys)
    {
        var request = Ask.Put(Ask.Alice, [.. keys.Where(key => key.Value is not null).Select(key => (key.Key, new StringValues(key.Value)))]);
        Assert.Equal(isAllowed, AccessDecision.ByEither(request, [AllowAll], policy).IsAllowed);
        Assert.Equal(isAllowed, AccessDecision.ByEither(request with { Principal = Ask.Root }, [], policy).IsAllowed);
    }
}
