namespace Serverless.Access.Tests;

/// <summary>What is refused, and in which words. Nothing that a document says is passed over.</summary>
public sealed class MalformedPolicyTests
{
    private const string NotJson = "Policies must be valid JSON and the first byte must be '{'";
    private const string Allow = "\"Effect\": \"Allow\", \"Principal\": \"*\"";
    private const string Get = "\"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::bucket/*\"";

    // Recorded from S3 (test_bucket_policy_exc), or reported by its users.
    [Theory]
    [InlineData("", NotJson)]
    [InlineData("invalid", NotJson)]
    [InlineData(" {}", NotJson)]
    [InlineData("[]", NotJson)]
    [InlineData("null", NotJson)]
    [InlineData("{", "This policy contains invalid Json")]
    [InlineData("{} {}", "This policy contains invalid Json")]
    [InlineData("{ 'Statement': [] }", "This policy contains invalid Json")]
    [InlineData("{ \"Statement\": [], }", "This policy contains invalid Json")]
    [InlineData("{ \"Id\": \"\\ud800\", \"Statement\": [] }", "This policy contains invalid Json")]
    [InlineData("{ \"\\ud800\": 1 }", "This policy contains invalid Json")]
    [InlineData("{}", "Missing required field Statement")]
    [InlineData("{ \"Version\": \"2012-10-17\" }", "Missing required field Statement")]
    [InlineData("{ \"Version\": \"2012-10-18\", \"Statement\": [] }", "The policy must contain a valid version string")]
    [InlineData("{ \"Version\": 2012, \"Statement\": [] }", "The policy must contain a valid version string")]
    [InlineData("{ \"Statement\": [] }", "Could not parse the policy: Statement is empty!")]
    [InlineData("{ \"Statement\": \"x\" }", "Invalid policy syntax. Statement must be an object or a list of objects.")]
    [InlineData("{ \"Statement\": [1] }", "Invalid policy syntax. Statement must be an object or a list of objects.")]
    [InlineData("{ \"Statements\": [] }", "Unknown field Statements")]
    [InlineData("{ \"statement\": [] }", "Unknown field statement")]
    [InlineData("{ \"Statement\": [], \"Id\": 1 }", "Invalid policy syntax. Id must be a string.")]
    [InlineData("{ \"Statement\": [], \"Statement\": [] }", "Invalid policy syntax. Statement occurs more than once.")]
    public void A_bucket_policys_document(string document, string message) => Refused(message, () => Policy.ForBucket(document, "arn:aws:s3:::bucket"));

    [Theory]
    [InlineData($"\"Principal\": \"*\", {Get}", "Missing required field Effect")]
    [InlineData($"\"Effect\": \"Allow\", {Get}", "Missing required field Principal")]
    [InlineData($"{Allow}, \"Resource\": \"arn:aws:s3:::bucket/*\"", "Missing required field Action")]
    [InlineData($"{Allow}, \"Action\": \"s3:GetObject\"", "Missing required field Resource")]
    [InlineData($"{Allow}, \"Action\": [], \"Resource\": \"arn:aws:s3:::bucket\"", "Missing required field Action")]
    [InlineData($"{Allow}, \"Action\": \"s3:*\", \"Resource\": []", "Missing required field Resource")]
    [InlineData($"\"Effect\": \"allow\", \"Principal\": \"*\", {Get}", "Invalid effect: allow")]
    [InlineData($"\"Effect\": true, \"Principal\": \"*\", {Get}", "Invalid policy syntax. Effect must be a string.")]
    [InlineData($"{Allow}, {Get}, \"Sid\": 1", "Invalid policy syntax. Sid must be a string.")]
    [InlineData($"{Allow}, {Get}, \"Effect\": \"Deny\"", "Invalid policy syntax. Effect occurs more than once.")]
    [InlineData($"{Allow}, {Get}, \"Conditions\": {{}}", "Unknown field Conditions")]
    [InlineData($"{Allow}, {Get}, \"Bad\\u0007\\ufffe\": 1", "Unknown field Bad??")]
    [InlineData($"{Allow}, {Get}, \"NotPrincipal\": \"*\"", "Invalid policy syntax. Principal and NotPrincipal exclude each other.")]
    [InlineData($"{Allow}, {Get}, \"NotAction\": \"s3:*\"", "Invalid policy syntax. Action and NotAction exclude each other.")]
    [InlineData($"{Allow}, {Get}, \"NotResource\": \"arn:aws:s3:::bucket\"", "Invalid policy syntax. Resource and NotResource exclude each other.")]
    public void A_bucket_policys_statement(string statement, string message) => BucketRefuses(message, statement);

