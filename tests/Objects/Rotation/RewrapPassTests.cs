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

public sealed class RewrapPassTests
{
    private readonly RewrapWorld _world = new();

    [Fact]
    public async Task Every_object_comes_under_the_current_versions_and_stays_what_it_was()
    {
        var before = await _world.PutAllModesAsync("one", 8);
        var more = await _world.PutAllModesAsync("two", 4);
        (_world.Keys.MasterVersion, _world.Keys.KmsVersion) = (2, 2);

        var progress = await _world.Pass().RunAsync(default);
        Assert.Equal((12, 12, 0, 0), (progress.Seen, progress.Rewrapped, progress.CustomerKeys, progress.Failed));
        Assert.NotNull(progress.CompletedAt);
        await _world.AssertUnderAsync(2, "one", before);
        await _world.AssertUnderAsync(2, "two", more);
        Assert.Equal(0, (await _world.Pass().RunAsync(default)).Rewrapped);
    }

    [Fact]
    public async Task A_pass_that_was_cut_short_goes_on_where_it_stopped()
    {
        var before = await _world.PutAllModesAsync("bucket", 10);
        (_world.Keys.MasterVersion, _world.Keys.KmsVersion) = (2, 2);
        // Each run's time is over with the first object that it re-wraps.
        _world.Passes.AfterNote = () => _world.Time.Advance(TimeSpan.FromMinutes(9));
        var (runs, progress) = (0, await _world.Pass().RunAsync(default));
        for (; progress.CompletedAt is null; runs++) progress = await _world.Pass().RunAsync(default);
        Assert.InRange(runs, 9, 15);
        Assert.Equal((10, 10, 0), (progress.Seen, progress.Rewrapped, progress.Failed));
        await _world.AssertUnderAsync(2, "bucket", before);
    }

    [Fact]
    public async Task Of_two_runs_at_once_one_goes_on_and_both_count_once()
    {
        await _world.PutAllModesAsync("bucket", 10);
        (_world.Keys.MasterVersion, _world.Keys.KmsVersion) = (2, 2);
        var (runs, other) = (0, (RewrapProgress?)null);
        _world.Store.BeforeUpdate = async _ =>
        {
            if (++runs == 2) other = await _world.Pass().RunAsync(default);
        };
        var overtaken = await _world.Pass().RunAsync(default);
        Assert.Null(overtaken.CompletedAt);
        Assert.Equal((10, 10, 0), (other!.Seen, other.Rewrapped, other.Failed));
        Assert.Equal(5, (await _world.References.FindAsync(VersionedKeys.MasterId, default))!.FoundOf(1));
    }

    [Fact]
    public async Task What_is_left_is_estimated_by_what_the_pass_before_has_seen()
    {
        await _world.PutAllModesAsync("bucket", 9);
        Assert.Null(RewrapProgress.Of(RewrapNote.Begin(null, _world.Time.GetUtcNow())).Left);
        await _world.Pass().RunAsync(default);
        (_world.Keys.MasterVersion, _world.Keys.KmsVersion) = (2, 2);
        _world.Store.BeforeUpdate = _ =>
        {
            _world.Time.Advance(TimeSpan.FromMinutes(2));
            return Task.CompletedTask;
        };
        // Three in six minutes, a second page noted, of which it does one more.
        var progress = await _world.Pass().RunAsync(default);
        Assert.Equal((4, 5), (progress.Seen, progress.Left));
        Assert.Equal(4 / 360.0, progress.ObjectsPerSecond, 1e-9);
        Assert.Equal(TimeSpan.FromSeconds(450), progress.TimeLeft);
    }

    [Fact]
    public async Task No_more_objects_are_re_wrapped_in_a_second_than_the_setting_allows()
    {
        await _world.PutAllModesAsync("bucket", 9);
        (_world.Keys.MasterVersion, _world.Keys.KmsVersion) = (2, 2);
        _world.MaxObjectsPerSecond = 2;
        var start = _world.Time.GetUtcNow();
        var run = Task.Run(() => _world.Pass().RunAsync(default));
        while (!run.IsCompleted)
        {
            _world.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1);
        }
        Assert.Equal(9, (await run).Rewrapped);
        Assert.True(_world.Time.GetUtcNow() - start >= TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task An_object_that_is_replaced_meanwhile_keeps_its_new_state()
    {
        var bucket = await _world.NewBucketAsync("bucket");
        await _world.PutAsync(bucket, "key", EncryptionMode.S3);
        _world.Keys.MasterVersion = 2;
        StoredObject? replaced = null;
        _world.Store.BeforeUpdate = async key =>
        {
            _world.Store.BeforeUpdate = null;
            await _world.PutAsync(bucket, key, EncryptionMode.S3);
            replaced = await _world.Store.FindAsync(bucket.At(key), default);
        };
        await _world.Pass().RunAsync(default);
        Assert.Equal(replaced!.Description.Id, (await _world.Store.FindAsync(bucket.At("key"), default))!.Description.Id);
        Assert.Equal(2u, RewrapWorld.Version((await _world.Store.FindAsync(bucket.At("key"), default))!.Keys.DataKey));
    }

    [Fact]
    public async Task An_object_that_is_changed_but_still_under_the_old_version_is_tried_again()
    {
        var bucket = await _world.NewBucketAsync("bucket");
        await _world.PutAsync(bucket, "key", EncryptionMode.S3);
        _world.Keys.MasterVersion = 2;
        _world.Store.BeforeUpdate = async key =>
        {
            _world.Store.BeforeUpdate = null;
            _world.Keys.MasterVersion = 1;
            await _world.PutAsync(bucket, key, EncryptionMode.S3);
            _world.Keys.MasterVersion = 2;
        };
        Assert.Equal(1, (await _world.Pass().RunAsync(default)).Rewrapped);
        Assert.Equal(2u, RewrapWorld.Version((await _world.Store.FindAsync(bucket.At("key"), default))!.Keys.DataKey));
    }

    [Fact]
    public async Task Objects_whose_key_cannot_be_used_are_counted_and_do_not_stop_the_pass()
    {
        var bucket = await _world.NewBucketAsync("bucket");
        await _world.PutAsync(bucket, "a", EncryptionMode.Kms);
        await _world.PutAsync(bucket, "b", EncryptionMode.S3);
        await _world.PutAsync(bucket, "c", EncryptionMode.Kms);
        _world.Keys.MasterVersion = 2;
        _world.Keys.KmsRefusal = new KmsError("DisabledException", "arn is disabled.");
        var progress = await _world.Pass().RunAsync(default);
        Assert.Equal((3, 1, 2), (progress.Seen, progress.Rewrapped, progress.Failed));
        // Each refusal is on the audit trail: one for a key and run is enough.
        Assert.Equal(1, _world.Keys.Refusals);
    }

    [Fact]
    public async Task Objects_under_their_owners_key_are_counted_and_left_alone()
    {
        var bucket = await _world.NewBucketAsync("bucket");
        using var content = new SegmentedBuffer(1);
        await _world.Store.WriteAsync(bucket.At("c"), ObjectStoreContract.Describe() with { Mode = EncryptionMode.Customer },
            ObjectStoreContract.Keys, ObjectStoreContract.Streams, content, ExpectedState.Absent, default);
        var progress = await _world.Pass().RunAsync(default);
        Assert.Equal((1, 0, 1), (progress.Seen, progress.Rewrapped, progress.CustomerKeys));
    }
}
