using System.Buffers;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests;

/// <summary>What every archive of versions promises, and the object store of what is in it.</summary>
public abstract class VersionArchiveContract
{
    private static readonly DateTimeOffset Time = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    /// <summary>In their order. Keys that are prefixes of others, and such that their blobs' names end like those of archives.</summary>
    private static readonly string[] Keys = [.. ((string[])["a", "a ", "a\u0001", "a!", "a/", "a//", "a/0", "a/b", "a0", " ", "  !", ".", "é", "\uE000", "😀"]).Order(KeyOrder.Instance)];

    protected abstract IObjectStore Objects { get; }

    protected abstract IVersionArchive Archive { get; }

    /// <summary>A bucket of its own for each test, which has an archive.</summary>
    protected abstract Task<Bucket> NewBucketAsync();

    [Fact]
    public async Task A_version_is_written_found_opened_updated_and_deleted_at_its_place_and_nowhere_else()
    {
        var bucket = await NewBucketAsync();
        var (current, archived, other) = (bucket.At("key"), Place(bucket, "key", 1), Place(bucket, "key", 1, 'b'));
        foreach (var place in (ObjectPlace[])[current, archived, other]) Assert.True(await WriteAsync(place, Content(place), ExpectedState.Absent));
        Assert.False(await WriteAsync(archived, "again", ExpectedState.Absent));
        foreach (var place in (ObjectPlace[])[current, archived, other])
        {
            await using var open = await Objects.OpenAsync(place, null, default);
            using var reader = new StreamReader(open!.Content);
            Assert.Equal(Content(place), await reader.ReadToEndAsync());
        }
        var found = (await Objects.FindAsync(archived, default))!;
        Assert.True(await Objects.UpdateAsync(archived, found, found.Description with { ETag = "updated" }, new([7]), default));
        Assert.Equal(["updated", "etag", "etag"], [(await Objects.FindAsync(archived, default))!.Description.ETag, (await Objects.FindAsync(current, default))!.Description.ETag,
            (await Objects.FindAsync(other, default))!.Description.ETag]);
        Assert.False(await Objects.DeleteAsync(archived, ExpectedState.Seen(found), default));
        Assert.True(await Objects.DeleteAsync(archived, ExpectedState.Any, default));
        Assert.Null(await Objects.FindAsync(archived, default));
        Assert.NotNull(await Objects.FindAsync(current, default));
        Assert.NotNull(await Objects.FindAsync(other, default));
    }