    [Theory]
    [InlineData("\"alice\"")]
    [InlineData("\"\"")]
    [InlineData("[\"*\"]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{ \"aws\": \"*\" }")]
    [InlineData("{ \"Group\": \"*\" }")]
    [InlineData("{ \"\\u0001\": 1 }")]
    [InlineData("{ \"AWS\": \"alice\" }")]
    [InlineData("{ \"AWS\": \"11112222333\" }")]
    [InlineData("{ \"AWS\": \"arn:aws:iam::111122223333:user/*\" }")]
    [InlineData("{ \"AWS\": \"arn:aws:iam::*:root\" }")]
    [InlineData("{ \"AWS\": \"arn:aws:iam::111122223333:group/g\" }")]
    [InlineData("{ \"AWS\": \"arn:aws:iam::111122223333:user/${aws:username}\" }")]
    [InlineData("{ \"AWS\": \"arn:aws:iam::111122223333:root\\n\" }")]
    [InlineData("{ \"AWS\": [\"*\", \"alice\"] }")]
    [InlineData("{ \"CanonicalUser\": \"*\" }")]
    [InlineData("{ \"Service\": \"*\" }")]
    [InlineData("{ \"Federated\": \"*\" }")]
    public void A_bucket_policys_principal(string principal) =>
        BucketRefuses("Invalid principal in policy", $"\"Effect\": \"Allow\", \"Principal\": {principal}, {Get}");

    [Theory]
    [InlineData("*")]
    [InlineData("bucket/*")]
    [InlineData("arn:aws:s3:::other/*")]
    [InlineData("arn:aws:s3:::bucket2")]
    [InlineData("arn:aws:s3:::buck")]
    [InlineData("arn:aws:s3:::Bucket/*")]
    [InlineData("arn:aws:s3:us-east-1::bucket/*")]
    [InlineData("arn:aws:s3::111122223333:bucket/*")]
    [InlineData("arn:aws-cn:s3:::bucket/*")]
    [InlineData("arn:aws:s3*:::bucket/*")]
    [InlineData("arn:aws:s3:::${aws:username}/*")]
    [InlineData("arn:aws:s3:::bucket/${aws:username")]
    [InlineData("arn:aws:s3:::bucket/${aws:username, nobody}")]
    [InlineData("arn:aws:s3:::bucket/${}")]
    public void A_bucket_policys_resource(string resource) =>
        BucketRefuses("Policy has invalid resource", $"{Allow}, \"Action\": \"s3:GetObject\", \"Resource\": \"{resource}\"", "2012-10-17");

    [Theory]
    [InlineData("GetObject")]
    [InlineData("s3:GetObjects")]
    [InlineData("s3:CreateBucket")]
    [InlineData("s3:ListAllMyBuckets")]
    [InlineData("kms:Decrypt")]
    [InlineData("ec2:*")]
    [InlineData("s3-object-lambda:*")]
    [InlineData("s3:")]
    [InlineData("")]
    [InlineData("s3:Foo*")]
    public void A_bucket_policys_action(string action) =>
        BucketRefuses("Policy has invalid action", $"{Allow}, \"Action\": \"{action}\", \"Resource\": [\"arn:aws:s3:::bucket\", \"arn:aws:s3:::bucket/*\"]");

