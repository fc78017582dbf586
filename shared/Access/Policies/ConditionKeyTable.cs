using System.Collections.Frozen;

namespace Serverless.Access;

/// <summary>What is known of a condition key.</summary>
/// <param name="IsMultivalued">Whether a request may have several values for it, so that it cannot be a policy variable.</param>
/// <param name="Actions">The only S3 actions, with their prefix, whose requests have it; empty where it is not so confined.</param>
internal sealed record ConditionKey(bool IsMultivalued, FrozenSet<string> Actions);

/// <summary>
/// The condition keys that policies can name
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and, for each service,
/// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html). Case does not count.
/// </summary>
internal static class ConditionKeyTable
{
    // A line each; indented lines continue it. "[]" marks a multivalued key, "*" stands for the name of a tag, of an element of the encryption context and so on.
    // What follows the key are the S3 actions to which it is confined.
    private const string Lines = """
        aws:AssumedRoot
        aws:CalledVia[]
        aws:CalledViaFirst
        aws:CalledViaLast
        aws:ChatbotSourceArn
        aws:CurrentTime
        aws:Ec2InstanceSourcePrivateIPv4
        aws:Ec2InstanceSourceVpc
        aws:EpochTime
        aws:FederatedProvider
        aws:MultiFactorAuthAge
        aws:MultiFactorAuthPresent
        aws:PrincipalAccount
        aws:PrincipalArn
        aws:PrincipalIsAWSService
        aws:PrincipalOrgID
        aws:PrincipalOrgPaths[]
        aws:PrincipalServiceName
        aws:PrincipalServiceNamesList[]
        aws:PrincipalTag/*
        aws:PrincipalType
        aws:Referer
        aws:RequestedRegion
        aws:RequestTag/*
        aws:ResourceAccount
        aws:ResourceOrgID
        aws:ResourceOrgPaths[]
        aws:ResourceTag/*
        aws:SecureTransport
        aws:SourceAccount
        aws:SourceArn
        aws:SourceIdentity
        aws:SourceIp
        aws:SourceOrgID
        aws:SourceOrgPaths[]
        aws:SourceOwner
        aws:SourceVpc
        aws:SourceVpcArn
        aws:SourceVpce
        aws:TagKeys[]
        aws:TokenIssueTime
        aws:UserAgent
        aws:userid
        aws:username
        aws:ViaAWSService
        aws:VpceAccount
        aws:VpceOrgID
        aws:VpceOrgPaths[]
        aws:VpcSourceIp

        s3:AccessGrantScope
        s3:AccessGrantsInstanceArn
        s3:AccessGrantsLocationScope
        s3:AccessPointNetworkOrigin
        s3:AccessPointTag/*
        s3:annotation-prefix ListObjectAnnotations ListObjectVersionAnnotations
        s3:authType
        s3:BucketTag/*
        s3:DataAccessPointAccount
        s3:DataAccessPointArn
        s3:delimiter ListBucket ListBucketVersions
        s3:deliverySourceArn AllowVendedLogDeliveryForResource
        s3:destinationRegion PauseReplication
        s3:ExistingJobOperation
        s3:ExistingJobPriority
        s3:ExistingObjectTag/* DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObject
            GetObjectAcl GetObjectAnnotation GetObjectAttributes GetObjectTagging GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation
            GetObjectVersionAttributes GetObjectVersionTagging ListObjectAnnotations ListObjectVersionAnnotations PutObjectAcl PutObjectAnnotation
            PutObjectTagging PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging UpdateObjectEncryption
        s3:if-match DeleteObject PutObject
        s3:if-none-match PutObject
        s3:InventoryAccessibleOptionalFields[] PutInventoryConfiguration
        s3:isReplicationPauseRequest PutReplicationConfiguration
        s3:JobSuspendedCause
        s3:locationconstraint CreateBucket
        s3:logType AllowVendedLogDeliveryForResource
        s3:max-annotation-results ListObjectAnnotations ListObjectVersionAnnotations
        s3:max-keys ListBucket ListBucketVersions
        s3:object-lock-event-hold PutObject PutObjectRetention ReplicateObject
        s3:object-lock-event-hold-duration-days PutObject PutObjectRetention ReplicateObject
        s3:object-lock-legal-hold PutObject PutObjectLegalHold
        s3:object-lock-mode PutObject PutObjectRetention
        s3:object-lock-remaining-retention-days PutObject PutObjectRetention
        s3:object-lock-retain-until-date PutObject PutObjectRetention
        s3:ObjectCreationOperation PutObject
        s3:prefix ListBucket ListBucketVersions
        s3:RequestJobOperation
        s3:RequestJobPriority
        s3:RequestObjectTag/* BypassGovernanceRetention PutObject PutObjectTagging PutObjectVersionTagging
        s3:RequestObjectTagKeys[] BypassGovernanceRetention PutObject PutObjectTagging PutObjectVersionTagging
        s3:ResourceAccount
        s3:resourceArnBeingAuthorized AllowVendedLogDeliveryForResource
        s3:signatureAge
        s3:signatureversion
        s3:TlsVersion
        s3:versionid DeleteObjectVersion DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObjectVersion GetObjectVersionAcl
            GetObjectVersionAnnotation GetObjectVersionAttributes GetObjectVersionTagging GetObjectVersionTorrent ListObjectVersionAnnotations
            PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging
        s3:x-amz-acl BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
        s3:x-amz-bucket-namespace CreateBucket
        s3:x-amz-content-sha256
        s3:x-amz-copy-source BypassGovernanceRetention PutObject
        s3:x-amz-grant-full-control BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
        s3:x-amz-grant-read BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
        s3:x-amz-grant-read-acp BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
        s3:x-amz-grant-write BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
        s3:x-amz-grant-write-acp BypassGovernanceRetention CreateBucket PutBucketAcl PutObject PutObjectAcl PutObjectVersionAcl
        s3:x-amz-metadata-directive BypassGovernanceRetention PutObject
        s3:x-amz-object-annotation-directive PutObject
        s3:x-amz-object-if-match DeleteObjectAnnotation DeleteObjectVersionAnnotation PutObjectAnnotation PutObjectVersionAnnotation
        s3:x-amz-object-ownership CreateBucket
        s3:x-amz-server-side-encryption BypassGovernanceRetention PutObject ReplicateObject UpdateObjectEncryption
        s3:x-amz-server-side-encryption-aws-kms-key-id BypassGovernanceRetention PutObject ReplicateObject UpdateObjectEncryption
        s3:x-amz-server-side-encryption-customer-algorithm BypassGovernanceRetention PutObject ReplicateObject
        s3:x-amz-storage-class BypassGovernanceRetention PutObject PutObjectAcl PutObjectVersionAcl
        s3:x-amz-website-redirect-location BypassGovernanceRetention PutObject

        sse:EffectiveEncryption PutObject UpdateObjectEncryption
        sse:EffectiveKeyArn PutObject UpdateObjectEncryption

        kms:BypassPolicyLockoutSafetyCheck
        kms:CallerAccount
        kms:CustomerMasterKeySpec
        kms:CustomerMasterKeyUsage
        kms:DataKeyPairSpec
        kms:EncryptionAlgorithm
        kms:EncryptionContext:*
        kms:EncryptionContextKeys[]
        kms:ExpirationModel
        kms:GrantConstraintSourceArn
        kms:GrantConstraintType
        kms:GranteePrincipal
        kms:GranteeServicePrincipal
        kms:GrantIsForAWSResource
        kms:GrantOperations[]
        kms:KeyAgreementAlgorithm
        kms:KeyOrigin
        kms:KeySpec
        kms:KeyUsage
        kms:MacAlgorithm
        kms:MessageType
        kms:MultiRegion
        kms:MultiRegionKeyType
        kms:PrimaryRegion
        kms:ReEncryptOnSameKey
        kms:ReplicaRegion
        kms:RequestAlias
        kms:ResourceAliases[]
        kms:RetiringPrincipal
        kms:RetiringServicePrincipal
        kms:RotationPeriodInDays
        kms:ScheduleKeyDeletionPendingWindowInDays
        kms:SigningAlgorithm
        kms:TrailingDaysWithoutKeyUsage
        kms:ValidTo
        kms:ViaService
        kms:WrappingAlgorithm
        kms:WrappingKeySpec
        kms:RecipientAttestation:*

        iam:AccountPropertyNamespaces[]
        iam:AssociatedResourceArn
        iam:AWSServiceName
        iam:DelegationDuration
        iam:DelegationRequestOwner
        iam:FIDO-certification
        iam:FIDO-FIPS-140-2-certification
        iam:FIDO-FIPS-140-3-certification
        iam:NotificationChannel
        iam:OrganizationsPolicyId
        iam:PassedToService
        iam:PermissionsBoundary
        iam:PolicyARN
        iam:RegisterSecurityKey
        iam:ResourceTag/*
        iam:RoleTemplateARN
        iam:ServiceSpecificCredentialAgeDays
        iam:ServiceSpecificCredentialServiceName
        iam:TemplateArn

        sts:AWSServiceName
        sts:DurationSeconds
        sts:ExternalId
        sts:IdentityTokenAudience[]
        sts:RequestContext/*
        sts:RequestContextProviders[]
        sts:RoleAuthorizedByIdp
        sts:RoleSessionName
        sts:SigningAlgorithm
        sts:SourceIdentity
        sts:TaskPolicyArn
        sts:TransitiveTagKeys[]
        """;

