using System.Buffers;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
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

        var found = await Store.FindAsync(bucket, Key, default);
        await using var open = await Store.OpenAsync(bucket, Key, null, default);
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
        Assert.Null(await Store.FindAsync(bucket, Key, default));
        Assert.Null(await Store.OpenAsync(bucket, Key, null, default));
        Assert.Null(await Store.OpenAsync(bucket, Key, new(10, 20), default));
        Assert.False(await Store.DeleteAsync(bucket, Key, ExpectedState.Any, default));
    }

    [Fact]
    public async Task A_write_happens_only_in_the_state_that_it_expects()
    {
        var bucket = await NewBucketAsync();
        Assert.True(await WriteAsync(bucket, Key, Describe(), "first", ExpectedState.Absent));
        Assert.False(await WriteAsync(bucket, Key, Describe(), "second", ExpectedState.Absent));
        var first = await Store.FindAsync(bucket, Key, default);
        Assert.True(await WriteAsync(bucket, Key, Describe(), "second", first));
        Assert.False(await WriteAsync(bucket, Key, Describe(), "third", first));
        await using (var open = await Store.OpenAsync(bucket, Key, null, default)) Assert.Equal("second", await TextAsync(open!.Content));
        var second = await Store.FindAsync(bucket, Key, default);
        Assert.True(await Store.DeleteAsync(bucket, Key, ExpectedState.Seen(second), default));
        Assert.False(await WriteAsync(bucket, Key, Describe(), "fourth", second));
    }

    [Fact]
    public async Task A_write_that_expects_nothing_happens_in_any_state()
    {
        var bucket = await NewBucketAsync();
        foreach (var content in (string[])["first", "second"])
        {
            Assert.True(await WriteAsync(bucket, Key, Describe(), content, ExpectedState.Any));
            await using var open = await Store.OpenAsync(bucket, Key, null, default);
            Assert.Equal(content, await TextAsync(open!.Content));
        }
    }

    [Fact]
    public async Task A_delete_happens_only_in_the_state_that_it_expects()
    {
        var bucket = await NewBucketAsync();
        Assert.True(await WriteAsync(bucket, Key, Describe(), "first", ExpectedState.Absent));
        var first = await Store.FindAsync(bucket, Key, default);
        Assert.True(await WriteAsync(bucket, Key, Describe(), "second", first));
        Assert.False(await Store.DeleteAsync(bucket, Key, ExpectedState.Seen(first), default));
        var second = await Store.FindAsync(bucket, Key, default);
        Assert.True(await Store.DeleteAsync(bucket, Key, ExpectedState.Seen(second), default));
        Assert.Null(await Store.FindAsync(bucket, Key, default));
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
        await using var open = await Store.OpenAsync(bucket, Key, new(offset, count), default);
        Assert.Equal(expected, await TextAsync(open!.Content));
        Assert.Equal(7, open.Object.Description.Length);
    }

    [Fact]
    public async Task A_rewrap_replaces_the_keys_and_nothing_else_and_only_in_the_state_that_it_expects()
    {
        var bucket = await NewBucketAsync();
        Assert.True(await WriteAsync(bucket, Key, Describe(), "content", ExpectedState.Absent));
        var before = (await Store.FindAsync(bucket, Key, default))!;
        Assert.True(await Store.RewrapAsync(bucket, Key, before, Keys with { DataKey = [9, 9] }, default));
        Assert.False(await Store.RewrapAsync(bucket, Key, before, Keys with { DataKey = [8, 8] }, default));

        await using var after = await Store.OpenAsync(bucket, Key, null, default);
        Assert.Equal([9, 9], after!.Object.Keys.DataKey);
        Assert.Equal(Keys.BucketKey, after.Object.Keys.BucketKey);
        Assert.Equivalent(before.Description, after.Object.Description, strict: true);
        Assert.Equal("content", await TextAsync(after.Content));
        Assert.NotEqual(before.Version, after.Object.Version);
    }

    [Fact]
    public async Task A_listing_has_every_object_with_its_key_once_and_its_version_is_good_for_a_change()
    {
        var bucket = await NewBucketAsync();
        string[] keys = ["b", "a/", "a//x", ".", "..", "é", "😀", "\uE000", "a b ", "\u0001"];
        foreach (var key in keys) Assert.True(await WriteAsync(bucket, key, Describe(), key, ExpectedState.Absent));
        var listed = new List<ListedObject>();
        await foreach (var page in Store.ListAsync(bucket, null, default)) listed.AddRange(page.Objects);
        Assert.Equal(keys.Order(StringComparer.Ordinal), listed.Select(o => o.Key).Order(StringComparer.Ordinal));
        foreach (var item in listed) Assert.True(await Store.RewrapAsync(bucket, item.Key, item.Object!, Keys, default));
    }

    [Fact]
    public async Task A_bucket_whose_container_is_gone_says_so()
    {
        var bucket = await NewBucketAsync();
        await DropContainerAsync(bucket);
        await Assert.ThrowsAsync<BucketGoneException>(async () => await WriteAsync(bucket, Key, Describe(), "content", ExpectedState.Absent));
        await Assert.ThrowsAsync<BucketGoneException>(async () => await Store.OpenAsync(bucket, Key, null, default));
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
        return await Store.WriteAsync(bucket, key, description, Keys, Streams, buffer, expected, default);
    }

    private static async Task<string> TextAsync(Stream content)
    {
        using var reader = new StreamReader(content);
        return await reader.ReadToEndAsync();
    }
}
