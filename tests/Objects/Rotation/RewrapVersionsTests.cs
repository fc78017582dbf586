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

public sealed class RewrapVersionsTests
{
    private readonly RewrapWorld _world = new();

    [Fact]
    public async Task Archived_versions_come_behind_the_buckets_objects_and_a_pass_goes_on_among_them()
    {
        var bucket = await _world.NewVersionedBucketAsync();
        var archived = new List<(ObjectPlace Place, byte[] DataKey)>();
        foreach (var (i, mode) in ((EncryptionMode[])[EncryptionMode.S3, EncryptionMode.Kms, EncryptionMode.DoubleKms, EncryptionMode.S3, EncryptionMode.S3]).Index())
            archived.Add((bucket.At("archived") with { Archived = _world.Versions.Copies.NewName(VersionRank.Of(_world.Time.GetUtcNow().AddSeconds(i), new byte[16])) }, []));
        for (var i = 0; i < archived.Count; i++) archived[i] = (archived[i].Place, (await _world.PutAsync(archived[i].Place, (EncryptionMode)new[] { 0, 1, 2, 0, 0 }[i])).DataKey);
        await _world.Store.AddMarkerAsync(bucket.At("archived") with { Archived = _world.Versions.Copies.NewName(VersionRank.Of(_world.Time.GetUtcNow().AddHours(1), new byte[16])) }, isNull: false, default);
        await _world.PutAsync(bucket, "current", EncryptionMode.S3);
        (_world.Keys.MasterVersion, _world.Keys.KmsVersion) = (2, 2);
        // Each run ends with the first object that it re-wraps.
        var notes = 0;
        _world.Passes.AfterNote = () =>
        {
            _world.Time.Advance(TimeSpan.FromMinutes(9));
            notes++;
        };
        RewrapProgress progress;
        do progress = await _world.Pass().RunAsync(default);
        while (progress.CompletedAt is null);
        Assert.True(notes > 6);
        Assert.Equal((6, 6, 0), (progress.Seen, progress.Rewrapped, progress.Failed));
        Assert.NotNull(progress.CompletedAt);
        foreach (var (place, dataKey) in archived)
        {
            var after = (await _world.Store.FindAsync(place, default))!;
            Assert.Equal(2u, RewrapWorld.Version(after.Keys.DataKey));
            using var open = await _world.Keyring.OpenAsync(after, null, bucket, "archived", RewrapWorld.Caller, default);
            Assert.Equal(dataKey, open.Inner.Bytes.ToArray());
        }
        Assert.Equal(0, (await _world.Pass().RunAsync(default)).Rewrapped);
    }

    /// <summary>The entry stays when the version becomes current: both come under the current version, whatever the pass has seen of the bucket's objects by then.</summary>
    [Fact]
    public async Task A_version_that_becomes_current_behind_the_pass_is_not_missed()
    {
        var bucket = await _world.NewVersionedBucketAsync();
        var place = bucket.At("key") with { Archived = _world.Versions.Copies.NewName(VersionRank.Of(_world.Time.GetUtcNow(), new byte[16])) };
        await _world.PutAsync(place, EncryptionMode.S3);
        await _world.PutAsync(bucket, "other", EncryptionMode.S3);
        _world.Keys.MasterVersion = 2;
        var notes = 0;
        _world.Passes.AfterNote = () =>
        {
            // With the second, the bucket's objects are behind it.
            if (++notes != 2) return;
            _world.Versions.Deletion.SettleAsync(bucket.At("key"), default).AsTask().Wait();
        };
        await _world.Pass().RunAsync(default);
        Assert.Equal((2u, 2u), (RewrapWorld.Version((await _world.Store.FindAsync(place, default))!.Keys.DataKey), RewrapWorld.Version((await _world.Store.FindAsync(bucket.At("key"), default))!.Keys.DataKey)));
    }

    [Fact]
    public async Task Tombstones_are_forgotten_a_day_later_with_all_that_they_stand_before()
    {
        var bucket = await _world.NewVersionedBucketAsync();
        var (rank, place) = (VersionRank.Of(_world.Time.GetUtcNow(), new byte[16]), bucket.At("key"));
        await _world.PutAsync(place with { Archived = _world.Versions.Copies.NewName(rank) }, EncryptionMode.S3);
        await _world.PutAsync(place with { Archived = _world.Versions.Copies.NewName(VersionRank.Of(_world.Time.GetUtcNow().AddDays(-1), new byte[16])) }, EncryptionMode.S3);
        await _world.Store.AddTombstoneAsync(place, rank, default);
        await _world.Pass().RunAsync(default);
        Assert.Equal(3, await CountAsync());
        _world.Time.Advance(TimeSpan.FromDays(1));
        await _world.Pass().RunAsync(default);
        Assert.Equal(1, await CountAsync());
        Assert.NotEqual(rank, (await _world.Versions.Archived.FindNewestAsync(place, null, default))!.Name!.Value.Rank);

        async Task<int> CountAsync()
        {
            var count = 0;
            await foreach (var page in _world.Store.ListAsync(bucket, new ArchiveRange(KeyRange.All), null, default)) count += page.Entries.Count;
            return count;
        }
    }
}
