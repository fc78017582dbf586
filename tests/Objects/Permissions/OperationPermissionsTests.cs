using Serverless.Objects.Api;
using Serverless.Objects.Permissions;

namespace Serverless.Objects.Tests.Permissions;

public class OperationPermissionsTests
{
    private const string OnBucket = "arn:aws:s3:::bucket";
    private const string OnObject = "arn:aws:s3:::bucket/a/key";

    private static readonly string[] AclHeaders =
        ["x-amz-acl", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp"];

    /// <summary>Every operation's line (the operations' API pages, "Permissions").</summary>
    private static readonly (S3Operation Operation, string Action, string Resource)[] Table =
    [
        (S3Operation.ListBuckets, "s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        (S3Operation.CreateBucket, "s3:CreateBucket", OnBucket),
        (S3Operation.HeadBucket, "s3:ListBucket", OnBucket),
        (S3Operation.GetBucketLocation, "s3:GetBucketLocation", OnBucket),
        (S3Operation.DeleteBucket, "s3:DeleteBucket", OnBucket),
        (S3Operation.ListObjects, "s3:ListBucket", OnBucket),
        (S3Operation.ListObjectsV2, "s3:ListBucket", OnBucket),
        (S3Operation.GetBucketVersioning, "s3:GetBucketVersioning", OnBucket),
        (S3Operation.PutBucketVersioning, "s3:PutBucketVersioning", OnBucket),
        (S3Operation.ListObjectVersions, "s3:ListBucketVersions", OnBucket),
        (S3Operation.GetBucketPolicy, "s3:GetBucketPolicy", OnBucket),
        (S3Operation.PutBucketPolicy, "s3:PutBucketPolicy", OnBucket),
        (S3Operation.DeleteBucketPolicy, "s3:DeleteBucketPolicy", OnBucket),
        (S3Operation.GetBucketPolicyStatus, "s3:GetBucketPolicyStatus", OnBucket),
        (S3Operation.GetPublicAccessBlock, "s3:GetBucketPublicAccessBlock", OnBucket),
        (S3Operation.PutPublicAccessBlock, "s3:PutBucketPublicAccessBlock", OnBucket),
        (S3Operation.DeletePublicAccessBlock, "s3:PutBucketPublicAccessBlock", OnBucket),
        (S3Operation.GetBucketEncryption, "s3:GetEncryptionConfiguration", OnBucket),
        (S3Operation.PutBucketEncryption, "s3:PutEncryptionConfiguration", OnBucket),
        (S3Operation.DeleteBucketEncryption, "s3:PutEncryptionConfiguration", OnBucket),
        (S3Operation.GetBucketCors, "s3:GetBucketCORS", OnBucket),
        (S3Operation.PutBucketCors, "s3:PutBucketCORS", OnBucket),
        (S3Operation.DeleteBucketCors, "s3:PutBucketCORS", OnBucket),
        (S3Operation.PutObject, "s3:PutObject", OnObject),
        (S3Operation.PostObject, "s3:PutObject", OnObject),
        (S3Operation.CopyObject, "s3:PutObject", OnObject),
        (S3Operation.GetObject, "s3:GetObject", OnObject),
        (S3Operation.HeadObject, "s3:GetObject", OnObject),
        (S3Operation.DeleteObject, "s3:DeleteObject", OnObject),
        (S3Operation.DeleteObjects, "", OnBucket),
        (S3Operation.UpdateObjectEncryption, "s3:UpdateObjectEncryption s3:PutObject", OnObject),
        (S3Operation.GetBucketTagging, "s3:GetBucketTagging", OnBucket),
        (S3Operation.PutBucketTagging, "s3:PutBucketTagging", OnBucket),
        (S3Operation.DeleteBucketTagging, "s3:PutBucketTagging", OnBucket),
        (S3Operation.GetObjectTagging, "s3:GetObjectTagging", OnObject),
        (S3Operation.PutObjectTagging, "s3:PutObjectTagging", OnObject),
        (S3Operation.DeleteObjectTagging, "s3:DeleteObjectTagging", OnObject),
        (S3Operation.GetObjectAttributes, "s3:GetObject s3:GetObjectAttributes", OnObject),
        (S3Operation.GetBucketRequestPayment, "s3:GetBucketRequestPayment", OnBucket),
        (S3Operation.GetBucketAcl, "s3:GetBucketAcl", OnBucket),
        (S3Operation.PutBucketAcl, "s3:PutBucketAcl", OnBucket),
        (S3Operation.GetObjectAcl, "s3:GetObjectAcl", OnObject),
        (S3Operation.PutObjectAcl, "s3:PutObjectAcl", OnObject),
        (S3Operation.GetBucketOwnershipControls, "s3:GetBucketOwnershipControls", OnBucket),
        (S3Operation.PutBucketOwnershipControls, "s3:PutBucketOwnershipControls", OnBucket),
        (S3Operation.DeleteBucketOwnershipControls, "s3:PutBucketOwnershipControls", OnBucket),
        (S3Operation.CreateMultipartUpload, "s3:PutObject", OnObject),
        (S3Operation.UploadPart, "s3:PutObject", OnObject),
        (S3Operation.UploadPartCopy, "s3:PutObject", OnObject),
        (S3Operation.ListParts, "s3:ListMultipartUploadParts", OnObject),
        (S3Operation.ListMultipartUploads, "s3:ListBucketMultipartUploads", OnBucket),
        (S3Operation.CompleteMultipartUpload, "s3:PutObject", OnObject),
        (S3Operation.AbortMultipartUpload, "s3:AbortMultipartUpload", OnObject),
    ];

    public static TheoryData<S3Operation, string, string> Lines()
    {
        var lines = new TheoryData<S3Operation, string, string>();
        foreach (var (operation, action, resource) in Table) lines.Add(operation, action, resource);
        return lines;
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task An_operation_needs_its_permission(S3Operation operation, string action, string resource) =>
        Assert.Equal(action.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => new NeededPermission(name, resource)), OperationPermissions.Of(operation, await RequestAsync()));

    [Fact]
    public async Task Every_operation_has_a_line_and_what_is_none_needs_no_permission_but_is_refused()
    {
        var request = await RequestAsync();
        Assert.Equal(Enum.GetValues<S3Operation>().Except([S3Operation.NotImplemented, S3Operation.MethodNotAllowed]), Table.Select(line => line.Operation));
        foreach (var none in (S3Operation[])[S3Operation.NotImplemented, S3Operation.MethodNotAllowed])
            Assert.Throws<ArgumentOutOfRangeException>(() => OperationPermissions.Of(none, request));
    }

    [Theory]
    [InlineData(S3Operation.GetObject, "s3:GetObjectVersion")]
    [InlineData(S3Operation.HeadObject, "s3:GetObjectVersion")]
    [InlineData(S3Operation.DeleteObject, "s3:DeleteObjectVersion")]
    [InlineData(S3Operation.GetObjectTagging, "s3:GetObjectVersionTagging")]
    [InlineData(S3Operation.PutObjectTagging, "s3:PutObjectVersionTagging")]
    [InlineData(S3Operation.DeleteObjectTagging, "s3:DeleteObjectVersionTagging")]
    [InlineData(S3Operation.GetObjectAttributes, "s3:GetObjectVersion", "s3:GetObjectVersionAttributes")]
    [InlineData(S3Operation.GetObjectAcl, "s3:GetObjectVersionAcl")]
    [InlineData(S3Operation.PutObjectAcl, "s3:PutObjectVersionAcl")]
    public async Task A_version_that_is_named_needs_the_permission_for_versions(S3Operation operation, params string[] actions) =>
        Assert.Equal(actions.Select(action => new NeededPermission(action, OnObject)), OperationPermissions.Of(operation, await RequestAsync("versionId=null")));

    [Theory]
    [InlineData("x-amz-tagging", "a=b", "s3:PutObjectTagging")]
    [InlineData("x-amz-object-lock-mode", "GOVERNANCE", "s3:PutObjectRetention")]
    [InlineData("x-amz-object-lock-legal-hold", "ON", "s3:PutObjectLegalHold")]
    [InlineData("If-Match", "\"etag\"", "s3:GetObject")]
    public async Task A_header_of_a_put_needs_its_permission_too(string header, string value, string action) =>
        Assert.Equal([new("s3:PutObject", OnObject), new(action, OnObject)], OperationPermissions.Of(S3Operation.PutObject, await RequestAsync("", (header, value))));

    [Fact]
    public async Task ACL_headers_need_the_permission_to_set_ACLs_once()
    {
        foreach (var header in AclHeaders)
        {
            var request = await RequestAsync("", (header, "private"), ("x-amz-acl", "private"));
            Assert.Equal([new("s3:PutObject", OnObject), new("s3:PutObjectAcl", OnObject)], OperationPermissions.Of(S3Operation.PutObject, request));
            Assert.Equal([new("s3:CreateBucket", OnBucket), new("s3:PutBucketAcl", OnBucket)], OperationPermissions.Of(S3Operation.CreateBucket, request));
        }
    }

    [Fact]
    public async Task Object_lock_and_ownership_of_a_new_bucket_need_theirs()
    {
        var request = await RequestAsync("", ("x-amz-bucket-object-lock-enabled", "true"), ("x-amz-object-ownership", "BucketOwnerEnforced"));
        Assert.Equal(
            ["s3:CreateBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning", "s3:PutBucketOwnershipControls"],
            OperationPermissions.Of(S3Operation.CreateBucket, request).Select(needed => needed.Action));
    }

    [Theory]
    [InlineData("\"etag\"", "s3:DeleteObject", "s3:GetObject")]
    [InlineData("*", "s3:DeleteObject")]
    public async Task Deleting_what_has_an_ETag_needs_the_permission_to_read_it(string ifMatch, params string[] actions) =>
        Assert.Equal(actions, OperationPermissions.Of(S3Operation.DeleteObject, await RequestAsync("", ("If-Match", ifMatch))).Select(needed => needed.Action));

    [Fact]
    public async Task Only_what_is_about_an_object_that_there_is_tells_that_a_key_is_missing()
    {
        S3Operation[] telling =
        [
            S3Operation.GetObject, S3Operation.HeadObject, S3Operation.GetObjectAttributes, S3Operation.GetObjectTagging, S3Operation.PutObjectTagging, S3Operation.DeleteObjectTagging,
            S3Operation.GetObjectAcl, S3Operation.PutObjectAcl,
        ];
        var request = await RequestAsync();
        foreach (var operation in Enum.GetValues<S3Operation>())
        {
            NeededPermission? expected = telling.Contains(operation) ? new("s3:ListBucket", OnBucket) : null;
            Assert.Equal(expected, OperationPermissions.ToLearnThatAKeyIsMissing(operation, request));
        }
    }

    private static Task<S3Request> RequestAsync(string query = "", params (string, string)[] headers) => S3Requests.SignedAsync("PUT", "/bucket/a/key", query, headers);
}
