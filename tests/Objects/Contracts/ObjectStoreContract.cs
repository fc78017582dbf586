using System.Buffers;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Listing;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

/// <summary>What every object store promises; run over the memory of a test and over the real store.</summary>
public abstract class ObjectStoreContract
{
    private const string Key = "a/ key//with awkward. parts/";

    protected abstract IObjectStore Store { get; }

    /// <summary>A bucket of its own for each test, whose container exists.</summary>
    protected abstract Task<Bucket> NewBucketAsync();

    protected abstract Task DropContainerAsync(Bucket bucket);

    [Fact]
    public async Task What_was_written_is_found_and_opened_with_everything_that_belongs_to_it()
    {
        var bucket = await NewBucketAsync();
        var description = Describe();
        Assert.True(await WriteAsync(bucket, Key, description, "content", ExpectedState.Absent));

        var found = await Store.FindAsync(bucket.At(Key), default);
        await using var open = await Store.OpenAsync(bucket.At(Key), null, default);
        foreach (var stored in (StoredObject[])[found!, open!.Object])
        {
            Assert.Equivalent(description, stored.Description, strict: true);
            Assert.Equal(Keys.DataKey, stored.Keys.DataKey);
            Assert.Equal(Keys.BucketKey, stored.Keys.BucketKey);
            Assert.Null(stored.Keys.OuterKey);
            Assert.Equal(Streams.Inner, stored.Streams!.Inner);
        }
        Assert.Equal("content", await TextAsync(open.Content));
        Assert.Equal(found!.Version, open.Object.Version);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        var bucket = await NewBucketAsync();
        Assert.Null(await Store.FindAsync(bucket.At(Key), default));
        Assert.Null(await Store.OpenAsync(bucket.At(Key), null, default));
        Assert.Null(await Store.OpenAsync(bucket.At(Key), new(10, 20), default));
        Assert.False(await Store.DeleteAsync(bucket.At(Key), ExpectedState.Any, default));
    }

    [Fact]
    public async Task A_write_happens_only_in_the_state_that_it_expects()
    {
        var bucket = await NewBucketAsync();
        Assert.True(await WriteAsync(bucket, Key, Describe(), "first", ExpectedState.Absent));
        Assert.False(await WriteAsync(bucket, Key, Describe(), "second", ExpectedState.Absent));
        var first = await Store.FindAsync(bucket.At(Key), default);
        Assert.True(await WriteAsync(bucket, Key, Describe(), "second", first));
        Assert.False(await WriteAsync(bucket, Key, Describe(), "third", first));
        await using (var open = await Store.OpenAsync(bucket.At(Key), null, default)) Assert.Equal("second", await TextAsync(open!.Content));
        var second = await Store.FindAsync(bucket.At(Key), default);
        Assert.True(await Store.DeleteAsync(bucket.At(Key), ExpectedState.Seen(second), default));
        Assert.False(await WriteAsync(bucket, Key, Describe(), "fourth", second));
    }

    [Fact]
    public async Task A_write_that_expects_nothing_happens_in_any_state()
    {
        var bucket = await NewBucketAsync();
        foreach (var content in (string[])["first", "second"])
        {
            Assert.True(await WriteAsync(bucket, Key, Describe(), content, ExpectedState.Any));
            await using var open = await Store.OpenAsync(bucket.At(Key), null, default);
            Assert.Equal(content, await TextAsync(open!.Content));
        }
    }

    [Fact]
    public async Task A_delete_happens_only_in_the_state_that_it_expects()
    {
        var bucket = await NewBucketAsync();
        Assert.True(await WriteAsync(bucket, Key, Describe(), "first", ExpectedState.Absent));
        var first = await Store.FindAsync(bucket.At(Key), default);
        Assert.True(await WriteAsync(bucket, Key, Describe(), "second", first));
        Assert.False(await Store.DeleteAsync(bucket.At(Key), ExpectedState.Seen(first), default));
        var second = await Store.FindAsync(bucket.At(Key), default);
        Assert.True(await Store.DeleteAsync(bucket.At(Key), ExpectedState.Seen(second), default));
        Assert.Null(await Store.FindAsync(bucket.At(Key), default));
    }