    private static readonly FrozenDictionary<string, ConditionKey> All = Parse();

    private static readonly KeyValuePair<string, ConditionKey>[] Families =
        [.. All.Where(entry => entry.Key.EndsWith('*')).Select(entry => KeyValuePair.Create(entry.Key[..^1], entry.Value))];

    private static readonly FrozenSet<string> Services = All.Keys.Select(ServiceOf).Append("cloudtrail").ToFrozenSet();

    /// <param name="key">The key's name in lower case, as <c>aws:principaltag/team</c>.</param>
    /// <returns>Null where there is no such key.</returns>
    public static ConditionKey? Find(string key)
    {
        if (All.TryGetValue(key, out var found))
        {
            return key.EndsWith('*') ? null : found;
        }
        foreach (var (prefix, family) in Families)
        {
            if (key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.Ordinal))
            {
                return family;
            }
        }
        return null;
    }

    /// <summary>What is before the first colon: the service whose key it is, <c>aws</c> for all.</summary>
    public static string ServiceOf(string key) => key[..Math.Max(0, key.IndexOf(':'))];

    /// <summary>Whether all keys of a service, given in lower case, are in this table.</summary>
    public static bool Covers(string service) => Services.Contains(service);

    private static FrozenDictionary<string, ConditionKey> Parse()
    {
        var keys = new Dictionary<string, ConditionKey>();
        foreach (var line in Lines.Replace("\n    ", " ").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var isMultivalued = words[0].EndsWith("[]", StringComparison.Ordinal);
            keys.Add(
                (isMultivalued ? words[0][..^2] : words[0]).ToLowerInvariant(),
                new(isMultivalued, words.Skip(1).Select(action => "s3:" + action).ToFrozenSet(StringComparer.OrdinalIgnoreCase)));
        }
        return keys.ToFrozenDictionary();
    }
}
