using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests.Versions;

/// <summary>Pages of versions over generated histories of many keys, against what all of them together are.</summary>
public sealed class VersionListingTests
{
    private static readonly string[] Keys = ["a", "a/", "a/b", "a/c", "a//", "a0", "b-1", "b-2/x", "b-2/y", "\uE000", "😀"];

    private readonly MemoryStore _store = new(pageSize: 3);
    private VersionParts _parts = null!;
    private Bucket _bucket = null!;

    [Fact]
    public async Task Pages_of_any_size_prefix_and_delimiter_hold_each_entry_once_and_in_order()
    {
        var all = await FillAsync(seed: 1);
        foreach (var prefix in (string[])["", "a", "a/", "b-", "none"])
        {
            foreach (var delimiter in (string[])["", "/", "-", "b-"])
            {
                var query = new ListingQuery(prefix, delimiter, "", 0);
                var expected = all.Where(version => version.Key.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(version => query.GroupOf(version.Key) is { } group ? (Key: group, Id: (string?)null) : version).Distinct().ToList();
                foreach (var size in (int[])[1, 2, 5, 1000])
                {
                    var (after, behind, listed) = ("", (VersionId?)null, new List<(string Key, string? Id)>());
                    for (var isTruncated = true; isTruncated;)
                    {
                        (var entries, isTruncated) = await _parts.Listing.ReadAsync(_bucket, new(prefix, delimiter, after, size), behind, default);
                        Assert.True(isTruncated ? entries.Count == size : entries.Count <= size);
                        listed.AddRange(entries.Select(entry => (entry.Key, entry.Id?.ToString())));
                        if (isTruncated) (after, behind) = (entries[^1].Key, entries[^1].Id is null ? null : VersionId.Parse(entries[^1].Marker));
                    }
                    Assert.Equal(expected, listed);
                }
            }
        }
    }

    [Fact]
    public async Task A_page_begins_behind_any_marker_that_is_or_was_there()
    {
        var all = await FillAsync(seed: 2);
        foreach (var (i, (key, id)) in all.Index())
        {
            // As S3 names the marker: the null version's is null, wherever it is.
            var (entries, _) = await _parts.Listing.ReadAsync(_bucket, new("", "", key, 1000), VersionId.Parse(id), default);
            Assert.Equal(all.Skip(i + 1), entries.Select(entry => (entry.Key, entry.Id?.ToString())));
            (entries, _) = await _parts.Listing.ReadAsync(_bucket, new("", "", key, 1000), behind: null, default);
            Assert.Equal(all.Where(version => KeyOrder.Instance.Compare(version.Key, key) > 0), entries.Select(entry => (entry.Key, entry.Id?.ToString())));
        }
        // Those of a page may be deleted before the next one is asked for.
        var left = all.Skip(4).ToList();
        foreach (var (key, id) in all.Take(4)) await _parts.Deletion.DeleteAsync(_bucket.At(key), VersionSelection.Of(VersionId.Parse(id)!.Value), default);
        var (rest, _) = await _parts.Listing.ReadAsync(_bucket, new("", "", all[3].Key, 1000), VersionId.Parse(all[3].Id), default);
        Assert.Equal(left, rest.Select(entry => (entry.Key, entry.Id?.ToString())));
    }

    [Fact]
    public async Task A_page_is_one_call_of_each_listing_and_of_a_bucket_without_versions_one_in_all()
    {
        var roomy = new MemoryStore(pageSize: 1000);
        Assert.True(await roomy.CreateAsync(new("bucket", "us-east-1"), default));
        var bucket = (await ((IBucketStore)roomy).FindAsync("bucket", default))!;
        var parts = new VersionParts(roomy, TimeProvider.System);
        Assert.Empty((await parts.Listing.ReadAsync(bucket, new("", "", "", 1000), null, default)).Entries);
        Assert.Equal(1, roomy.Listings);
        Assert.True(await roomy.TryChangeAsync(bucket with { Versioning = BucketVersioning.Suspended }, default));
        await parts.Listing.ReadAsync(bucket with { Versioning = BucketVersioning.Suspended }, new("", "", "", 1000), null, default);
        Assert.Equal(3, roomy.Listings);
    }

    /// <summary>A history of all keys; returns the versions in the order in which they must be listed.</summary>
    private async Task<List<(string Key, string? Id)>> FillAsync(int seed)
    {
        var random = new Random(seed);
        Assert.True(await _store.CreateAsync(new("bucket", "us-east-1"), default));
        var created = (await ((IBucketStore)_store).FindAsync("bucket", default))!;
        Assert.True(await _store.TryChangeAsync(created with { Versioning = BucketVersioning.Enabled }, default));
        _parts = new(_store, TimeProvider.System);
        var clients = new VersionedBucket(_store, _store, _parts, created);
        var models = Keys.ToDictionary(key => key, _ => VersionModel.Empty);
        for (var step = 0; step < 80; step++)
        {
            if (step is 5 or 30 or 60) clients.Configure(step == 30 ? BucketVersioning.Suspended : BucketVersioning.Enabled);
            var (key, content) = (Keys[random.Next(Keys.Length)], $"{step}");
            var isDeletion = random.Next(3) == 0;
            var id = isDeletion ? await clients.DeleteAsync(key) : await clients.PutAsync(key, content, withData: false);
            models[key] = models[key].Write(clients.Versioning, isDeletion ? null : content, id);
        }
        _bucket = created with { Versioning = BucketVersioning.Enabled };
        return [.. Keys.Order(KeyOrder.Instance).SelectMany(key => models[key].Versions.Select(version => (key, (string?)version.Id)))];
    }
}
