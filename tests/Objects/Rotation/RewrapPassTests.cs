using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Rotation;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests;

public sealed class RewrapPassTests
{
    private static readonly Caller Caller = Caller.Service("000000000000", "REQUEST");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-05-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly MemoryStore _store;
    private readonly MemoryUploadStore _uploads = new();
    private readonly VersionedKeys _keys = new();
    private readonly DataKeyring _keyring;

    public RewrapPassTests() => (_store, _keyring) = (new(_time), new(_keys, _keys, _keys, new(new MemoryTrail(), _time)));

    [Fact]
    public async Task Every_object_comes_under_the_current_versions_and_stays_what_it_was()
    {
        var before = await PutAllModesAsync("one", 8);
        var more = await PutAllModesAsync("two", 4);
        (_keys.MasterVersion, _keys.KmsVersion) = (2, 2);

        var progress = await Pass().RunAsync(default);
        Assert.Equal((12, 12, 0, 0), (progress.Seen, progress.Rewrapped, progress.CustomerKeys, progress.Failed));
        Assert.NotNull(progress.CompletedAt);
        await AssertUnderAsync(2, "one", before);
        await AssertUnderAsync(2, "two", more);
        Assert.Equal(0, (await Pass().RunAsync(default)).Rewrapped);
    }

    [Fact]
    public async Task A_pass_that_was_cut_short_goes_on_where_it_stopped()
    {
        var before = await PutAllModesAsync("bucket", 10);
        (_keys.MasterVersion, _keys.KmsVersion) = (2, 2);
        _store.AfterCheckpoint = () => _time.Advance(TimeSpan.FromMinutes(9));

        var first = await Pass().RunAsync(default);
        Assert.Equal((3, null), (first.Seen, first.CompletedAt));
        _store.AfterCheckpoint = () => throw new OperationCanceledException("The process was stopped.");
        await Assert.ThrowsAsync<OperationCanceledException>(() => Pass().RunAsync(default));
        _store.AfterCheckpoint = null;
        var last = await Pass().RunAsync(default);
        Assert.Equal(10, last.Seen);
        Assert.NotNull(last.CompletedAt);
        await AssertUnderAsync(2, "bucket", before);
    }

    [Fact]
    public async Task An_object_that_is_replaced_meanwhile_keeps_its_new_state()
    {
        var bucket = await NewBucketAsync("bucket");
        await PutAsync(bucket, "key", EncryptionMode.S3);
        _keys.MasterVersion = 2;
        StoredObject? replaced = null;
        _store.BeforeUpdate = async key =>
        {
            _store.BeforeUpdate = null;
            await PutAsync(bucket, key, EncryptionMode.S3);
            replaced = await _store.FindAsync(bucket.At(key), default);
        };
        await Pass().RunAsync(default);
        Assert.Equal(replaced!.Description.Id, (await _store.FindAsync(bucket.At("key"), default))!.Description.Id);
        Assert.Equal(2u, Version((await _store.FindAsync(bucket.At("key"), default))!.Keys.DataKey));
    }

    [Fact]
    public async Task An_object_that_is_changed_but_still_under_the_old_version_is_tried_again()
    {
        var bucket = await NewBucketAsync("bucket");
        await PutAsync(bucket, "key", EncryptionMode.S3);
        _keys.MasterVersion = 2;
        _store.BeforeUpdate = async key =>
        {
            _store.BeforeUpdate = null;
            _keys.MasterVersion = 1;
            await PutAsync(bucket, key, EncryptionMode.S3);
            _keys.MasterVersion = 2;
        };
        Assert.Equal(1, (await Pass().RunAsync(default)).Rewrapped);
        Assert.Equal(2u, Version((await _store.FindAsync(bucket.At("key"), default))!.Keys.DataKey));
    }

    [Fact]
    public async Task Objects_whose_key_cannot_be_used_are_counted_and_do_not_stop_the_pass()
    {
        var bucket = await NewBucketAsync("bucket");
        await PutAsync(bucket, "a", EncryptionMode.Kms);
        await PutAsync(bucket, "b", EncryptionMode.S3);
        await PutAsync(bucket, "c", EncryptionMode.Kms);
        _keys.MasterVersion = 2;
        _keys.KmsRefusal = new KmsError("DisabledException", "arn is disabled.");
        var progress = await Pass().RunAsync(default);
        Assert.Equal((3, 1, 2), (progress.Seen, progress.Rewrapped, progress.Failed));
        // Each refusal is on the audit trail: one for a key and run is enough.
        Assert.Equal(1, _keys.Refusals);
    }

