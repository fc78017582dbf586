using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Objects.Acls;
using Serverless.Objects.Api;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Permissions;

/// <summary>An action on a resource that a request must be allowed.</summary>
public readonly record struct NeededPermission(string Action, string Resource);

/// <summary>
/// Which permissions an operation needs: one table, a line an operation. An operation without a line does not compile
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html, and each operation's API page).
/// </summary>
public static class OperationPermissions
{
    /// <summary>What an action that concerns no bucket in particular is judged on; policies name it <c>*</c> or like this.</summary>
    public const string AllBuckets = "arn:aws:s3:::*";

    /// <summary>What headers of a PutObject need beside its own permission (API_PutObject.html; for If-Match userguide/conditional-writes.html).</summary>
    private static readonly (string Header, string Action)[] WithPutObject =
    [
        (HeaderNames.IfMatch, "s3:GetObject"),
        (TaggingHeader.Name, "s3:PutObjectTagging"),
        ("x-amz-object-lock-mode", "s3:PutObjectRetention"),
        ("x-amz-object-lock-retain-until-date", "s3:PutObjectRetention"),
        ("x-amz-object-lock-legal-hold", "s3:PutObjectLegalHold"),
        .. AclHeaders("s3:PutObjectAcl"),
    ];

    private static readonly (string Header, string Action)[] WithCreateBucket =
    [
        ("x-amz-bucket-object-lock-enabled", "s3:PutBucketObjectLockConfiguration"),
        ("x-amz-bucket-object-lock-enabled", "s3:PutBucketVersioning"),
        (OwnershipControlsOperations.Header, "s3:PutBucketOwnershipControls"),
        .. AclHeaders("s3:PutBucketAcl"),
    ];

