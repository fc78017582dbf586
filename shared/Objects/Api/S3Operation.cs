using Serverless.Access;

namespace Serverless.Objects.Api;

/// <summary>The operations that this service carries out; everything else that S3 has is <see cref="NotImplemented"/>.</summary>
public enum S3Operation
{
    ListBuckets, CreateBucket, HeadBucket, GetBucketLocation, DeleteBucket,
    ListObjects, ListObjectsV2,
    GetBucketVersioning, PutBucketVersioning, ListObjectVersions,
    GetBucketPolicy, PutBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus,
    GetPublicAccessBlock, PutPublicAccessBlock, DeletePublicAccessBlock,
    GetBucketEncryption, PutBucketEncryption, DeleteBucketEncryption,
    GetBucketCors, PutBucketCors, DeleteBucketCors,
    PutObject, PostObject, CopyObject, GetObject, HeadObject, DeleteObject, DeleteObjects,
    UpdateObjectEncryption,
    GetBucketTagging, PutBucketTagging, DeleteBucketTagging, GetObjectTagging, PutObjectTagging, DeleteObjectTagging,
    GetObjectAttributes, GetBucketRequestPayment,
    GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl, GetBucketOwnershipControls, PutBucketOwnershipControls, DeleteBucketOwnershipControls,
    CreateMultipartUpload, UploadPart, UploadPartCopy, ListParts, ListMultipartUploads, CompleteMultipartUpload, AbortMultipartUpload,
    NotImplemented, MethodNotAllowed,
}

/// <summary>Which operation a request is: one table over verb, path and query (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html).</summary>
public static class S3Operations
{
    /// <summary>
    /// The query parameters that select another operation on the same path. A request with one of them that this table does not name is answered with 501:
    /// were it ignored, <c>PUT /bucket/key?acl</c> would overwrite the object.
    /// </summary>
    private static readonly HashSet<string> Subresources = new(StringComparer.Ordinal)
    {
        "abac", "accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering", "inventory", "legal-hold", "lifecycle",
        "location", "logging", "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable", "metadataTable", "metrics", "notification",
        "object-lock", "ownershipControls", "partNumber", "policy", "policyStatus", "publicAccessBlock", "renameObject", "replication", "requestPayment",
        "restore", "retention", "select", "select-type", "session", "tagging", "torrent", "uploadId", "uploads", "versioning", "versions", "website",
    };

    private static readonly string[] Methods = ["HEAD", "DELETE", "POST", "GET", "PUT"];

    /// <summary>The operations on a bucket that a parameter selects.</summary>
    private static readonly Dictionary<string, Dictionary<string, S3Operation>> OnBucket = new(StringComparer.Ordinal)
    {
        ["location"] = new() { ["GET"] = S3Operation.GetBucketLocation },
        ["policy"] = new() { ["GET"] = S3Operation.GetBucketPolicy, ["PUT"] = S3Operation.PutBucketPolicy, ["DELETE"] = S3Operation.DeleteBucketPolicy },
        ["policyStatus"] = new() { ["GET"] = S3Operation.GetBucketPolicyStatus },
        ["publicAccessBlock"] = new()
        {
            ["GET"] = S3Operation.GetPublicAccessBlock,
            ["PUT"] = S3Operation.PutPublicAccessBlock,
            ["DELETE"] = S3Operation.DeletePublicAccessBlock,
        },
        ["encryption"] = new() { ["GET"] = S3Operation.GetBucketEncryption, ["PUT"] = S3Operation.PutBucketEncryption, ["DELETE"] = S3Operation.DeleteBucketEncryption },
        ["cors"] = new() { ["GET"] = S3Operation.GetBucketCors, ["PUT"] = S3Operation.PutBucketCors, ["DELETE"] = S3Operation.DeleteBucketCors },
        ["tagging"] = new() { ["GET"] = S3Operation.GetBucketTagging, ["PUT"] = S3Operation.PutBucketTagging, ["DELETE"] = S3Operation.DeleteBucketTagging },
        ["acl"] = new() { ["GET"] = S3Operation.GetBucketAcl, ["PUT"] = S3Operation.PutBucketAcl },
        ["ownershipControls"] = new()
        {
            ["GET"] = S3Operation.GetBucketOwnershipControls,
            ["PUT"] = S3Operation.PutBucketOwnershipControls,
            ["DELETE"] = S3Operation.DeleteBucketOwnershipControls,
        },
        ["requestPayment"] = new() { ["GET"] = S3Operation.GetBucketRequestPayment, ["PUT"] = S3Operation.NotImplemented },
        ["versioning"] = new() { ["GET"] = S3Operation.GetBucketVersioning, ["PUT"] = S3Operation.PutBucketVersioning },
        ["versions"] = new() { ["GET"] = S3Operation.ListObjectVersions },
        ["uploads"] = new() { ["GET"] = S3Operation.ListMultipartUploads },
        ["delete"] = new() { ["POST"] = S3Operation.DeleteObjects },
    };

