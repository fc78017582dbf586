namespace Serverless.Objects.Tests.Api;

/// <summary>
/// Every operation of S3's API as the request that it is: its verb, path, subresource and the parameters that it cannot be without
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html).
/// </summary>
internal sealed record S3ApiOperation(string Name, string Method, string Bucket, string Key, string Query)
{
    /// <summary>Those of endpoints that this is none of: they look like other requests, and are signed for another service.</summary>
    public static IReadOnlyList<string> OfOtherEndpoints { get; } = ["ListDirectoryBuckets", "WriteGetObjectResponse"];

    public static IReadOnlyList<S3ApiOperation> All { get; } = [.. Requests.Split('\n').Select(Parse)];

    /// <summary>Whether it is told from another by the header that names a copy's source.</summary>
    public bool Copies => Name is "CopyObject" or "UploadPartCopy";

    private static S3ApiOperation Parse(string line)
    {
        var parts = line.Split(' ');
        var (path, query) = parts[2].Split('?') is [var before, var after] ? (before, after) : (parts[2], "");
        var names = path.Split('/');
        return new(parts[0], parts[1], names[1], names.ElementAtOrDefault(2) ?? "", query);
    }

    private const string Requests = """
        AbortMultipartUpload DELETE /bucket/key?uploadId=1
        CompleteMultipartUpload POST /bucket/key?uploadId=1
        CopyObject PUT /bucket/key
        CreateBucket PUT /bucket
        CreateBucketMetadataConfiguration POST /bucket?metadataConfiguration
        CreateBucketMetadataTableConfiguration POST /bucket?metadataTable
        CreateMultipartUpload POST /bucket/key?uploads
        CreateSession GET /bucket?session
        DeleteBucket DELETE /bucket
        DeleteBucketAnalyticsConfiguration DELETE /bucket?analytics&id=1
        DeleteBucketCors DELETE /bucket?cors
        DeleteBucketEncryption DELETE /bucket?encryption
        DeleteBucketIntelligentTieringConfiguration DELETE /bucket?intelligent-tiering&id=1
        DeleteBucketInventoryConfiguration DELETE /bucket?inventory&id=1
        DeleteBucketLifecycle DELETE /bucket?lifecycle
        DeleteBucketMetadataConfiguration DELETE /bucket?metadataConfiguration
        DeleteBucketMetadataTableConfiguration DELETE /bucket?metadataTable
        DeleteBucketMetricsConfiguration DELETE /bucket?metrics&id=1
        DeleteBucketOwnershipControls DELETE /bucket?ownershipControls
        DeleteBucketPolicy DELETE /bucket?policy
        DeleteBucketReplication DELETE /bucket?replication
        DeleteBucketTagging DELETE /bucket?tagging
        DeleteBucketWebsite DELETE /bucket?website
        DeleteObject DELETE /bucket/key
        DeleteObjectTagging DELETE /bucket/key?tagging
        DeleteObjects POST /bucket?delete
        DeletePublicAccessBlock DELETE /bucket?publicAccessBlock
        GetBucketAbac GET /bucket?abac
        GetBucketAccelerateConfiguration GET /bucket?accelerate
        GetBucketAcl GET /bucket?acl
        GetBucketAnalyticsConfiguration GET /bucket?analytics&id=1
        GetBucketCors GET /bucket?cors
        GetBucketEncryption GET /bucket?encryption
        GetBucketIntelligentTieringConfiguration GET /bucket?intelligent-tiering&id=1
        GetBucketInventoryConfiguration GET /bucket?inventory&id=1
        GetBucketLifecycle GET /bucket?lifecycle
        GetBucketLifecycleConfiguration GET /bucket?lifecycle
        GetBucketLocation GET /bucket?location
        GetBucketLogging GET /bucket?logging
        GetBucketMetadataConfiguration GET /bucket?metadataConfiguration
        GetBucketMetadataTableConfiguration GET /bucket?metadataTable
        GetBucketMetricsConfiguration GET /bucket?metrics&id=1
        GetBucketNotification GET /bucket?notification
        GetBucketNotificationConfiguration GET /bucket?notification
        GetBucketOwnershipControls GET /bucket?ownershipControls
        GetBucketPolicy GET /bucket?policy
        GetBucketPolicyStatus GET /bucket?policyStatus
        GetBucketReplication GET /bucket?replication
        GetBucketRequestPayment GET /bucket?requestPayment
        GetBucketTagging GET /bucket?tagging
        GetBucketVersioning GET /bucket?versioning
        GetBucketWebsite GET /bucket?website
        GetObject GET /bucket/key
        GetObjectAcl GET /bucket/key?acl
        GetObjectAttributes GET /bucket/key?attributes
        GetObjectLegalHold GET /bucket/key?legal-hold
        GetObjectLockConfiguration GET /bucket?object-lock
        GetObjectRetention GET /bucket/key?retention
        GetObjectTagging GET /bucket/key?tagging
        GetObjectTorrent GET /bucket/key?torrent
        GetPublicAccessBlock GET /bucket?publicAccessBlock
        HeadBucket HEAD /bucket
        HeadObject HEAD /bucket/key
        ListBucketAnalyticsConfigurations GET /bucket?analytics
        ListBucketIntelligentTieringConfigurations GET /bucket?intelligent-tiering
        ListBucketInventoryConfigurations GET /bucket?inventory
        ListBucketMetricsConfigurations GET /bucket?metrics
        ListBuckets GET /
        ListMultipartUploads GET /bucket?uploads
        ListObjectVersions GET /bucket?versions
        ListObjects GET /bucket
        ListObjectsV2 GET /bucket?list-type=2
        ListParts GET /bucket/key?uploadId=1
        PutBucketAbac PUT /bucket?abac
        PutBucketAccelerateConfiguration PUT /bucket?accelerate
        PutBucketAcl PUT /bucket?acl
        PutBucketAnalyticsConfiguration PUT /bucket?analytics&id=1
        PutBucketCors PUT /bucket?cors
        PutBucketEncryption PUT /bucket?encryption
        PutBucketIntelligentTieringConfiguration PUT /bucket?intelligent-tiering&id=1
        PutBucketInventoryConfiguration PUT /bucket?inventory&id=1
        PutBucketLifecycle PUT /bucket?lifecycle
        PutBucketLifecycleConfiguration PUT /bucket?lifecycle
        PutBucketLogging PUT /bucket?logging
        PutBucketMetricsConfiguration PUT /bucket?metrics&id=1
        PutBucketNotification PUT /bucket?notification
        PutBucketNotificationConfiguration PUT /bucket?notification
        PutBucketOwnershipControls PUT /bucket?ownershipControls
        PutBucketPolicy PUT /bucket?policy
        PutBucketReplication PUT /bucket?replication
        PutBucketRequestPayment PUT /bucket?requestPayment
        PutBucketTagging PUT /bucket?tagging
        PutBucketVersioning PUT /bucket?versioning
        PutBucketWebsite PUT /bucket?website
        PutObject PUT /bucket/key
        PutObjectAcl PUT /bucket/key?acl
        PutObjectLegalHold PUT /bucket/key?legal-hold
        PutObjectLockConfiguration PUT /bucket?object-lock
        PutObjectRetention PUT /bucket/key?retention
        PutObjectTagging PUT /bucket/key?tagging
        PutPublicAccessBlock PUT /bucket?publicAccessBlock
        RenameObject PUT /bucket/key?renameObject
        RestoreObject POST /bucket/key?restore
        SelectObjectContent POST /bucket/key?select&select-type=2
        UpdateBucketMetadataInventoryTableConfiguration PUT /bucket?metadataInventoryTable
        UpdateBucketMetadataJournalTableConfiguration PUT /bucket?metadataJournalTable
        UpdateObjectEncryption PUT /bucket/key?encryption
        UploadPart PUT /bucket/key?partNumber=1&uploadId=1
        UploadPartCopy PUT /bucket/key?partNumber=1&uploadId=1
        """;
}