    [Fact]
    public async Task Objects_under_their_owners_key_are_counted_and_left_alone()
    {
        var bucket = await NewBucketAsync("bucket");
        using var content = new SegmentedBuffer(1);
        await _store.WriteAsync(bucket.At("c"), ObjectStoreContract.Describe() with { Mode = EncryptionMode.Customer },
            ObjectStoreContract.Keys, ObjectStoreContract.Streams, content, ExpectedState.Absent, default);
        var progress = await Pass().RunAsync(default);
        Assert.Equal((1, 0, 1), (progress.Seen, progress.Rewrapped, progress.CustomerKeys));
    }

    [Fact]
    public async Task Archived_versions_come_behind_the_buckets_objects_and_a_pass_goes_on_among_them()
    {
        var bucket = await NewVersionedBucketAsync();
        var archived = new List<(ObjectPlace Place, byte[] DataKey)>();
        foreach (var (i, mode) in ((EncryptionMode[])[EncryptionMode.S3, EncryptionMode.Kms, EncryptionMode.DoubleKms, EncryptionMode.S3, EncryptionMode.S3]).Index())
            archived.Add((bucket.At("archived") with { Archived = Versions.Copies.NewName(VersionRank.Of(_time.GetUtcNow().AddSeconds(i), new byte[16])) }, []));
        for (var i = 0; i < archived.Count; i++) archived[i] = (archived[i].Place, (await PutAsync(archived[i].Place, (EncryptionMode)new[] { 0, 1, 2, 0, 0 }[i])).DataKey);
        await _store.AddMarkerAsync(bucket.At("archived") with { Archived = Versions.Copies.NewName(VersionRank.Of(_time.GetUtcNow().AddHours(1), new byte[16])) }, isNull: false, default);
        await PutAsync(bucket, "current", EncryptionMode.S3);
        (_keys.MasterVersion, _keys.KmsVersion) = (2, 2);
        // Each run is cut short behind its first page.
        _store.AfterCheckpoint = () => _time.Advance(TimeSpan.FromMinutes(9));
        var progress = await Pass().RunAsync(default);
        Assert.Equal((1, false, null), (progress.Seen, progress.InArchive, progress.CompletedAt));
        progress = await Pass().RunAsync(default);
        Assert.Equal((3, true, null), (progress.Seen, progress.InArchive, progress.CompletedAt));
        progress = await Pass().RunAsync(default);
        Assert.Equal((6, true), (progress.Seen, progress.InArchive));
        _store.AfterCheckpoint = null;
        progress = await Pass().RunAsync(default);
        Assert.Equal((6, 6, 0), (progress.Seen, progress.Rewrapped, progress.Failed));
        Assert.NotNull(progress.CompletedAt);
        foreach (var (place, dataKey) in archived)
        {
            var after = (await _store.FindAsync(place, default))!;
            Assert.Equal(2u, Version(after.Keys.DataKey));
            using var open = await _keyring.OpenAsync(after, null, bucket, "archived", Caller, default);
            Assert.Equal(dataKey, open.Inner.Bytes.ToArray());
        }
        Assert.Equal(0, (await Pass().RunAsync(default)).Rewrapped);
    }

    /// <summary>The entry stays when the version becomes current: both come under the current version, whatever the pass has seen of the bucket's objects by then.</summary>
    [Fact]
    public async Task A_version_that_becomes_current_behind_the_pass_is_not_missed()
    {
        var bucket = await NewVersionedBucketAsync();
        var place = bucket.At("key") with { Archived = Versions.Copies.NewName(VersionRank.Of(_time.GetUtcNow(), new byte[16])) };
        await PutAsync(place, EncryptionMode.S3);
        await PutAsync(bucket, "other", EncryptionMode.S3);
        _keys.MasterVersion = 2;
        _store.AfterCheckpoint = () =>
        {
            _store.AfterCheckpoint = null;
            Versions.Deletion.SettleAsync(bucket.At("key"), default).AsTask().Wait();
        };
        await Pass().RunAsync(default);
        Assert.Equal((2u, 2u), (Version((await _store.FindAsync(place, default))!.Keys.DataKey), Version((await _store.FindAsync(bucket.At("key"), default))!.Keys.DataKey)));
    }

    [Fact]
    public async Task Tombstones_are_forgotten_a_day_later_with_all_that_they_stand_before()
    {
        var bucket = await NewVersionedBucketAsync();
        var (rank, place) = (VersionRank.Of(_time.GetUtcNow(), new byte[16]), bucket.At("key"));
        await PutAsync(place with { Archived = Versions.Copies.NewName(rank) }, EncryptionMode.S3);
        await PutAsync(place with { Archived = Versions.Copies.NewName(VersionRank.Of(_time.GetUtcNow().AddDays(-1), new byte[16])) }, EncryptionMode.S3);
        await _store.AddTombstoneAsync(place, rank, default);
        await Pass().RunAsync(default);
        Assert.Equal(3, await CountAsync());
        _time.Advance(TimeSpan.FromDays(1));
        await Pass().RunAsync(default);
        Assert.Equal(1, await CountAsync());
        Assert.NotEqual(rank, (await Versions.Archived.FindNewestAsync(place, null, default))!.Name!.Value.Rank);

        async Task<int> CountAsync()
        {
            var count = 0;
            await foreach (var page in _store.ListAsync(bucket, new ArchiveRange(KeyRange.All), null, default)) count += page.Entries.Count;
            return count;
        }
    }

