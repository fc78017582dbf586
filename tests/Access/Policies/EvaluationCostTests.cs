using Microsoft.Extensions.Primitives;

namespace Serverless.Access.Tests;

/// <summary>Policies are judged in every request: what that costs.</summary>
public sealed class EvaluationCostTests
{
    [Fact]
    public void Evaluation_allocates_nothing()
    {
        var policy = Ask.BucketPolicy("""
            [{ "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/*",
               "Condition": { "StringNotEquals": { "s3:x-amz-server-side-encryption": "AES256" } } },
             { "Effect": "Deny", "NotPrincipal": { "AWS": ["111122223333", "arn:aws:iam::111122223333:user/alice"] }, "Action": "*", "Resource": "arn:aws:s3:::bucket*" },
             { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "NotAction": "s3:Delete*", "Resource": "arn:aws:s3:::bucket/home/${aws:username}/*",
               "Condition": { "ForAllValues:StringLike": { "aws:TagKeys": ["a*", "${aws:username}-?"] }, "NumericLessThanIfExists": { "s3:signatureAge": 600 },
                              "Bool": { "aws:SecureTransport": true }, "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:user/${aws:username}" } } }]
            """);
        var request = new PolicyRequest(Ask.Alice, "s3:PutObject", "arn:aws:s3:::bucket/home/alice/x", new Given());
        Assert.Equal(PolicyVerdict.AllowsAccount, policy.Evaluate(request));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            policy.Evaluate(request);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class Given : IConditionKeys
    {
        private static readonly StringValues Tags = new(["a1", "alice-b"]);

        public StringValues? Find(string key) => key switch
        {
            "s3:x-amz-server-side-encryption" => "AES256",
            "aws:username" => "alice",
            "aws:tagkeys" => Tags,
            "s3:signatureage" => "1.5",
            "aws:securetransport" => "true",
            "aws:principalarn" => "arn:aws:iam::111122223333:user/alice",
            _ => default(StringValues?),
        };
    }
}