    /// <summary>The operations on an object that a parameter selects.</summary>
    private static readonly Dictionary<string, Dictionary<string, S3Operation>> OnObject = new(StringComparer.Ordinal)
    {
        ["encryption"] = new() { ["PUT"] = S3Operation.UpdateObjectEncryption },
        ["tagging"] = new() { ["GET"] = S3Operation.GetObjectTagging, ["PUT"] = S3Operation.PutObjectTagging, ["DELETE"] = S3Operation.DeleteObjectTagging },
        ["attributes"] = new() { ["GET"] = S3Operation.GetObjectAttributes },
        ["acl"] = new() { ["GET"] = S3Operation.GetObjectAcl, ["PUT"] = S3Operation.PutObjectAcl },
        ["uploads"] = new() { ["POST"] = S3Operation.CreateMultipartUpload },
        ["uploadId"] = new()
        {
            ["PUT"] = S3Operation.UploadPart,
            ["GET"] = S3Operation.ListParts,
            ["POST"] = S3Operation.CompleteMultipartUpload,
            ["DELETE"] = S3Operation.AbortMultipartUpload,
        },
        ["partNumber"] = new() { ["PUT"] = S3Operation.UploadPart, ["GET"] = S3Operation.GetObject, ["HEAD"] = S3Operation.HeadObject },
    };

    /// <summary>What an operation is where the request names a source to copy.</summary>
    private static readonly Dictionary<S3Operation, S3Operation> Copying = new()
    {
        [S3Operation.PutObject] = S3Operation.CopyObject,
        [S3Operation.UploadPart] = S3Operation.UploadPartCopy,
    };

    /// <param name="copies">Whether the request names a source to copy.</param>
    public static S3Operation Resolve(string method, string bucket, string key, QueryParameters query, bool copies)
    {
        var operation = Resolve(method, bucket, key, query);
        return copies ? Copying.GetValueOrDefault(operation, operation) : operation;
    }

    /// <summary>The methods that there is an operation for on a path and subresource, in S3's order.</summary>
    public static IEnumerable<string> MethodsOn(string bucket, string key, QueryParameters query) =>
        Methods.Where(method => Resolve(method, bucket, key, query) is not (S3Operation.NotImplemented or S3Operation.MethodNotAllowed));

    private static S3Operation Resolve(string method, string bucket, string key, QueryParameters query)
    {
        foreach (var (name, _) in query)
        {
            // A part's number says which of the upload's, or of the object's.
            if (!Subresources.Contains(name) || (name == "partNumber" && query.Has("uploadId"))) continue;
            return bucket.Length == 0 || !(key.Length > 0 ? OnObject : OnBucket).TryGetValue(name, out var operations) ? S3Operation.NotImplemented
                : operations.GetValueOrDefault(method, S3Operation.MethodNotAllowed);
        }
        return (method, bucket, key) switch
        {
            ("GET", "", _) => S3Operation.ListBuckets,
            (_, "", _) => S3Operation.MethodNotAllowed,
            ("PUT", _, "") => S3Operation.CreateBucket,
            ("HEAD", _, "") => S3Operation.HeadBucket,
            ("DELETE", _, "") => S3Operation.DeleteBucket,
            ("PUT", _, _) => S3Operation.PutObject,
            ("GET", _, not "") => S3Operation.GetObject,
            ("HEAD", _, _) => S3Operation.HeadObject,
            ("DELETE", _, _) => S3Operation.DeleteObject,
            // Any other list-type is the first, as in S3.
            ("GET", _, "") => query.TryGet("list-type", out var type) && type is "2" ? S3Operation.ListObjectsV2 : S3Operation.ListObjects,
            // A browser's form.
            ("POST", _, "") => S3Operation.PostObject,
            _ => S3Operation.MethodNotAllowed,
        };
    }
}