    [Fact]
    public async Task Uploads_in_progress_come_under_the_current_versions_before_any_object()
    {
        var bucket = await NewBucketAsync("bucket");
        await PutAsync(bucket, "object", EncryptionMode.S3);
        var begun = new List<(Upload Upload, byte[] DataKey)>();
        foreach (var mode in (EncryptionMode[])[EncryptionMode.S3, EncryptionMode.Kms, EncryptionMode.DoubleKms]) begun.Add(await BeginAsync(bucket, mode));
        var gone = await BeginAsync(bucket with { Container = "of a bucket that is gone" }, EncryptionMode.S3);
        (_keys.MasterVersion, _keys.KmsVersion) = (2, 2);
        _store.BeforeUpdate = async updated =>
        {
            // An upload that is completed now has taken current keys.
            foreach (var (upload, dataKey) in begun) Assert.Equal(2u, Version((await FindAsync(bucket, upload))!.Object.Keys.DataKey));
        };

        var progress = await Pass().RunAsync(default);
        Assert.Equal((4, 4, 0), (progress.Seen, progress.Rewrapped, progress.Failed));
        foreach (var (upload, dataKey) in begun)
        {
            var after = (await FindAsync(bucket, upload))!;
            if (after.Object.Keys.OuterKey is { } outer) Assert.Equal(2u, Version(outer));
            using var open = await _keyring.OpenAsync(after.Object, null, bucket, upload.Key, Caller, default);
            Assert.Equal(dataKey, open.Inner.Bytes.ToArray());
        }
        Assert.Equal(1u, Version((await FindAsync(bucket with { Container = gone.Upload.Container }, gone.Upload))!.Object.Keys.DataKey));
    }

    [Fact]
    public async Task An_upload_that_cannot_be_read_is_counted_as_failed_and_does_not_stop_the_pass()
    {
        var bucket = await NewBucketAsync("bucket");
        var (damaged, upload) = ((await BeginAsync(bucket, EncryptionMode.S3)).Upload, (await BeginAsync(bucket, EncryptionMode.S3)).Upload);
        await PutAsync(bucket, "object", EncryptionMode.S3);
        _uploads.Damaged.Add(damaged.Id);
        _keys.MasterVersion = 2;
        var progress = await Pass().RunAsync(default);
        Assert.Equal((3, 2, 1), (progress.Seen, progress.Rewrapped, progress.Failed));
        Assert.NotNull(progress.CompletedAt);
        Assert.Equal(2u, Version((await FindAsync(bucket, upload))!.Object.Keys.DataKey));
    }

    [Fact]
    public async Task Of_an_SSE_C_object_that_was_uploaded_in_parts_the_manifests_key_is_wrapped_anew()
    {
        var bucket = await NewBucketAsync("bucket");
        using var customerKey = CustomerKey.ReadForWriting(EncryptionHeadersTests.CustomerHeaders(new byte[32]), secureTransport: true, otherMethod: null);
        var encryption = new EffectiveEncryption(EncryptionMode.Customer, null, EncryptionContext.Empty, false, customerKey);
        using var keys = await _keyring.CreateForPartsAsync(encryption, bucket, "key", Caller, default);
        using var content = new SegmentedBuffer(1);
        var description = ObjectStoreContract.Describe() with { Mode = EncryptionMode.Customer, EncryptionContext = null, KmsKeyArn = null };
        Assert.True(await _store.WriteAsync(bucket.At("key"), description, keys.Wrapped, null, content, ExpectedState.Absent, default));
        _keys.MasterVersion = 2;

        var progress = await Pass().RunAsync(default);
        Assert.Equal((1, 1, 1), (progress.Seen, progress.Rewrapped, progress.CustomerKeys));
        var after = (await _store.FindAsync(bucket.At("key"), default))!;
        Assert.Equal(2u, Version(after.Keys.ManifestKey!));
        Assert.Equal(keys.Wrapped.DataKey, after.Keys.DataKey);
        using var open = await _keyring.OpenAsync(after, customerKey, bucket, "key", Caller, default);
        Assert.Equal(keys.Inner.Bytes.ToArray(), open.Inner.Bytes.ToArray());
        using var manifest = await _keyring.OpenManifestKeyAsync(after, bucket, "key", Caller, default);
        Assert.Equal(manifest.Bytes.ToArray(), open.Manifest!.Bytes.ToArray());
    }