    [Theory]
    [InlineData("s3:GetObject", "arn:aws:s3:::bucket")]
    [InlineData("s3:ListBucket", "arn:aws:s3:::bucket/*")]
    [InlineData("s3:PutBucket*", "arn:aws:s3:::bucket/*")]
    [InlineData("s3:*Object", "arn:aws:s3:::bucket")]
    public void An_action_without_a_resource_that_it_is_about(string action, string resource)
    {
        const string message = "Action does not apply to any resource(s) in statement";
        BucketRefuses(message, $"{Allow}, \"Action\": \"{action}\", \"Resource\": \"{resource}\"");
        BucketRefuses(message, $"{Allow}, \"Action\": [\"s3:*\", \"{action}\"], \"Resource\": \"{resource}\"");
    }

    [Theory]
    [InlineData("s3:*", "arn:aws:s3:::bucket")]
    [InlineData("s3:*", "arn:aws:s3:::bucket/*")]
    [InlineData("*", "arn:aws:s3:::bucket/a/b")]
    [InlineData("S3:getobject", "arn:aws:s3:::buc*")]
    [InlineData("s3:ListBucket", "arn:aws:s3:::buc?et")]
    [InlineData("s3:ListBucket", "arn:aws:s3:::*")]
    public void An_action_with_a_resource_that_it_is_about(string action, string resource) =>
        Policy.ForBucket($"{{ \"Statement\": {{ {Allow}, \"Action\": \"{action}\", \"Resource\": \"{resource}\" }} }}", "arn:aws:s3:::bucket");

