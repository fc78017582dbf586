using Serverless.Access;
using Serverless.Access.Tests;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Permissions;

namespace Serverless.Objects.Tests.Permissions;

public class S3AuthorizerTests
{
    private const string Arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private const string Other = "arn:aws:kms:us-east-1:123456789012:key/ffffffff-12ab-34cd-56ef-1234567890ab";

    private readonly VersionedKeys _keys = new() { Arns = { ["alias/mine"] = Arn, ["alias/other"] = Other, [Other] = Other, [Arn] = Arn } };
    private readonly MemoryUploadStore _uploads = new();

    [Theory]
    [InlineData("s3:x-amz-server-side-encryption-aws-kms-key-id", Arn, true, "")]
    [InlineData("s3:x-amz-server-side-encryption-aws-kms-key-id", "alias/mine", true, "alias/mine")]
    [InlineData("s3:x-amz-server-side-encryption-aws-kms-key-id", "alias/other", false, "alias/other")]
    [InlineData("s3:x-amz-server-side-encryption-aws-kms-key-id", "alias/none", false, "alias/none")]
    [InlineData("s3:x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:us-east-1:123456789012:alias/none", false, "arn:aws:kms:us-east-1:123456789012:alias/none")]
    [InlineData("s3:x-amz-server-side-encryption-aws-kms-key-id", "", false, "")]
    [InlineData("sse:EffectiveKeyArn", Arn, true, Arn)]
    [InlineData("sse:EffectiveKeyArn", "alias/mine", true, "alias/mine")]
    [InlineData("sse:EffectiveKeyArn", Other, false, Other)]
    [InlineData("sse:EffectiveKeyArn", "", false, null)]
    [InlineData("s3:x-amz-storage-class", "alias/mine", false, "")]
    public async Task A_key_is_looked_up_where_a_policy_asks_for_it(string condition, string keyId, bool allowed, string? lookedUp)
    {
        var request = await S3Requests.SignedAsync("PUT", "/bucket/key", headers: [("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-aws-kms-key-id", keyId)]);
        var refusal = await RefusalAsync(S3Operation.PutObject, request, BucketThatWants(condition));
        Assert.Equal(allowed ? null : "AccessDenied", refusal?.Code);
        Assert.Equal(lookedUp is "" ? [] : [lookedUp], _keys.Resolved);
    }

    [Fact]
    public async Task The_managed_key_counts_once_it_is_there()
    {
        var request = await S3Requests.SignedAsync("PUT", "/bucket/key", headers: [("x-amz-server-side-encryption", "aws:kms")]);
        var bucket = BucketThatWants("sse:EffectiveKeyArn");
        Assert.NotNull(await RefusalAsync(S3Operation.PutObject, request, bucket));
        _keys.Arns[""] = Arn;
        Assert.Null(await RefusalAsync(S3Operation.PutObject, request, bucket));
    }

    [Fact]
    public async Task Nothing_is_looked_up_for_a_read_or_without_a_KMS_key()
    {
        var bucket = BucketWith(
            """{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringEquals":{"sse:EffectiveKeyArn":"a","s3:x-amz-server-side-encryption-aws-kms-key-id":"a"}}}""");
        Assert.Null(await RefusalAsync(S3Operation.GetObject, await S3Requests.SignedAsync("GET", "/bucket/key"), bucket));
        Assert.Null(await RefusalAsync(S3Operation.PutObject, await S3Requests.SignedAsync("PUT", "/bucket/key"), bucket));
        Assert.Empty(_keys.Resolved);
    }

    [Theory]
    [InlineData(S3Operation.GetBucketPolicy, "GET", true)]
    [InlineData(S3Operation.PutBucketPolicy, "PUT", true)]
    [InlineData(S3Operation.DeleteBucketPolicy, "DELETE", true)]
    [InlineData(S3Operation.GetBucketPolicyStatus, "GET", false)]
    [InlineData(S3Operation.PutPublicAccessBlock, "PUT", false)]
    [InlineData(S3Operation.DeleteBucket, "DELETE", false)]
    public async Task Root_and_nobody_else_manages_a_policy_that_denies_it_or_cannot_be_read(S3Operation operation, string method, bool always)
    {
        foreach (var statements in (string[])["unreadable", """{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}"""])
        {
            var bucket = BucketWith(statements);
            Assert.Equal(always, await RefusalAsync(operation, await S3Requests.SignedAsync(method, "/bucket"), bucket) is null);
            Assert.Equal("AccessDenied", (await RefusalAsync(operation, await S3Requests.SignedAsync(method, "/bucket", principal: S3Requests.User), bucket))?.Code);
            Assert.Equal("AccessDenied", (await RefusalAsync(operation, await S3Requests.OfAsync(method, "/bucket"), bucket))?.Code);
        }
    }

    [Fact]
    public async Task A_refusal_names_principal_action_resource_and_reason_but_not_to_the_anonymous()
    {
        var bucket = new Bucket("bucket", "us-east-1", "container", S3Requests.Now, false);
        var user = await RefusalAsync(S3Operation.GetObject, await S3Requests.SignedAsync("GET", "/bucket/a%20key", principal: S3Requests.User), bucket);
        Assert.Equal((403, "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::bucket/a key\" "
            + "because no identity-based policy allows the s3:GetObject action"), (user!.Status, user.Message));
        var list = await RefusalAsync(S3Operation.ListBuckets, await S3Requests.SignedAsync("GET", "/", principal: S3Requests.User), null);
        Assert.Equal("User: arn:aws:iam::123456789012:user/alice is not authorized to perform: s3:ListAllMyBuckets "
            + "because no identity-based policy allows the s3:ListAllMyBuckets action", list!.Message);
        Assert.Equal("Access Denied", (await RefusalAsync(S3Operation.GetObject, await S3Requests.OfAsync("GET", "/bucket/key"), bucket))!.Message);
    }