    [Theory]
    [InlineData(0, 3, "con")]
    [InlineData(3, 100, "tent")]
    [InlineData(6, long.MaxValue - 6, "t")]
    [InlineData(0, 0, "")]
    [InlineData(7, 5, "")]
    [InlineData(1000, 5, "")]
    public async Task A_range_holds_at_most_what_it_asks_for(long offset, long count, string expected)
    {
        var bucket = await NewBucketAsync();
        Assert.True(await WriteAsync(bucket, Key, Describe(), "content", ExpectedState.Absent));
        await using var open = await Store.OpenAsync(bucket.At(Key), new(offset, count), default);
        Assert.Equal(expected, await TextAsync(open!.Content));
        Assert.Equal(7, open.Object.Description.Length);
    }

    [Fact]
    public async Task A_rewrap_replaces_the_keys_and_nothing_else_and_only_in_the_state_that_it_expects()
    {
        var bucket = await NewBucketAsync();
        Assert.True(await WriteAsync(bucket, Key, Describe(), "content", ExpectedState.Absent));
        var before = (await Store.FindAsync(bucket.At(Key), default))!;
        Assert.True(await Store.UpdateAsync(bucket.At(Key), before, before.Description, Keys with { DataKey = [9, 9] }, default));
        Assert.False(await Store.UpdateAsync(bucket.At(Key), before, before.Description, Keys with { DataKey = [8, 8] }, default));

        await using var after = await Store.OpenAsync(bucket.At(Key), null, default);
        Assert.Equal([9, 9], after!.Object.Keys.DataKey);
        Assert.Equal(Keys.BucketKey, after.Object.Keys.BucketKey);
        Assert.Equivalent(before.Description, after.Object.Description, strict: true);
        Assert.Equal("content", await TextAsync(after.Content));
        Assert.NotEqual(before.Version, after.Object.Version);
    }

    [Fact]
    public async Task An_update_replaces_the_description_too_and_leaves_the_content_and_its_streams()
    {
        var bucket = await NewBucketAsync();
        Assert.True(await WriteAsync(bucket, Key, Describe(), "content", ExpectedState.Absent));
        var before = (await Store.FindAsync(bucket.At(Key), default))!;
        var description = before.Description with { Mode = Sse.EncryptionMode.S3, KmsKeyArn = null, BucketKey = false, EncryptionContext = null };
        Assert.True(await Store.UpdateAsync(bucket.At(Key), before, description, new([1, 2]), default));

        await using var after = await Store.OpenAsync(bucket.At(Key), null, default);
        Assert.Equivalent(description, after!.Object.Description, strict: true);
        Assert.Equivalent(new ObjectKeys([1, 2]), after.Object.Keys, strict: true);
        Assert.Equivalent(before.Streams, after.Object.Streams, strict: true);
        Assert.Equal("content", await TextAsync(after.Content));
    }

    /// <summary>In the order of their UTF-8 bytes, which is neither that of UTF-16 code units nor that of their blobs' names, were those just the keys.</summary>
    private static readonly string[] Listed =
    [
        "\u0001", ".", "..", "/", "//", "0", "a", "a b ", "a\u0001", "a!", "a-b", "a.", "a./x", "a/", "a/ x", "a//x", "a/\\", "a/b", "a/b/c", "a/b/d", "a/\uE000", "a/😀", "a0", "b",
        "é", "\uD7FF", "\uE000", "\uFFFF", "😀",
    ];

    [Fact]
    public async Task A_listing_has_every_object_with_its_key_once_in_order_and_its_version_is_good_for_a_change()
    {
        var bucket = await FilledBucketAsync();
        var listed = await ListAsync(bucket, KeyRange.All);
        Assert.Equal(Listed.Order(KeyOrder.Instance), listed.Select(o => o.Key));
        foreach (var item in listed)
        {
            Assert.InRange(item.StoredAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
            Assert.True(await Store.UpdateAsync(bucket.At(item.Key), item.Object!, item.Object!.Description, Keys, default));
        }
    }

    /// <summary>Of every prefix, from every place on, rolled up and not, in pages of every kind.</summary>
    [Fact]
    public async Task A_listing_has_what_is_in_its_range_and_nothing_else()
    {
        var bucket = await FilledBucketAsync();
        foreach (var prefix in (string[])["", "a", "a/", "a/b", "a//", "0", "/", " ", "\u0001", "\uD7FF", "none", "😀"])
        {
            foreach (var from in Listed.Concat(["", "a/\0", "a0\0", "zzz"]))
            {
                var keys = Listed.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && KeyOrder.Instance.Compare(key, from) >= 0).Order(KeyOrder.Instance).ToList();
                Assert.Equal(keys, (await ListAsync(bucket, new(prefix, from, RollUp: false, 3))).Select(o => o.Key));
                // From within a common prefix, no listing that rolls up begins.
                if (from.Length > prefix.Length && from.AsSpan(prefix.Length).Contains('/')) continue;
                var entries = keys.Select(key => key.IndexOf('/', prefix.Length) is >= 0 and var slash ? key[..(slash + 1)] : key).Distinct().ToList();
                var rolledUp = await ListAsync(bucket, new(prefix, from, RollUp: true, 2));
                Assert.Equal(entries, rolledUp.Select(o => o.Key));
                Assert.All(rolledUp, o => Assert.Equal(o.IsCommonPrefix, o.Object is null));
                Assert.All(rolledUp, o => Assert.Equal(o.IsCommonPrefix, o.Key.IndexOf('/', prefix.Length) >= 0));
            }
        }
    }

