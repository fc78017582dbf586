using System.Collections.Frozen;

namespace Serverless.Access;

/// <summary>What kind of resource an S3 action is about.</summary>
internal enum S3ResourceLevel { Bucket, Object }

/// <summary>
/// The actions that resources' policies can name
/// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_s3.html, https://docs.aws.amazon.com/service-authorization/latest/reference/list_kms.html),
/// without the service's prefix. Case does not count.
/// </summary>
internal static class ActionTable
{
    private const string S3BucketActions = """
        AllowVendedLogDeliveryForResource CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration
        DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac GetBucketAcl GetBucketCORS
        GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration GetBucketNotification GetBucketObjectLockConfiguration
        GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging
        GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
        GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucket ListBucketMultipartUploads ListBucketVersions
        ListTagsForResource PauseReplication PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS
        PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
        PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration PutIntelligentTieringConfiguration
        PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration PutReplicationConfiguration TagResource UntagResource
        UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration
        """;

    private const string S3ObjectActions = """
        AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersion
        DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes GetObjectLegalHold
        GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation
        GetObjectVersionAnnotationForReplication GetObjectVersionAttributes GetObjectVersionForReplication GetObjectVersionTagging
        GetObjectVersionTorrent InitiateReplication ListMultipartUploadParts ListObjectAnnotations ListObjectVersionAnnotations
        ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl PutObjectAnnotation PutObjectLegalHold PutObjectRetention PutObjectTagging
        PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging ReplicateDelete ReplicateObject ReplicateObjectAnnotation ReplicateTags
        RestoreObject UpdateObjectEncryption
        """;

    private const string KmsActions = """
        CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey Decrypt DeleteAlias DeleteCustomKeyStore
        DeleteImportedKeyMaterial DeriveSharedSecret DescribeCustomKeyStores DescribeKey DisableKey DisableKeyRotation DisconnectCustomKeyStore
        EnableKey EnableKeyRotation Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext
        GenerateMac GenerateRandom GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey ImportKeyMaterial ListAliases
        ListGrants ListKeyPolicies ListKeyRotations ListKeys ListResourceTags ListRetirableGrants PutKeyPolicy ReEncryptFrom ReEncryptTo ReplicateKey
        RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey TagResource UntagResource UpdateAlias
        UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac
        """;

    /// <summary>S3's actions on a bucket or its objects. A bucket's policy cannot name the others, such as CreateBucket, ListAllMyBuckets and what concerns access points.</summary>
    public static readonly FrozenDictionary<string, S3ResourceLevel> S3 =
        Names(S3BucketActions).Select(name => KeyValuePair.Create("s3:" + name, S3ResourceLevel.Bucket))
            .Concat(Names(S3ObjectActions).Select(name => KeyValuePair.Create("s3:" + name, S3ResourceLevel.Object)))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>KMS's actions.</summary>
    public static readonly FrozenSet<string> Kms = Names(KmsActions).Select(name => "kms:" + name).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an action, perhaps with wildcards, is one of the known ones at least.</summary>
    public static bool IsKnown(IEnumerable<string> known, string action)
    {
        var pattern = Pattern.TryParse(action, PatternKind.WildcardIgnoreCase, hasVariables: false)!;
        return known.Any(name => pattern.Matches(name, NoConditionKeys.Instance));
    }

    private static string[] Names(string block) => block.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