    [Fact]
    public async Task All_that_a_request_needs_must_be_allowed()
    {
        var bucket = BucketWith("""{"Effect":"Deny","Principal":"*","Action":"s3:PutObjectAcl","Resource":"arn:aws:s3:::bucket/*"}""");
        Assert.Null(await RefusalAsync(S3Operation.PutObject, await S3Requests.SignedAsync("PUT", "/bucket/key"), bucket));
        var refusal = await RefusalAsync(S3Operation.PutObject, await S3Requests.SignedAsync("PUT", "/bucket/key", headers: [("x-amz-acl", "private")]), bucket);
        Assert.Contains("s3:PutObjectAcl", refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_a_key_is_missing_is_for_those_who_may_list()
    {
        var bucket = BucketWith("""{"Effect":"Deny","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket"}""");
        var refused = await Assert.ThrowsAsync<S3Exception>(async () =>
            await Authorizer().AuthorizeAbsenceAsync(S3Operation.GetObject, await S3Requests.SignedAsync("GET", "/bucket/none"), bucket));
        Assert.Contains("s3:ListBucket on resource: \"arn:aws:s3:::bucket\"", refused.Error.Message, StringComparison.Ordinal);
        await Authorizer().AuthorizeAbsenceAsync(S3Operation.GetObject, await S3Requests.SignedAsync("GET", "/bucket/none"), BucketWith(
            """{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/other"}"""));
    }

    /// <summary>Neither the part nor the completion has the headers that the policy wants: the upload was begun with them.</summary>
    [Theory]
    [InlineData("aws:kms", null)]
    [InlineData("AES256", "AccessDenied")]
    [InlineData(null, "AccessDenied")]
    public async Task A_part_and_a_completion_are_judged_by_the_encryption_that_the_upload_was_begun_with(string? begunWith, string? refusal)
    {
        var bucket = BucketWith(
            """{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}}""");
        var upload = new Upload(UploadId.New(S3Requests.Now), bucket.Name, bucket.Container, "key", S3Requests.Now, "", begunWith, NamesKey: false, null, UploadChecksum.Default,
            new(ObjectStoreContract.Describe(), ObjectStoreContract.Keys, null, ""));
        await _uploads.CreateAsync(upload, default);
        Assert.Equal(refusal, (await RefusalAsync(S3Operation.UploadPart, await S3Requests.SignedAsync("PUT", "/bucket/key", $"partNumber=1&uploadId={upload.Id}"), bucket))?.Code);
        Assert.Equal(refusal, (await RefusalAsync(S3Operation.CompleteMultipartUpload, await S3Requests.SignedAsync("POST", "/bucket/key", $"uploadId={upload.Id}"), bucket))?.Code);
        Assert.Equal("AccessDenied", (await RefusalAsync(S3Operation.UploadPart, await S3Requests.SignedAsync("PUT", "/bucket/key", "partNumber=1&uploadId=none"), bucket))?.Code);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "AccessDenied")]
    public async Task A_part_is_judged_by_the_key_that_the_upload_named(bool named, string? refusal)
    {
        var bucket = BucketThatWants("s3:x-amz-server-side-encryption-aws-kms-key-id");
        var upload = new Upload(UploadId.New(S3Requests.Now), bucket.Name, bucket.Container, "key", S3Requests.Now, "", "aws:kms", named, null, UploadChecksum.Default,
            new(ObjectStoreContract.Describe() with { KmsKeyArn = Arn }, ObjectStoreContract.Keys, null, ""));
        await _uploads.CreateAsync(upload, default);
        var part = await S3Requests.SignedAsync("PUT", "/bucket/key", $"partNumber=1&uploadId={upload.Id}");
        Assert.Equal(refusal, (await RefusalAsync(S3Operation.UploadPart, part, bucket))?.Code);
        Assert.Null(await RefusalAsync(S3Operation.UploadPart, part, BucketThatWants("sse:EffectiveKeyArn")));
    }

    private static Bucket BucketWith(string statements)
    {
        var bucket = new Bucket("bucket", "us-east-1", "container", S3Requests.Now, false);
        return bucket with { Policy = new($$"""{"Version":"2012-10-17","Statement":[{{statements}}]}""", bucket.Arn) };
    }

    private static Bucket BucketThatWants(string condition) => BucketWith(
        """{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringNotEquals":{"CONDITION":"ARN"}}}"""
            .Replace("CONDITION", condition, StringComparison.Ordinal).Replace("ARN", Arn, StringComparison.Ordinal));

    private S3Authorizer Authorizer() => new(_keys, _uploads, new ServiceIdentity { AccountId = S3Requests.Account }, TimeProvider.System);

    private async Task<S3Error?> RefusalAsync(S3Operation operation, S3Request request, Bucket? bucket)
    {
        try
        {
            await Authorizer().AuthorizeAsync(operation, request, bucket);
            return null;
        }
        catch (S3Exception refused)
        {
            return refused.Error;
        }
    }
}