    [Theory]
    [InlineData("StringEqual", "aws:UserAgent", "\"x\"", "Invalid Condition type : StringEqual")]
    [InlineData("stringequals", "aws:UserAgent", "\"x\"", "Invalid Condition type : stringequals")]
    [InlineData("NullIfExists", "aws:UserAgent", "\"true\"", "Invalid Condition type : NullIfExists")]
    [InlineData("ForAnyValue:Null", "aws:UserAgent", "\"true\"", "Invalid Condition type : ForAnyValue:Null")]
    [InlineData("ForAllValues:ForAnyValue:StringLike", "aws:UserAgent", "\"x\"", "Invalid Condition type : ForAllValues:ForAnyValue:StringLike")]
    [InlineData("StringEquals", "aws:Nothing", "\"x\"", "Policy has an invalid condition key")]
    [InlineData("StringEquals", "s3:x-amz-meta-a", "\"x\"", "Policy has an invalid condition key")]
    [InlineData("StringEquals", "kms:ViaService", "\"x\"", "Policy has an invalid condition key")]
    [InlineData("StringEquals", "ec2:Vpc", "\"x\"", "Policy has an invalid condition key")]
    [InlineData("StringEquals", "aws:PrincipalTag/", "\"x\"", "Policy has an invalid condition key")]
    [InlineData("StringEquals", "aws:PrincipalTag/*", "\"x\"", "Policy has an invalid condition key")]
    [InlineData("StringEquals", "UserAgent", "\"x\"", "Policy has an invalid condition key")]
    [InlineData("StringEquals", "s3:prefix", "\"x\"", "Conditions do not apply to combination of actions and resources in statement")]
    [InlineData("StringEquals", "s3:x-amz-server-side-encryption", "\"x\"", "Conditions do not apply to combination of actions and resources in statement")]
    [InlineData("StringEquals", "sse:EffectiveEncryption", "\"x\"", "Conditions do not apply to combination of actions and resources in statement")]
    [InlineData("IpAddress", "aws:SourceIp", "\"10.0.0.0/33\"", "Invalid IP address in Conditions")]
    [InlineData("IpAddress", "aws:SourceIp", "[\"10.0.0.0/8\", \"10.0.0\"]", "Invalid IP address in Conditions")]
    [InlineData("IpAddress", "aws:SourceIp", "\"010.0.0.1\"", "Invalid IP address in Conditions")]
    [InlineData("IpAddress", "aws:SourceIp", "\"[::1]\"", "Invalid IP address in Conditions")]
    [InlineData("NotIpAddress", "aws:SourceIp", "\"${aws:SourceIp}\"", "Invalid IP address in Conditions")]
    [InlineData("NumericEquals", "s3:TlsVersion", "\"one\"", "Invalid policy syntax. Condition NumericEquals of s3:tlsversion has the invalid value \"one\".")]
    [InlineData("DateLessThan", "aws:CurrentTime", "\"2026-13-01\"", "Invalid policy syntax. Condition DateLessThan of aws:currenttime has the invalid value \"2026-13-01\".")]
    [InlineData("Bool", "aws:SecureTransport", "\"yes\"", "Invalid policy syntax. Condition Bool of aws:securetransport has the invalid value \"yes\".")]
    [InlineData("Null", "aws:UserAgent", "\"${aws:username}\"", "Invalid policy syntax. Condition Null of aws:useragent has the invalid value \"${aws:username}\".")]
    [InlineData("ArnLike", "aws:SourceArn", "\"user/a\"", "Invalid policy syntax. Condition ArnLike of aws:sourcearn has the invalid value \"user/a\".")]
    [InlineData("BinaryEquals", "aws:UserAgent", "\"?\"", "Invalid policy syntax. Condition BinaryEquals of aws:useragent has the invalid value \"?\".")]
    [InlineData("StringLike", "aws:UserAgent", "\"${\"", "Invalid policy syntax. Condition StringLike of aws:useragent has the invalid value \"${\".")]
    [InlineData("StringLike", "aws:UserAgent", "\"${aws:nothing}\"", "Invalid policy syntax. There is no policy variable ${aws:nothing}.")]
    [InlineData("StringLike", "aws:UserAgent", "\"${aws:TagKeys}\"", "Invalid policy syntax. There is no policy variable ${aws:tagkeys}.")]
    [InlineData("StringLike", "aws:UserAgent", "[]", "Invalid policy syntax. aws:useragent must not be an empty list.")]
    [InlineData("StringLike", "aws:UserAgent", "null", "Invalid policy syntax. aws:useragent must be a string, a number, a Boolean or a list of them.")]
    [InlineData("StringLike", "aws:UserAgent", "[{}]", "Invalid policy syntax. aws:useragent must be a string, a number, a Boolean or a list of them.")]
    [InlineData("StringLike", "aws:UserAgent\": \"x\", \"AWS:useragent", "\"x\"", "Invalid policy syntax. AWS:useragent occurs more than once.")]
    public void A_bucket_policys_condition(string name, string key, string value, string message) =>
        BucketRefuses(message, $"{Allow}, {Get}, \"Condition\": {{ \"{name}\": {{ \"{key}\": {value} }} }}", "2012-10-17");

    [Theory]
    [InlineData("\"Condition\": []", "Invalid policy syntax. Condition must be an object.")]
    [InlineData("\"Condition\": { \"StringLike\": \"x\" }", "Invalid policy syntax. StringLike must be an object.")]
    [InlineData("\"Condition\": { \"Null\": {}, \"Null\": {} }", "Invalid policy syntax. Null occurs more than once.")]
    public void A_bucket_policys_condition_of_a_wrong_form(string condition, string message) => BucketRefuses(message, $"{Allow}, {Get}, {condition}");

    [Theory]
    [InlineData("", "Syntax errors in policy.")]
    [InlineData("\n{}", "JSON strings must not have leading spaces")]
    [InlineData("x", "Syntax errors in policy.")]
    [InlineData("{ \"Statement\": [ }", "Syntax errors in policy.")]
    [InlineData("[]", "Syntax errors in policy.")]
    [InlineData("{}", "Syntax errors in policy. Missing required field Statement.")]
    [InlineData("{ \"Statement\": [] }", "Syntax errors in policy. Statement is empty.")]
    [InlineData("{ \"Version\": \"2012\", \"Statement\": [] }", "Syntax errors in policy. Version must be 2012-10-17 or 2008-10-17.")]
    [InlineData("{ \"Foo\": 1 }", "Syntax errors in policy. Unknown field Foo.")]
    public void A_user_policys_document(string document, string message) => Refused(message, () => Policy.ForIdentity(document));

