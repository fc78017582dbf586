namespace Serverless.Access.Tests;

/// <summary>The condition keys and actions that documents can name.</summary>
public sealed class KnownNamesTests
{
    public static TheoryData<string> GlobalKeys =>
    [
        "aws:SecureTransport", "aws:SourceIp", "aws:CurrentTime", "aws:EpochTime", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType",
        "aws:PrincipalTag/Team", "aws:userid", "aws:username", "aws:UserAgent", "aws:Referer", "aws:RequestedRegion", "aws:ResourceAccount", "aws:ResourceTag/a:b/c",
        "aws:RequestTag/x", "aws:TagKeys", "aws:ViaAWSService", "aws:PrincipalIsAWSService", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:SourceArn",
        "aws:SourceAccount", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp", "aws:TokenIssueTime", "aws:FederatedProvider", "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths", "aws:PrincipalServiceName", "aws:CalledVia",
    ];

    public static TheoryData<string> S3Keys =>
    [
        "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption-customer-algorithm", "s3:prefix",
        "s3:delimiter", "s3:max-keys", "s3:x-amz-acl", "s3:x-amz-grant-read", "s3:x-amz-grant-write-acp", "s3:x-amz-grant-full-control", "s3:x-amz-copy-source",
        "s3:x-amz-metadata-directive", "s3:x-amz-storage-class", "s3:x-amz-content-sha256", "s3:signatureversion", "s3:signatureAge", "s3:authType", "s3:TlsVersion",
        "s3:ResourceAccount", "s3:ExistingObjectTag/a", "s3:RequestObjectTag/a", "s3:RequestObjectTagKeys", "s3:versionid", "s3:VersionId", "s3:LocationConstraint",
        "s3:object-lock-mode", "s3:object-lock-retain-until-date", "s3:object-lock-remaining-retention-days", "s3:object-lock-legal-hold", "s3:if-match",
        "s3:if-none-match", "s3:x-amz-object-ownership", "s3:InventoryAccessibleOptionalFields", "s3:AccessPointNetworkOrigin", "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn", "sse:EffectiveEncryption", "sse:EffectiveKeyArn",
    ];

    public static TheoryData<string> KmsKeys =>
    [
        "kms:ViaService", "kms:CallerAccount", "kms:EncryptionContext:aws:s3:arn", "kms:EncryptionContextKeys", "kms:GrantOperations", "kms:GranteePrincipal",
        "kms:RetiringPrincipal", "kms:GrantConstraintType", "kms:GrantIsForAWSResource", "kms:KeySpec", "kms:KeyUsage", "kms:KeyOrigin", "kms:RequestAlias",
        "kms:ResourceAliases", "kms:ExpirationModel", "kms:ValidTo", "kms:WrappingAlgorithm", "kms:WrappingKeySpec", "kms:ReEncryptOnSameKey",
        "kms:BypassPolicyLockoutSafetyCheck", "kms:ScheduleKeyDeletionPendingWindowInDays", "kms:RotationPeriodInDays", "kms:DataKeyPairSpec",
        "kms:EncryptionAlgorithm", "kms:MacAlgorithm", "kms:MultiRegion", "kms:MultiRegionKeyType", "kms:PrimaryRegion", "kms:ReplicaRegion", "kms:MessageType",
        "kms:SigningAlgorithm", "kms:CustomerMasterKeySpec", "kms:CustomerMasterKeyUsage", "kms:RecipientAttestation:PCR0",
    ];

    [Theory]
    [MemberData(nameof(GlobalKeys))]
    [MemberData(nameof(S3Keys))]
    public void A_buckets_policy_can_name(string key) => AssertNames(InBucketPolicy(key), key);

    [Theory]
    [MemberData(nameof(GlobalKeys))]
    [MemberData(nameof(KmsKeys))]
    public void A_keys_policy_can_name(string key) => AssertNames(InKeyPolicy(key), key);

    [Theory]
    [MemberData(nameof(GlobalKeys))]
    [MemberData(nameof(S3Keys))]
    [MemberData(nameof(KmsKeys))]
    [InlineData("iam:PassedToService")]
    [InlineData("sts:ExternalId")]
    public void A_users_policy_can_name(string key) =>
        AssertNames(Ask.UserPolicy($$"""{ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": { "Null": { "{{key}}": "true" } } }"""), key);

    [Theory]
    [MemberData(nameof(S3Keys))]
    public void A_keys_policy_cannot_name(string key) => Assert.Throws<PolicyException>(() => InKeyPolicy(key));

    [Theory]
    [MemberData(nameof(KmsKeys))]
    public void A_buckets_policy_cannot_name(string key) => Assert.Throws<PolicyException>(() => InBucketPolicy(key));

    [Theory]
    [InlineData("s3:prefix", "s3:ListBucket", "bucket")]
    [InlineData("s3:PREFIX", "S3:listbucketversions", "bucket")]
    [InlineData("s3:prefix", "s3:List*", "bucket")]
    [InlineData("s3:x-amz-acl", "s3:PutObjectAcl", "bucket/*")]
    [InlineData("sse:EffectiveEncryption", "s3:PutObject", "bucket/*")]
    [InlineData("s3:ExistingObjectTag/a", "s3:GetObject", "bucket/*")]
    [InlineData("s3:TlsVersion", "s3:GetObject", "bucket/*")]
    public void A_condition_applies_to_an_action_whose_requests_have_its_key(string key, string action, string resource) =>
        Ask.BucketPolicy($$"""
            { "Effect": "Deny", "Principal": "*", "Action": "{{action}}", "Resource": "arn:aws:s3:::{{resource}}", "Condition": { "Null": { "{{key}}": "true" } } }
            """);

    [Fact]
    public void Every_action_that_a_condition_is_confined_to_is_an_action()
    {
        foreach (string key in S3Keys)
        {
            Assert.Subset(ActionTable.S3.Keys.Append("s3:CreateBucket").ToHashSet(), ConditionKeyTable.Find(key.ToLowerInvariant())!.Actions.ToHashSet());
        }
    }

    [Theory]
    [InlineData("s3:existingobjecttag/", true)]
    [InlineData("s3:existingobjecttag/team", true)]
    [InlineData("s3:existingobjecttag/other", false)]
    [InlineData("s3:requestobjecttag/", false)]
    [InlineData("aws:username", true)]
    [InlineData("aws:userid", true)]
    [InlineData("aws:sourceip", false)]
    public void A_policy_tells_which_keys_it_mentions(string key, bool mentions) =>
        Assert.Equal(mentions, Ask.BucketPolicy("""
            { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/${aws:userid}/*",
              "Condition": { "StringEquals": { "s3:ExistingObjectTag/Team": "${aws:username, 'x'}" } } }
            """).Mentions(key));

    private static void AssertNames(Policy policy, string key) => Assert.True(policy.Mentions(key.ToLowerInvariant()));

    private static Policy InBucketPolicy(string key) => Ask.BucketPolicy($$"""
        { "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket/*", "Condition": { "Null": { "{{key}}": "true" } } }
        """);

    private static Policy InKeyPolicy(string key) => Policy.ForKey($$"""
        { "Statement": { "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": { "Null": { "{{key}}": "true" } } } }
        """);
}
