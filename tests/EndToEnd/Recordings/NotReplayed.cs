namespace Serverless.EndToEnd.Recordings;

/// <summary>The recordings that cannot be replayed yet, and for want of what. The one list: whatever is neither here nor replayed fails a test.</summary>
internal static class NotReplayed
{
    private const string Versioning = "versioning";

    private static readonly (string Test, string Missing)[] WholeTests =
    [
        ("TestS3::test_s3_copy_object_in_place_versioned", Versioning),
        ("TestS3SSECEncryption::test_sse_c_with_versioning", Versioning),
        ("TestS3ObjectWritePrecondition::test_copy_object_if_match_versioned_bucket", Versioning),
        ("TestS3ObjectWritePrecondition::test_copy_object_if_none_match_versioned_bucket", Versioning),
        ("TestS3ObjectWritePrecondition::test_put_object_if_match_versioned_bucket", Versioning),
        ("TestS3ObjectWritePrecondition::test_put_object_if_none_match_versioned_bucket", Versioning),
    ];

    /// <summary>By the recording's name, or its beginning.</summary>
    private static readonly (string Test, string Recording, string Missing)[] Recordings =
    [
        ("TestS3::test_s3_copy_object_in_place_suspended_only", "copy-in-place-versioned-suspended", Versioning),
        ("TestS3::test_s3_copy_object_in_place_suspended_only", "head-object-copied-suspended", Versioning),
        ("TestS3::test_s3_copy_object_in_place_suspended_only", "get-object-copied-suspended", Versioning),
        ("TestS3BucketEncryption::test_s3_default_bucket_encryption", "get-bucket-no-encryption", "GetBucketVersioning, of which it was recorded"),
    ];

    /// <summary>What is missing for a recording; null where nothing is, so that it must be replayed.</summary>
    public static string? Reason(string test, string recording) =>
        WholeTests.FirstOrDefault(entry => test.StartsWith(entry.Test, StringComparison.Ordinal)).Missing
        ?? Recordings.FirstOrDefault(entry => test.StartsWith(entry.Test, StringComparison.Ordinal) && recording.StartsWith(entry.Recording, StringComparison.Ordinal)).Missing;
}