    [Theory]
    [InlineData("\"Action\": \"s3:*\", \"Resource\": \"*\"", "Syntax errors in policy. Missing required field Effect.")]
    [InlineData("\"Effect\": \"Permit\", \"Action\": \"s3:*\", \"Resource\": \"*\"", "Syntax errors in policy. Invalid effect: Permit.")]
    [InlineData("\"Effect\": \"Allow\", \"Resource\": \"*\"", "Policy statement must contain actions.")]
    [InlineData("\"Effect\": \"Allow\", \"Action\": [], \"Resource\": \"*\"", "Policy statement must contain actions.")]
    [InlineData("\"Effect\": \"Allow\", \"Action\": \"s3:*\"", "Policy statement must contain resources.")]
    [InlineData("\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": []", "Policy statement must contain resources.")]
    [InlineData("\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\", \"Principal\": \"*\"", "Policy document should not specify a principal.")]
    [InlineData("\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\", \"NotPrincipal\": \"*\"", "Policy document should not specify a principal.")]
    [InlineData("\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\", \"Sid\": \"a b\"", "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")]
    public void A_user_policys_statement(string statement, string message) => UserRefuses(message, statement);

    [Theory]
    [InlineData("GetObject", "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    [InlineData("s3:Get:Object", "Actions/Condition can contain only one colon.")]
    [InlineData("s3_:Get", "Vendor s3_ is not valid")]
    [InlineData(":Get", "Vendor  is not valid")]
    public void A_user_policys_action(string action, string message) => UserRefuses(message, $"\"Effect\": \"Allow\", \"Action\": \"{action}\", \"Resource\": \"*\"");

    [Theory]
    [InlineData("bucket", "Resource bucket must be in ARN format or \"*\".")]
    [InlineData("**", "Resource ** must be in ARN format or \"*\".")]
    [InlineData("", "Resource  must be in ARN format or \"*\".")]
    [InlineData("urn:aws:s3:::bucket", "Resource urn:aws:s3:::bucket must be in ARN format or \"*\".")]
    [InlineData("arn:foo:s3:::bucket", "Partition \"foo\" is not valid for resource \"arn:foo:s3:::bucket\".")]
    [InlineData("arn:aws", "Resource vendor must be fully qualified and cannot contain regexes.")]
    [InlineData("arn:aws:", "Resource vendor must be fully qualified and cannot contain regexes.")]
    [InlineData("arn:aws:s3::bucket", "The policy failed legacy parsing")]
    [InlineData("arn:aws:s3:bucket/key", "The policy failed legacy parsing")]
    [InlineData("arn:aws:kms:*:key/0d990263-018e-4e65-a703-eff731de951e", "The policy failed legacy parsing")]
    [InlineData("arn:aws:sqs:us-east-1:", "The policy failed legacy parsing")]
    [InlineData("arn:aws:s3:::${aws:nothing}", "Syntax errors in policy. There is no policy variable ${aws:nothing}.")]
    [InlineData("arn:aws:s3::${aws:PrincipalAccount}:bucket", "Resource arn:aws:s3::${aws:PrincipalAccount}:bucket must be in ARN format or \"*\".")]
    public void A_user_policys_resource(string resource, string message) => UserRefuses(message, $"\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"{resource}\"");

    [Theory]
    [InlineData("StringEquals", "s3:prefixes", "Policy has an invalid condition key: s3:prefixes")]
    [InlineData("StringEquals", "cloudtrail:x", "Policy has an invalid condition key: cloudtrail:x")]
    [InlineData("StringEquals", "prefix", "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    [InlineData("StringIs", "s3:prefix", "Syntax errors in policy. Invalid Condition type : StringIs.")]
    [InlineData("NumericEquals", "s3:max-keys", "Syntax errors in policy. Condition NumericEquals of s3:max-keys has the invalid value \"x\".")]
    public void A_user_policys_condition(string name, string key, string message) =>
        UserRefuses(message, $"\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": {{ \"{name}\": {{ \"{key}\": \"x\" }} }}");

    [Fact]
    public void A_user_policys_Sids_differ_and_a_bucket_policys_may_be_anything()
    {
        Refused("Statement IDs (SID) in a single policy must be unique.", () => Ask.UserPolicy($$"""
            [{ "Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*" }, { "Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*" }]
            """));
        Ask.UserPolicy($$"""[{ "Sid": "", "Effect": "Allow", "Action": "*", "Resource": "*" }, { "Sid": "", "Effect": "Deny", "Action": "*", "Resource": "*" }]""");
        Ask.BucketPolicy($$"""[{ "Sid": "a b", {{Allow}}, {{Get}} }, { "Sid": "a b", {{Allow}}, {{Get}} }]""");
    }

    [Fact]
    public void A_user_policy_may_speak_of_services_that_are_not_here()
    {
        Ask.UserPolicy("""
            { "Effect": "Allow", "Action": ["ec2:RunInstances", "s3-object-lambda:*", "*:*"], "Resource": ["arn:aws:ec2:*:*:instance/*", "arn:aws:sqs"],
              "Condition": { "StringLike": { "ec2:InstanceType": "t2.*", "aws:UserAgent": "${ec2:SourceInstanceARN}" } } }
            """);
    }

    [Theory]
    [InlineData("\"Action\": \"kms:Decrypts\", \"Resource\": \"*\"", "Policy contains a statement with one or more invalid actions.")]
    [InlineData("\"Action\": \"s3:GetObject\", \"Resource\": \"*\"", "Policy contains a statement with one or more invalid actions.")]
    [InlineData("\"Action\": \"kms:*\", \"Resource\": \"arn:aws:s3:::bucket\"", "Policy contains a statement with one or more invalid resources.")]
    [InlineData("\"Action\": \"kms:*\", \"Resource\": \"arn:aws:kms:us-east-1:111122223333:alias/a\"", "Policy contains a statement with one or more invalid resources.")]
    [InlineData("\"Action\": \"kms:*\"", "Missing required field Resource")]
    [InlineData("\"Resource\": \"*\"", "Missing required field Action")]
    [InlineData("\"Action\": \"kms:*\", \"Resource\": \"*\", \"Condition\": { \"StringEquals\": { \"s3:prefix\": \"x\" } }", "Policy has an invalid condition key: s3:prefix")]
    public void A_keys_policy(string statement, string message) => Refused(message, () => Policy.ForKey($"{{ \"Statement\": {{ {Allow}, {statement} }} }}"));

    [Fact]
    public void A_keys_policy_with_a_principal_of_no_known_form() =>
        Refused("Policy contains a statement with one or more invalid principals.", () => Policy.ForKey("""
            { "Statement": { "Effect": "Allow", "Principal": { "AWS": "alice" }, "Action": "kms:*", "Resource": "*" } }
            """));

    [Fact]
    public void A_document_with_half_a_surrogate_pair_is_no_document() =>
        Refused("Syntax errors in policy.", () => Policy.ForIdentity("{ \"Id\": \"\ud800\" }"));

    private static void BucketRefuses(string message, string statement, string version = "2008-10-17") =>
        Refused(message, () => Policy.ForBucket($"{{ \"Version\": \"{version}\", \"Statement\": [{{ {statement} }}] }}", "arn:aws:s3:::bucket"));

    private static void UserRefuses(string message, string statement) => Refused(message, () => Ask.UserPolicy($"{{ {statement} }}"));

    private static void Refused(string message, Func<Policy> parse) => Assert.Equal(message, Assert.Throws<PolicyException>(parse).Message);
}
