using CsCheck;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

public class ListingPageTests
{
    private static readonly Gen<string> Delimiters = Gen.OneOf(Gen.Const(""), Gen.Const("/"), AwkwardKeys.Texts(1, 2));

    /// <summary>What a listing is, in the words of S3's documentation: keys with the prefix, rolled up at the delimiter behind it, in the order of UTF-8 bytes.</summary>
    private static IReadOnlyList<string> Model(IEnumerable<string> keys, string prefix, string delimiter) =>
    [
        .. keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => delimiter.Length > 0 && key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) is >= 0 and var at ? key[..(at + delimiter.Length)] : key)
            .Distinct().Order(KeyOrder.Instance),
    ];

    [Fact]
    public Task Pages_one_after_the_other_are_the_listing_whatever_their_sizes() =>
        Gen.Select(AwkwardKeys.Texts(1, 5).HashSet[0, 40], AwkwardKeys.Texts(0, 2), Delimiters, Gen.Int[1, 5], Gen.Int[1, 6]).SampleAsync(async (keys, prefix, delimiter, pageSize, storePage) =>
        {
            var (store, bucket) = await FillAsync(keys, storePage);
            var model = Model(keys, prefix, delimiter);
            var listed = new List<string>();
            for (var after = ""; ;)
            {
                var page = await ListingPage.ReadAsync(store, bucket, new(prefix, delimiter, after, pageSize), default);
                Assert.Equal(model.Skip(listed.Count).Take(pageSize), page.Entries.Select(entry => entry.Key));
                listed.AddRange(page.Entries.Select(entry => entry.Key));
                Assert.Equal(listed.Count < model.Count, page.IsTruncated);
                Assert.All(page.Entries, entry => Assert.Equal(entry.IsCommonPrefix, delimiter.Length > 0 && entry.Key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) >= 0));
                if (page.Next is not { } next) break;
                after = next;
            }
            Assert.Equal(model, listed);
        }, iter: 2000);

    [Fact]
    public Task A_page_begins_behind_any_key_and_shows_no_common_prefix_before_it() =>
        Gen.Select(AwkwardKeys.Texts(1, 4).HashSet[0, 40], AwkwardKeys.Texts(0, 2), Delimiters, AwkwardKeys.Texts(0, 4)).SampleAsync(async (keys, prefix, delimiter, after) =>
        {
            var (store, bucket) = await FillAsync(keys, 3);
            var page = await ListingPage.ReadAsync(store, bucket, new(prefix, delimiter, after, 1000), default);
            Assert.Equal(Model(keys, prefix, delimiter).Where(entry => KeyOrder.Instance.Compare(entry, after) > 0), page.Entries.Select(entry => entry.Key));
            Assert.False(page.IsTruncated);
        }, iter: 2000);

    [Fact]
    public async Task A_page_of_nothing_asks_the_store_for_nothing_and_is_not_truncated()
    {
        var (store, bucket) = await FillAsync(["a", "b"], 10);
        var page = await ListingPage.ReadAsync(store, bucket, new("", "", "", 0), default);
        Assert.Empty(page.Entries);
        Assert.Equal((false, null, 0), (page.IsTruncated, page.Next, store.Listings));
    }

    [Theory]
    [InlineData("", "", 100, 1)]
    [InlineData("", "", 300, 1)]
    [InlineData("group-1", "", 1000, 1)]
    [InlineData("", "/", 1000, 1)]
    [InlineData("", "/", 2, 1)]
    [InlineData("", "-", 1000, 1)]
    [InlineData("group-", "-", 1000, 4)]
    [InlineData("group-", "-", 2, 3)]
    public async Task A_page_costs_one_call_or_where_a_delimiter_is_not_the_stores_one_for_each_group(string prefix, string delimiter, int size, int calls)
    {
        var keys = Enumerable.Range(0, 4).SelectMany(group => Enumerable.Range(0, 100).Select(i => $"group-{group}-/{i}"));
        var (store, bucket) = await FillAsync(keys, 1001);
        await ListingPage.ReadAsync(store, bucket, new(prefix, delimiter, "", size), default);
        Assert.InRange(store.Listings, 1, calls);
    }

    private static async Task<(MemoryStore Store, Bucket Bucket)> FillAsync(IEnumerable<string> keys, int storePage)
    {
        var store = new MemoryStore(pageSize: storePage);
        await store.CreateAsync(new("bucket", "us-east-1"), default);
        var bucket = (await store.FindAsync("bucket", default))!;
        using var content = new Bodies.SegmentedBuffer(1);
        foreach (var key in keys)
            await store.WriteAsync(bucket.At(key), ObjectStoreContract.Describe(), ObjectStoreContract.Keys, ObjectStoreContract.Streams, content, ExpectedState.Any, default);
        return (store, bucket);
    }
}
