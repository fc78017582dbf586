namespace Serverless.EndToEnd.Recordings;

/// <summary>The recordings that cannot be replayed yet, and for want of what. The one list: whatever is neither here nor replayed fails a test.</summary>
internal static class NotReplayed
{
    private const string Copy = "CopyObject";
    private const string Multipart = "multipart uploads";
    private const string Versioning = "versioning";
    private const string BucketEncryption = "a bucket's default encryption";
    private const string Attributes = "GetObjectAttributes";
    private const string DeleteObjects = "DeleteObjects";

    private static readonly (string Test, string Missing)[] WholeTests =
    [
        ("TestS3::test_s3_copy_object_in_place_versioned", Versioning),
        ("TestS3::test_s3_multipart_upload_sse", Multipart),
        ("TestS3SSECEncryption::test_multipart_upload_sse_c", Multipart),
        ("TestS3SSECEncryption::test_multipart_upload_sse_c_validation", Multipart),
        ("TestS3SSECEncryption::test_sse_c_with_versioning", Versioning),
        ("TestS3BucketEncryption::", BucketEncryption),
        ("TestS3Multipart::", Multipart),
        ("TestS3ObjectWritePrecondition::test_copy_object_", Copy),
        ("TestS3ObjectWritePrecondition::test_multipart_", Multipart),
        ("TestS3ObjectWritePrecondition::test_put_object_if_match_versioned_bucket", Versioning),
        ("TestS3ObjectWritePrecondition::test_put_object_if_none_match_versioned_bucket", Versioning),
    ];

    /// <summary>By the recording's name, or its beginning.</summary>
    private static readonly (string Test, string Recording, string Missing)[] Recordings =
    [
        ("TestS3::test_copy_in_place_with_bucket_encryption", "copy-obj", Copy),
        ("TestS3::test_copy_in_place_with_bucket_encryption", "put-bucket-encryption", BucketEncryption),
        ("TestS3::test_copy_object_kms", "copy-object", Copy),
        ("TestS3::test_copy_object_kms", "get-copied-object", Copy),
        ("TestS3::test_s3_copy_object_in_place", "copy-", Copy),
        ("TestS3::test_s3_copy_object_in_place", "get-object-copied", Copy),
        ("TestS3::test_s3_copy_object_in_place", "head-copy-", Copy),
        ("TestS3::test_s3_copy_object_in_place", "head-replace-", Copy),
        ("TestS3::test_s3_copy_object_in_place", "head-object-after-copy", Copy),
        ("TestS3::test_s3_copy_object_in_place", "head-object-copied", Copy),
        ("TestS3::test_s3_copy_object_in_place", "no-metadata-directive-fail", Copy),
        ("TestS3::test_s3_copy_object_in_place", "object-attrs", Attributes),
        ("TestS3::test_s3_copy_object_in_place", "object-acl", "GetObjectAcl"),
        ("TestS3::test_s3_sse_bucket_key_default", "get-bucket-encryption", BucketEncryption),
        ("TestS3::test_s3_sse_bucket_key_default", "put-bucket-encryption", BucketEncryption),
        ("TestS3::test_s3_sse_bucket_key_default", "put-obj-after-setting", BucketEncryption),
        ("TestS3::test_s3_sse_bucket_key_default", "get-obj-after-setting", BucketEncryption),
        ("TestS3::test_s3_sse_bucket_key_default", "get-obj-default-after-setting", BucketEncryption),
        ("TestS3::test_s3_sse_default_kms_key", "get-bucket-encryption-", BucketEncryption),
        ("TestS3::test_s3_sse_default_kms_key", "put-bucket-encryption-", BucketEncryption),
        ("TestS3::test_s3_sse_default_kms_key", "put-obj-default-kms-s3-key-from-bucket", BucketEncryption),
        ("TestS3::test_s3_sse_default_kms_key", "get-obj-default-kms-s3-key-from-bucket", BucketEncryption),
        ("TestS3::test_s3_sse_validate_kms_key", "copy-obj-wrong-kms-key", Copy),
        ("TestS3::test_s3_sse_validate_kms_key", "create-multipart-wrong-kms-key", Multipart),
        ("TestS3SSECEncryption::test_copy_object_with_sse_c", "copy-obj-", Copy),
        ("TestS3SSECEncryption::test_copy_object_with_sse_c", "get-obj-no-sse-c-param", Copy),
        ("TestS3SSECEncryption::", "get-obj-attrs-sse-c", Attributes),
        ("TestS3ObjectCRUD::test_delete_objects", "delete-object", DeleteObjects),
    ];

    /// <summary>What is missing for a recording; null where nothing is, so that it must be replayed.</summary>
    public static string? Reason(string test, string recording) =>
        WholeTests.FirstOrDefault(entry => test.StartsWith(entry.Test, StringComparison.Ordinal)).Missing
        ?? Recordings.FirstOrDefault(entry => test.StartsWith(entry.Test, StringComparison.Ordinal) && recording.StartsWith(entry.Recording, StringComparison.Ordinal)).Missing;
}
