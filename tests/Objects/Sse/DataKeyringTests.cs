using Serverless.Access;
using Serverless.Audit;
using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

public class DataKeyringTests
{
    private const string ArnPair = "aws:s3:arn";
    private const string KmsArn = VersionedKeys.KmsArn;

    private static readonly Bucket Bucket = new("bucket", "us-east-1", "container", DateTimeOffset.UnixEpoch, false);
    private static readonly Caller Caller = new(Principal.Root("000000000000", null), "id", null, null, true);
    private static readonly EncryptionContext Department = EncryptionContext.Of([new("department", "a")]);

    private readonly VersionedKeys _keys = new();
    private readonly MemoryTrail _trail = new();
    private readonly DataKeyring _keyring;

    public DataKeyringTests() => _keyring = new(_keys, _keys, _keys, new(_trail, TimeProvider.System));

    [Theory]
    [InlineData("arn:aws:s3:::bucket/key", false)]
    [InlineData("arn:aws:s3:::bucket", true)]
    public async Task A_client_may_name_in_its_context_what_the_key_is_bound_to_anyway(string arn, bool bucketKey)
    {
        var (stored, plain) = await CreateAsync("key", EncryptionContext.Of([new(ArnPair, arn)]), bucketKey);
        Assert.Equal(plain, await OpenAsync(stored, "key"));
    }

    [Theory]
    [InlineData("arn:aws:s3:::bucket/other", false)]
    [InlineData("arn:aws:s3:::bucket", false)]
    [InlineData("arn:aws:s3:::bucket/key", true)]
    public async Task A_client_may_not_name_anything_else(string arn, bool bucketKey)
    {
        var refused = await Assert.ThrowsAsync<S3Exception>(() => CreateAsync("key", EncryptionContext.Of([new(ArnPair, arn)]), bucketKey));
        Assert.Equal(("InvalidArgument", 400), (refused.Error.Code, refused.Error.Status));
    }

    [Fact]
    public async Task Objects_share_a_bucket_key_and_have_data_keys_of_their_own_that_open_nowhere_else()
    {
        var (first, firstKey) = await CreateAsync("first", Department, bucketKey: true);
        var (second, secondKey) = await CreateAsync("second", Department, bucketKey: true);
        Assert.Equal(first.Keys.BucketKey, second.Keys.BucketKey);
        Assert.NotEqual(firstKey, secondKey);
        Assert.Equal(firstKey, await OpenAsync(first, "first"));
        Assert.Equal(secondKey, await OpenAsync(second, "second"));
        await Assert.ThrowsAsync<DataKeyException>(() => OpenAsync(first, "second"));
        await Assert.ThrowsAsync<DataKeyException>(() => OpenAsync(first with { Keys = first.Keys with { DataKey = second.Keys.DataKey } }, "first"));
    }

    [Fact]
    public async Task The_trail_names_each_object_that_uses_a_bucket_key_which_another_request_opened()
    {
        var (first, _) = await CreateAsync("first", Department, bucketKey: true);
        var (second, _) = await CreateAsync("second", Department, bucketKey: true);
        await OpenAsync(first, "first");
        await OpenAsync(second, "second");

        // KMS's own events, which are another test's, name the first of each.
        Assert.Equal(["EncryptUnderBucketKey", "DecryptUnderBucketKey"], _trail.Events.Select(e => e.EventName));
        Assert.All(_trail.Events, use =>
        {
            Assert.Equal(("s3.amazonaws.com", "AwsApiCall", "us-east-1", Caller), (use.EventSource, use.EventType, use.Region, use.Caller));
            Assert.Equal([new("AWS::KMS::Key", KmsArn), new("AWS::S3::Object", "arn:aws:s3:::bucket/second")], use.Resources);
            Assert.Equal("""{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::bucket","department":"a"}}""", use.RequestParameters!.ToJsonString());
            Assert.Equal("""{"keyVersion":1,"bucketKey":true}""", use.AdditionalEventData!.ToJsonString());
        });
    }

    [Fact]
    public async Task No_audit_no_key_also_under_a_bucket_key_that_is_open()
    {
        var (stored, _) = await CreateAsync("first", Department, bucketKey: true);
        await OpenAsync(stored, "first");
        _trail.IsUnavailable = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync(stored, "first"));
        using var keys = await _keyring.CreateAsync(Under(Department, bucketKey: true), Bucket, "second", Caller, default);
        await Assert.ThrowsAsync<AuditUnavailableException>(() => keys.Recorded);
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await _keyring.CreateForPartsAsync(Under(Department, bucketKey: true), Bucket, "third", Caller, default));
        using var data = SecretKey.Generate();
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await _keyring.WrapAsync(data, Under(Department, bucketKey: true), Bucket, "fourth", Caller, default));
    }

    [Theory]
    [InlineData(EncryptionMode.S3, false)]
    [InlineData(EncryptionMode.Kms, false)]
    [InlineData(EncryptionMode.Kms, true)]
    public async Task A_data_key_can_be_wrapped_in_another_way(EncryptionMode mode, bool bucketKey)
    {
        using var data = SecretKey.Generate();
        var encryption = new EffectiveEncryption(mode, mode is EncryptionMode.S3 ? null : KmsArn, mode is EncryptionMode.S3 ? EncryptionContext.Empty : Department, bucketKey, null);
        var (keys, arn) = await _keyring.WrapAsync(data, encryption, Bucket, "key", Caller, default);
        Assert.Equal((mode is EncryptionMode.S3 ? null : KmsArn, bucketKey), (arn, keys.BucketKey is not null));
        Assert.Equal(data.Bytes.ToArray(), await OpenAsync(Stored(encryption, keys), "key"));
    }

    private static EffectiveEncryption Under(EncryptionContext context, bool bucketKey) => new(EncryptionMode.Kms, null, context, bucketKey, null);

    private static StoredObject Stored(EffectiveEncryption encryption, ObjectKeys keys) => new(
        ObjectStoreContract.Describe() with { Mode = encryption.Mode, EncryptionContext = ObjectDescription.ContextOf(encryption) }, keys, ObjectStoreContract.Streams, "");

    private async Task<(StoredObject Stored, byte[] DataKey)> CreateAsync(string key, EncryptionContext context, bool bucketKey)
    {
        using var keys = await _keyring.CreateAsync(Under(context, bucketKey), Bucket, key, Caller, default);
        await keys.Recorded;
        return (Stored(Under(context, bucketKey), keys.Wrapped), keys.Inner.Bytes.ToArray());
    }

    private async Task<byte[]> OpenAsync(StoredObject stored, string key)
    {
        using var open = await _keyring.OpenAsync(stored, null, Bucket, key, Caller, default);
        return open.Inner.Bytes.ToArray();
    }
}