    [Fact]
    public async Task A_listing_goes_on_at_a_pages_token()
    {
        var bucket = await FilledBucketAsync();
        var range = new KeyRange("a", "", RollUp: false, 2);
        var listed = new List<string>();
        for (string? token = null; ;)
        {
            await using var pages = Store.ListAsync(bucket, range, token, default).GetAsyncEnumerator();
            Assert.True(await pages.MoveNextAsync());
            Assert.True(pages.Current.Objects.Count <= 2);
            listed.AddRange(pages.Current.Objects.Select(o => o.Key));
            if ((token = pages.Current.NextToken) is null) break;
        }
        Assert.Equal(Listed.Where(key => key[0] == 'a').Order(KeyOrder.Instance), listed);
    }

    [Fact]
    public async Task A_bucket_whose_container_is_gone_says_so()
    {
        var bucket = await NewBucketAsync();
        await DropContainerAsync(bucket);
        await Assert.ThrowsAsync<BucketGoneException>(async () => await WriteAsync(bucket, Key, Describe(), "content", ExpectedState.Absent));
        await Assert.ThrowsAsync<BucketGoneException>(async () => await Store.OpenAsync(bucket.At(Key), null, default));
        await Assert.ThrowsAsync<BucketGoneException>(async () => await ListAsync(bucket, KeyRange.All));
    }

    internal static ObjectKeys Keys { get; } = new([1, 2, 3], [4, 5, 6]);

    internal static StreamHeaders Streams { get; } = new(new byte[56]);

    internal static ObjectDescription Describe() => new()
    {
        Id = Guid.NewGuid().ToByteArray(),
        Mode = EncryptionMode.Kms,
        Length = 7,
        ETag = "0123456789abcdef0123456789abcdef",
        LastModified = new(2026, 5, 4, 3, 2, 1, 234, TimeSpan.Zero),
        Headers = new() { ["Content-Type"] = "text/plain" },
        UserMetadata = new() { ["name"] = "grüße 😀" },
        Checksum = new(ChecksumAlgorithm.CRC32, "AAAAAA=="),
        KmsKeyArn = "arn:aws:kms:us-east-1:000000000000:key/x",
        BucketKey = true,
        EncryptionContext = new() { ["purpose"] = "test" },
    };

    protected async Task<bool> WriteAsync(Bucket bucket, string key, ObjectDescription description, string content, StoredObject? expected) =>
        await WriteAsync(bucket, key, description, content, ExpectedState.Seen(expected));

    protected async Task<bool> WriteAsync(Bucket bucket, string key, ObjectDescription description, string content, ExpectedState expected)
    {
        using var buffer = new SegmentedBuffer(100);
        buffer.Write(System.Text.Encoding.UTF8.GetBytes(content));
        return await Store.WriteAsync(bucket.At(key), description, Keys, Streams, buffer, expected, default);
    }

    private async Task<Bucket> FilledBucketAsync()
    {
        var bucket = await NewBucketAsync();
        foreach (var key in Listed) Assert.True(await WriteAsync(bucket, key, Describe(), key, ExpectedState.Absent));
        return bucket;
    }

    private async Task<List<ListedObject>> ListAsync(Bucket bucket, KeyRange range)
    {
        var listed = new List<ListedObject>();
        await foreach (var page in Store.ListAsync(bucket, range, null, default)) listed.AddRange(page.Objects);
        return listed;
    }

    private static async Task<string> TextAsync(Stream content)
    {
        using var reader = new StreamReader(content);
        return await reader.ReadToEndAsync();
    }
}