    [Fact]
    public async Task A_version_a_delete_marker_and_a_tombstone_are_told_apart()
    {
        var bucket = await NewBucketAsync();
        var (version, marker, nullMarker) = (Place(bucket, "key", 4), Place(bucket, "key", 3), Place(bucket, "key", 2));
        Assert.True(await WriteAsync(version, "version", ExpectedState.Absent));
        await Archive.AddMarkerAsync(marker, isNull: false, default);
        await Archive.AddMarkerAsync(nullMarker, isNull: true, default);
        await Archive.AddTombstoneAsync(bucket.At("key"), Rank(1), default);

        var listed = await ListAsync(bucket, ArchiveRange.OfKey("key", null));
        Assert.Equal([version.Archived, marker.Archived, nullMarker.Archived, ArchivedName.Tombstone(Rank(1))], listed.Select(entry => entry.Name));
        Assert.Equal([null, new VersionId(Rank(3)), VersionId.Null, null], listed.Select(entry => entry.MarkerId));
        Assert.Equal([false, false, false, true], listed.Select(entry => entry.IsTombstone));
        Assert.Equal(["etag", null, null, null], listed.Select(entry => entry.Object?.Description.ETag));
        Assert.All(listed, entry => Assert.InRange(entry.StoredAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5)));
        Assert.True(await Objects.UpdateAsync(version, listed[0].Object!, listed[0].Object!.Description, new([1]), default));
        await Assert.ThrowsAsync<DamagedObjectException>(async () => await Objects.FindAsync(marker, default));
        Assert.True(await Objects.DeleteAsync(marker, ExpectedState.Any, default));
        Assert.Equal(3, (await ListAsync(bucket, ArchiveRange.OfKey("key", null))).Count);
    }

    /// <summary>Of all keys and of each, from every place on, rolled up and not, in pages of every kind.</summary>
    [Fact]
    public async Task A_listing_has_what_is_in_its_range_by_key_and_the_newest_first()
    {
        var bucket = await NewBucketAsync();
        var all = new List<(string Key, ArchivedName Name)>();
        foreach (var key in Keys)
        {
            foreach (var (time, copy) in ((int, char)[])[(3, 'a'), (2, 'a'), (2, 'c'), (1, 'b')])
            {
                var place = Place(bucket, key, time, copy);
                await Archive.AddMarkerAsync(place, isNull: false, default);
                all.Add((key, place.Archived!.Value));
            }
        }
        Assert.Equal(all, Names(await ListAsync(bucket, new(KeyRange.All))));
        foreach (var key in Keys.Append("none"))
        {
            Assert.Equal(all.Where(entry => entry.Key == key), Names(await ListAsync(bucket, ArchiveRange.OfKey(key, 1))));
            Assert.Equal(all.Where(entry => entry.Key == key && entry.Name.Rank == Rank(2)), Names(await ListAsync(bucket, ArchiveRange.OfVersion(key, Rank(2)))));
            foreach (var behind in (int?[])[null, 4, 3, 2, 1])
            {
                VersionRank? rank = behind is { } time ? Rank(time) : null;
                var expected = all.Where(entry => KeyOrder.Instance.Compare(entry.Key, key) is > 0 and var order || (entry.Key == key && (behind is null || entry.Name.Rank.IsOlderThan(rank!.Value))));
                Assert.Equal(expected, Names(await ListAsync(bucket, new(new("", key, RollUp: false, 3), rank))));
            }
        }
        foreach (var prefix in (string[])["a", "a/", "é", "none"])
        {
            var expected = all.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
            Assert.Equal(expected, Names(await ListAsync(bucket, new(new(prefix, "", RollUp: false, 2)))));
            var rolledUp = await ListAsync(bucket, new(new(prefix, "", RollUp: true, 2)));
            Assert.Equal(expected.Select(entry => entry.Key.IndexOf('/', prefix.Length) is >= 0 and var slash ? (entry.Key[..(slash + 1)], null) : (entry.Key, (ArchivedName?)entry.Name)).Distinct(),
                rolledUp.Select(entry => (entry.Key, entry.Name)));
        }
    }

    [Fact]
    public async Task A_listing_goes_on_at_a_pages_token()
    {
        var bucket = await NewBucketAsync();
        for (var time = 7; time > 0; time--) await Archive.AddMarkerAsync(Place(bucket, "key", time), isNull: false, default);
        var range = new ArchiveRange(KeyRange.All with { PageSize = 2 });
        var listed = new List<ArchivedEntry>();
        for (string? token = null; ;)
        {
            await using var pages = Archive.ListAsync(bucket, range, token, default).GetAsyncEnumerator();
            Assert.True(await pages.MoveNextAsync());
            Assert.True(pages.Current.Entries.Count <= 2);
            listed.AddRange(pages.Current.Entries);
            if ((token = pages.Current.NextToken) is null) break;
        }
        Assert.Equal([7, 6, 5, 4, 3, 2, 1], listed.Select(entry => (int)(entry.Name!.Value.Rank.Time - Time).TotalSeconds));
    }

    [Fact]
    public async Task A_key_whose_versions_could_not_be_named_is_refused_and_has_none()
    {
        var bucket = await NewBucketAsync();
        var tooLong = new string('k', 1000);
        Archive.RequireNameable(new string('k', 900));
        Assert.Equal("KeyTooLongError", Assert.Throws<S3Exception>(() => Archive.RequireNameable(tooLong)).Error.Code);
        await Archive.AddTombstoneAsync(bucket.At(tooLong), Rank(1), default);
        Assert.Empty(await ListAsync(bucket, ArchiveRange.OfKey(tooLong, null)));
    }

    private static VersionRank Rank(int time) => VersionRank.Of(Time.AddSeconds(time), new byte[16]);

    private static ObjectPlace Place(Bucket bucket, string key, int time, char copy = 'a') => bucket.At(key) with { Archived = new(Rank(time), new(copy, ArchivedName.CopyLength)) };

    private static string Content(ObjectPlace place) => $"content of {place.Archived}";

    private static IEnumerable<(string Key, ArchivedName Name)> Names(IEnumerable<ArchivedEntry> entries) => entries.Select(entry => (entry.Key, entry.Name!.Value));

    private async Task<bool> WriteAsync(ObjectPlace place, string content, ExpectedState expected)
    {
        using var buffer = new SegmentedBuffer(100);
        buffer.Write(System.Text.Encoding.UTF8.GetBytes(content));
        return await Objects.WriteAsync(place, ObjectStoreContract.Describe() with { ETag = "etag" }, ObjectStoreContract.Keys, ObjectStoreContract.Streams, buffer, expected, default);
    }

    private async Task<List<ArchivedEntry>> ListAsync(Bucket bucket, ArchiveRange range)
    {
        var listed = new List<ArchivedEntry>();
        await foreach (var page in Archive.ListAsync(bucket, range, null, default)) listed.AddRange(page.Entries);
        return listed;
    }
}
