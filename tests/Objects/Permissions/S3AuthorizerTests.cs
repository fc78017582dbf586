using Serverless.Access;
using Serverless.Access.Tests;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Permissions;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests.Permissions;

public class S3AuthorizerTests
{
    private const string Arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private const string Other = "arn:aws:kms:us-east-1:123456789012:key/ffffffff-12ab-34cd-56ef-1234567890ab";

    private readonly VersionedKeys _keys = new() { Arns = { ["alias/mine"] = Arn, ["alias/other"] = Other, [Other] = Other, [Arn] = Arn } };
    private readonly MemoryUploadStore _uploads = new();
    private readonly MemoryStore _objects = new();

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
    [InlineData(S3Operation.GetObject, "s3:GetObject")]
    [InlineData(S3Operation.HeadObject, "s3:GetObject")]
    [InlineData(S3Operation.GetObjectAttributes, "s3:GetObjectAttributes")]
    [InlineData(S3Operation.GetObjectTagging, "s3:GetObjectTagging")]
    [InlineData(S3Operation.PutObjectTagging, "s3:PutObjectTagging")]
    [InlineData(S3Operation.DeleteObjectTagging, "s3:DeleteObjectTagging")]
    [InlineData(S3Operation.GetObjectAcl, "s3:GetObjectAcl")]
    [InlineData(S3Operation.PutObjectAcl, "s3:PutObjectAcl")]
    [InlineData(S3Operation.UpdateObjectEncryption, "s3:UpdateObjectEncryption")]
    public async Task The_tags_of_the_object_that_there_is_are_judged(S3Operation operation, string action)
    {
        var request = await S3Requests.SignedAsync("GET", "/bucket/key");
        var bucket = await StoredBucketAsync(action, """{"StringNotEquals":{"s3:ExistingObjectTag/Class":"open"}}""");
        Assert.Equal("AccessDenied", (await RefusalAsync(operation, request, bucket))?.Code);
        foreach (var (tag, allowed) in (((string, string)?, bool)[])[(null, false), (("class", "secret"), false), (("CLASS", "open"), true), (("other", "open"), false)])
        {
            await WriteAsync(bucket, tag);
            Assert.Equal(allowed ? null : "AccessDenied", (await RefusalAsync(operation, request, bucket))?.Code);
        }
    }

    [Fact]
    public async Task An_object_is_looked_at_only_where_a_policy_asks_for_its_tags_and_the_operation_is_judged_by_them()
    {
        var looks = 0;
        _objects.AfterFind = () => Task.FromResult(looks++);
        var request = await S3Requests.SignedAsync("GET", "/bucket/key");
        var plain = await StoredBucketAsync("s3:GetObject", """{"StringEquals":{"s3:authType":"POST"}}""");
        Assert.Null(await RefusalAsync(S3Operation.GetObject, request, plain));
        var asking = WithCondition(plain, "s3:GetObject", """{"StringEquals":{"s3:ExistingObjectTag/a":"b"}}""");
        Assert.Null(await RefusalAsync(S3Operation.PutObject, request, asking));
        Assert.Null(await RefusalAsync(S3Operation.DeleteObject, request, asking));
        Assert.Equal(0, looks);
        Assert.Null(await RefusalAsync(S3Operation.GetObject, request, asking));
        Assert.Equal(1, looks);
    }

    [Fact]
    public async Task An_object_that_has_come_in_between_is_judged_by_its_own_tags()
    {
        var request = await S3Requests.SignedAsync("GET", "/bucket/key");
        var bucket = await StoredBucketAsync("s3:GetObject", """{"StringEquals":{"s3:ExistingObjectTag/class":"secret"}}""");
        await WriteAsync(bucket, ("class", "open"));
        Assert.Null(await RefusalAsync(S3Operation.GetObject, request, bucket));
        var found = (await _objects.FindAsync(bucket.At("key"), default))!.Description;
        await Authorizer().ConfirmAsync(S3Operation.GetObject, request, bucket, found);
        var replaced = found with { Tags = new(StringComparer.Ordinal) { ["class"] = "secret" } };
        Assert.Equal("AccessDenied", (await Assert.ThrowsAsync<S3Exception>(async () => await Authorizer().ConfirmAsync(S3Operation.GetObject, request, bucket, replaced))).Error.Code);
        Assert.True(await Authorizer().AllowsAsync(S3Operation.GetObjectTagging, request, bucket, replaced));
        Assert.False(await Authorizer().AllowsAsync(S3Operation.GetObject, request, bucket, replaced));
    }

    [Fact]
    public async Task A_bucket_with_tags_needs_the_permission_to_tag_and_its_tags_are_judged()
    {
        Assert.Null(await CreationAsync("""{"Effect":"Allow","Action":["s3:CreateBucket","s3:TagResource"],"Resource":"*"}"""));
        Assert.Equal("AccessDenied", await CreationAsync("""{"Effect":"Allow","Action":"s3:CreateBucket","Resource":"*"}"""));
        Assert.Null(await CreationAsync("""{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}}"""));
        Assert.Equal("AccessDenied", await CreationAsync("""{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"blue"}}}"""));
        Assert.Equal("AccessDenied", await CreationAsync("""{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["owner"]}}}"""));

        async Task<string?> CreationAsync(string statement)
        {
            var policy = Policy.ForIdentity($$"""{"Version":"2012-10-17","Statement":[{{statement}}]}""");
            var request = await S3Requests.SignedAsync("PUT", "/bucket", principal: S3Requests.User, policy: policy);
            var created = new NewBucketConfiguration("us-east-1", new Dictionary<string, string> { ["team"] = "red" });
            return (await Record.ExceptionAsync(async () => await Authorizer().AuthorizeAsync(S3Operation.CreateBucket, request, null, created)) as S3Exception)?.Error.Code;
        }
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

    /// <summary>A bucket that there is, which denies everybody the action under a condition.</summary>
    private async Task<Bucket> StoredBucketAsync(string action, string condition)
    {
        Assert.True(await _objects.CreateAsync(new("bucket", "us-east-1"), default));
        return WithCondition((await _objects.FindAsync("bucket", default))!, action, condition);
    }

    private static Bucket WithCondition(Bucket bucket, string action, string condition) => bucket with
    {
        Policy = new($$"""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"{{action}}","Resource":"arn:aws:s3:::bucket/*","Condition":{{condition}}}]}""", bucket.Arn),
    };

    private async Task WriteAsync(Bucket bucket, (string Key, string Value)? tag)
    {
        var description = new ObjectDescription
        {
            Id = new byte[16],
            Mode = Sse.EncryptionMode.S3,
            Length = 0,
            ETag = "etag",
            LastModified = S3Requests.Now,
            Headers = [],
            UserMetadata = [],
            Tags = tag is { } set ? new(StringComparer.Ordinal) { [set.Key] = set.Value } : null,
        };
        using var content = new Bodies.SegmentedBuffer(1);
        Assert.True(await _objects.WriteAsync(bucket.At("key"), description, new([]), null, content, ExpectedState.Any, default));
    }

    private static Bucket BucketThatWants(string condition) => BucketWith(
        """{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"StringNotEquals":{"CONDITION":"ARN"}}}"""
            .Replace("CONDITION", condition, StringComparison.Ordinal).Replace("ARN", Arn, StringComparison.Ordinal));

    private S3Authorizer Authorizer() => new(_keys, _uploads, new VersionParts(_objects, TimeProvider.System).Finder, new ServiceIdentity { AccountId = S3Requests.Account }, TimeProvider.System);

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
