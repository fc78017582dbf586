using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Rotation;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests.Rotation;

public sealed class RewrapUploadsTests
{
    private readonly RewrapWorld _world = new();

    [Fact]
    public async Task Uploads_in_progress_come_under_the_current_versions_before_any_object()
    {
        var bucket = await _world.NewBucketAsync("bucket");
        await _world.PutAsync(bucket, "object", EncryptionMode.S3);
        var begun = new List<(Upload Upload, byte[] DataKey)>();
        foreach (var mode in (EncryptionMode[])[EncryptionMode.S3, EncryptionMode.Kms, EncryptionMode.DoubleKms]) begun.Add(await _world.BeginAsync(bucket, mode));
        var gone = await _world.BeginAsync(bucket with { Container = "of a bucket that is gone" }, EncryptionMode.S3);
        (_world.Keys.MasterVersion, _world.Keys.KmsVersion) = (2, 2);
        _world.Store.BeforeUpdate = async updated =>
        {
            // An upload that is completed now has taken current keys.
            foreach (var (upload, dataKey) in begun) Assert.Equal(2u, RewrapWorld.Version((await _world.FindAsync(bucket, upload))!.Object.Keys.DataKey));
        };

        var progress = await _world.Pass().RunAsync(default);
        Assert.Equal((4, 4, 0), (progress.Seen, progress.Rewrapped, progress.Failed));
        foreach (var (upload, dataKey) in begun)
        {
            var after = (await _world.FindAsync(bucket, upload))!;
            if (after.Object.Keys.OuterKey is { } outer) Assert.Equal(2u, RewrapWorld.Version(outer));
            using var open = await _world.Keyring.OpenAsync(after.Object, null, bucket, upload.Key, RewrapWorld.Caller, default);
            Assert.Equal(dataKey, open.Inner.Bytes.ToArray());
        }
        Assert.Equal(1u, RewrapWorld.Version((await _world.FindAsync(bucket with { Container = gone.Upload.Container }, gone.Upload))!.Object.Keys.DataKey));
    }

    [Fact]
    public async Task An_upload_that_cannot_be_read_is_counted_as_failed_and_does_not_stop_the_pass()
    {
        var bucket = await _world.NewBucketAsync("bucket");
        var (damaged, upload) = ((await _world.BeginAsync(bucket, EncryptionMode.S3)).Upload, (await _world.BeginAsync(bucket, EncryptionMode.S3)).Upload);
        await _world.PutAsync(bucket, "object", EncryptionMode.S3);
        _world.Uploads.Damaged.Add(damaged.Id);
        _world.Keys.MasterVersion = 2;
        var progress = await _world.Pass().RunAsync(default);
        Assert.Equal((3, 2, 1), (progress.Seen, progress.Rewrapped, progress.Failed));
        Assert.NotNull(progress.CompletedAt);
        Assert.Equal(2u, RewrapWorld.Version((await _world.FindAsync(bucket, upload))!.Object.Keys.DataKey));
    }

    [Fact]
    public async Task Of_an_SSE_C_object_that_was_uploaded_in_parts_the_manifests_key_is_wrapped_anew()
    {
        var bucket = await _world.NewBucketAsync("bucket");
        using var customerKey = CustomerKey.ReadForWriting(EncryptionHeadersTests.CustomerHeaders(new byte[32]), secureTransport: true, otherMethod: null);
        var encryption = new EffectiveEncryption(EncryptionMode.Customer, null, EncryptionContext.Empty, false, customerKey);
        using var keys = await _world.Keyring.CreateForPartsAsync(encryption, bucket, "key", RewrapWorld.Caller, default);
        using var content = new SegmentedBuffer(1);
        var description = ObjectStoreContract.Describe() with { Mode = EncryptionMode.Customer, EncryptionContext = null, KmsKeyArn = null };
        Assert.True(await _world.Store.WriteAsync(bucket.At("key"), description, keys.Wrapped, null, content, ExpectedState.Absent, default));
        _world.Keys.MasterVersion = 2;

        var progress = await _world.Pass().RunAsync(default);
        Assert.Equal((1, 1, 1), (progress.Seen, progress.Rewrapped, progress.CustomerKeys));
        var after = (await _world.Store.FindAsync(bucket.At("key"), default))!;
        Assert.Equal(2u, RewrapWorld.Version(after.Keys.ManifestKey!));
        Assert.Equal(keys.Wrapped.DataKey, after.Keys.DataKey);
        using var open = await _world.Keyring.OpenAsync(after, customerKey, bucket, "key", RewrapWorld.Caller, default);
        Assert.Equal(keys.Inner.Bytes.ToArray(), open.Inner.Bytes.ToArray());
        using var manifest = await _world.Keyring.OpenManifestKeyAsync(after, bucket, "key", RewrapWorld.Caller, default);
        Assert.Equal(manifest.Bytes.ToArray(), open.Manifest!.Bytes.ToArray());
    }
}