    private ValueTask<Upload?> FindAsync(Bucket bucket, Upload upload) => _uploads.FindAsync(bucket, upload.Key, upload.Id, default);

    private async Task<(Upload Upload, byte[] DataKey)> BeginAsync(Bucket bucket, EncryptionMode mode)
    {
        using var keys = await _keyring.CreateForPartsAsync(new(mode, null, EncryptionContext.Empty, false, null), bucket, "upload", Caller, default);
        var description = ObjectStoreContract.Describe() with { Mode = mode, EncryptionContext = null, KmsKeyArn = keys.KmsKeyArn };
        var upload = new Upload(UploadId.New(_time.GetUtcNow()), bucket.Name, bucket.Container, "upload", _time.GetUtcNow(), "", null, false, null, UploadChecksum.Default,
            new(description, keys.Wrapped, null, ""));
        await _uploads.CreateAsync(upload, default);
        return (upload, keys.Inner.Bytes.ToArray());
    }

    private VersionParts Versions => new(_store, _time);

    private RewrapPass Pass() => new(_store, _store, _store, Versions.Archived, Versions.Finder, _uploads, _keyring, _store, _time, NullLogger<RewrapPass>.Instance);

    private async Task<Bucket> NewBucketAsync(string name)
    {
        await _store.CreateAsync(new(name, "us-east-1"), default);
        return (await _store.FindAsync(name, default))!;
    }

    private async Task<Dictionary<string, (StoredObject Object, byte[] DataKey)>> PutAllModesAsync(string bucketName, int count)
    {
        var bucket = await NewBucketAsync(bucketName);
        var put = new Dictionary<string, (StoredObject, byte[])>();
        for (var i = 0; i < count; i++)
        {
            var mode = (i % 4) switch { 0 => EncryptionMode.S3, 1 => EncryptionMode.Kms, 2 => EncryptionMode.DoubleKms, _ => EncryptionMode.Kms };
            put[$"key{i}"] = await PutAsync(bucket, $"key{i}", mode, bucketKey: i % 4 == 3);
        }
        return put;
    }

    private async Task<Bucket> NewVersionedBucketAsync()
    {
        var bucket = await NewBucketAsync("bucket") with { Versioning = BucketVersioning.Enabled };
        Assert.True(await _store.TryChangeAsync(bucket, default));
        return (await ((IBucketStore)_store).FindAsync("bucket", default))!;
    }

    private Task<(StoredObject Object, byte[] DataKey)> PutAsync(Bucket bucket, string key, EncryptionMode mode, bool bucketKey = false) => PutAsync(bucket.At(key), mode, bucketKey);

    private async Task<(StoredObject Object, byte[] DataKey)> PutAsync(ObjectPlace place, EncryptionMode mode, bool bucketKey = false)
    {
        var (bucket, key) = (place.Bucket, place.Key);
        var encryption = new EffectiveEncryption(mode, null, EncryptionContext.Empty, bucketKey, null);
        using var keys = await _keyring.CreateAsync(encryption, bucket, key, Caller, default);
        using var content = new SegmentedBuffer(1);
        var description = ObjectStoreContract.Describe() with { Mode = mode, EncryptionContext = null, KmsKeyArn = keys.KmsKeyArn, Version = place.Archived?.Rank.Text };
        Assert.True(await _store.WriteAsync(place, description, keys.Wrapped, ObjectStoreContract.Streams, content, ExpectedState.Any, default));
        return ((await _store.FindAsync(place, default))!, keys.Inner.Bytes.ToArray());
    }

    private async Task AssertUnderAsync(uint version, string bucketName, Dictionary<string, (StoredObject Object, byte[] DataKey)> put)
    {
        var bucket = (await _store.FindAsync(bucketName, default))!;
        foreach (var (key, (before, dataKey)) in put)
        {
            var after = (await _store.FindAsync(bucket.At(key), default))!;
            Assert.Equal(before.Description, after.Description);
            Assert.Equal(version, Version(after.Keys.BucketKey ?? after.Keys.DataKey));
            if (after.Keys.OuterKey is not null) Assert.Equal(version, Version(after.Keys.OuterKey));
            using var open = await _keyring.OpenAsync(after, null, bucket, key, Caller, default);
            Assert.Equal(dataKey, open.Inner.Bytes.ToArray());
        }
    }

    private static uint Version(byte[] wrapped)
    {
        Assert.True(KeyWrap.TryReadHeader(wrapped, out var header));
        return header.KeyVersion;
    }
}