    /// <summary>All of these must be allowed.</summary>
    public static IReadOnlyList<NeededPermission> Of(S3Operation operation, S3Request request)
    {
        var bucketArn = $"arn:aws:s3:::{request.BucketName}";
        var objectArn = $"{bucketArn}/{request.Key}";
        var version = request.NamedVersion is null ? "" : "Version";
#pragma warning disable CS8524 // Only an operation that has a name can be missing here; that is the error CS8509.
        return operation switch
        {
            S3Operation.ListBuckets => [new("s3:ListAllMyBuckets", AllBuckets)],
            S3Operation.CreateBucket => [new("s3:CreateBucket", bucketArn), .. With(WithCreateBucket, bucketArn)],
            S3Operation.HeadBucket => [new("s3:ListBucket", bucketArn)],
            S3Operation.GetBucketLocation => [new("s3:GetBucketLocation", bucketArn)],
            S3Operation.DeleteBucket => [new("s3:DeleteBucket", bucketArn)],
            S3Operation.ListObjects or S3Operation.ListObjectsV2 => [new("s3:ListBucket", bucketArn)],
            S3Operation.GetBucketVersioning => [new("s3:GetBucketVersioning", bucketArn)],
            S3Operation.PutBucketVersioning => [new("s3:PutBucketVersioning", bucketArn)],
            S3Operation.ListObjectVersions => [new("s3:ListBucketVersions", bucketArn)],
            S3Operation.GetBucketPolicy => [new("s3:GetBucketPolicy", bucketArn)],
            S3Operation.PutBucketPolicy => [new("s3:PutBucketPolicy", bucketArn)],
            S3Operation.DeleteBucketPolicy => [new("s3:DeleteBucketPolicy", bucketArn)],
            S3Operation.GetBucketPolicyStatus => [new("s3:GetBucketPolicyStatus", bucketArn)],
            S3Operation.GetPublicAccessBlock => [new("s3:GetBucketPublicAccessBlock", bucketArn)],
            S3Operation.PutPublicAccessBlock => [new("s3:PutBucketPublicAccessBlock", bucketArn)],
            S3Operation.DeletePublicAccessBlock => [new("s3:PutBucketPublicAccessBlock", bucketArn)],
            S3Operation.GetBucketEncryption => [new("s3:GetEncryptionConfiguration", bucketArn)],
            S3Operation.PutBucketEncryption => [new("s3:PutEncryptionConfiguration", bucketArn)],
            S3Operation.DeleteBucketEncryption => [new("s3:PutEncryptionConfiguration", bucketArn)],
            S3Operation.GetBucketCors => [new("s3:GetBucketCORS", bucketArn)],
            S3Operation.PutBucketCors => [new("s3:PutBucketCORS", bucketArn)],
            S3Operation.DeleteBucketCors => [new("s3:PutBucketCORS", bucketArn)],
            // A copy's source is judged like a GetObject of it, when it is known.
            S3Operation.PutObject or S3Operation.PostObject or S3Operation.CopyObject => [new("s3:PutObject", objectArn), .. With(WithPutObject, objectArn)],
            S3Operation.GetObject => [new($"s3:GetObject{version}", objectArn)],
            S3Operation.HeadObject => [new($"s3:GetObject{version}", objectArn)],
            S3Operation.DeleteObject => ToDelete(objectArn, version.Length > 0, request.Header(HeaderNames.IfMatch)),
            // Each object is judged by itself.
            S3Operation.DeleteObjects => [],
            // As API_UpdateObjectEncryption.html has it: whoever may change how an object is encrypted could also write it so.
            S3Operation.UpdateObjectEncryption => [new("s3:UpdateObjectEncryption", objectArn), new("s3:PutObject", objectArn)],
            S3Operation.GetBucketTagging => [new("s3:GetBucketTagging", bucketArn)],
            S3Operation.PutBucketTagging or S3Operation.DeleteBucketTagging => [new("s3:PutBucketTagging", bucketArn)],
            S3Operation.GetObjectTagging => [new($"s3:GetObject{version}Tagging", objectArn)],
            S3Operation.PutObjectTagging => [new($"s3:PutObject{version}Tagging", objectArn)],
            S3Operation.DeleteObjectTagging => [new($"s3:DeleteObject{version}Tagging", objectArn)],
            S3Operation.GetObjectAttributes => [new($"s3:GetObject{version}", objectArn), new($"s3:GetObject{version}Attributes", objectArn)],
            S3Operation.GetBucketRequestPayment => [new("s3:GetBucketRequestPayment", bucketArn)],
            S3Operation.GetBucketAcl => [new("s3:GetBucketAcl", bucketArn)],
            S3Operation.PutBucketAcl => [new("s3:PutBucketAcl", bucketArn)],
            S3Operation.GetObjectAcl => [new($"s3:GetObject{version}Acl", objectArn)],
            S3Operation.PutObjectAcl => [new($"s3:PutObject{version}Acl", objectArn)],
            S3Operation.GetBucketOwnershipControls => [new("s3:GetBucketOwnershipControls", bucketArn)],
            S3Operation.PutBucketOwnershipControls or S3Operation.DeleteBucketOwnershipControls => [new("s3:PutBucketOwnershipControls", bucketArn)],
            // userguide/mpuoverview.html, Multipart upload API and permissions.
            S3Operation.CreateMultipartUpload => [new("s3:PutObject", objectArn), .. With(WithPutObject, objectArn)],
            S3Operation.UploadPart or S3Operation.UploadPartCopy => [new("s3:PutObject", objectArn)],
            S3Operation.CompleteMultipartUpload => [new("s3:PutObject", objectArn), .. With(WithPutObject, objectArn)],
            S3Operation.AbortMultipartUpload => [new("s3:AbortMultipartUpload", objectArn)],
            S3Operation.ListParts => [new("s3:ListMultipartUploadParts", objectArn)],
            S3Operation.ListMultipartUploads => [new("s3:ListBucketMultipartUploads", bucketArn)],
            S3Operation.NotImplemented or S3Operation.MethodNotAllowed => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
#pragma warning restore CS8524

        IEnumerable<NeededPermission> With((string Header, string Action)[] headers, string arn) =>
            headers.Where(entry => request.Headers.ContainsKey(entry.Header)).Select(entry => new NeededPermission(entry.Action, arn)).Distinct();
    }

    /// <summary>What deleting one object needs.</summary>
    /// <param name="objectArn">The object.</param>
    /// <param name="ofVersion">Whether a version of it is named.</param>
    /// <param name="ifMatch">The ETag that it must have, or <c>*</c>; null for any. Whoever names one learns whether it is the object's (userguide/conditional-deletes.html).</param>
    public static IReadOnlyList<NeededPermission> ToDelete(string objectArn, bool ofVersion, string? ifMatch)
    {
        var deletion = new NeededPermission(ofVersion ? "s3:DeleteObjectVersion" : "s3:DeleteObject", objectArn);
        return ifMatch is null or "*" ? [deletion] : [deletion, new("s3:GetObject", objectArn)];
    }

    /// <summary>What creating a bucket with tags needs beside CreateBucket's own (API_CreateBucketConfiguration.html).</summary>
    public static NeededPermission ToCreateWithTags(S3Request request) => new("s3:TagResource", $"arn:aws:s3:::{request.BucketName}");

    /// <summary>Who may not list a bucket is not told either that a key is not there (API_GetObject.html, API_HeadObject.html, API_GetObjectAttributes.html); null where the operation's answer tells nothing of it.</summary>
    public static NeededPermission? ToLearnThatAKeyIsMissing(S3Operation operation, S3Request request) =>
        operation is S3Operation.GetObject or S3Operation.HeadObject or S3Operation.GetObjectAttributes
            or S3Operation.GetObjectTagging or S3Operation.PutObjectTagging or S3Operation.DeleteObjectTagging or S3Operation.GetObjectAcl or S3Operation.PutObjectAcl
            ? new("s3:ListBucket", $"arn:aws:s3:::{request.BucketName}") : null;

    private static IEnumerable<(string Header, string Action)> AclHeaders(string action) =>
        ((string[])["x-amz-acl", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp"])
            .Select(header => (header, action));
}
