using System.Text;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

/// <summary>What every store of uploads promises; run over the memory of a test and over the real store.</summary>
public abstract class UploadStoreContract
{
    private const string Key = "a/ key//with\\awkward#parts?/";

    private readonly Bucket _bucket = new("my.bucket", "us-east-1", $"container-{Guid.NewGuid():N}", DateTimeOffset.UtcNow, BlocksCustomerKeys: false);

    protected abstract IUploadStore Uploads { get; }

    /// <summary>Makes what is stored of an upload describe none.</summary>
    protected abstract Task DamageAsync(Upload upload);

    [Fact]
    public async Task An_upload_is_found_as_it_was_begun_and_by_its_own_key_and_bucket_only()
    {
        var upload = await BeginAsync(Key);
        var found = (await Uploads.FindAsync(_bucket, Key, upload.Id, default))!;
        Assert.Equivalent(upload with { Object = upload.Object with { Version = found.Object.Version } }, found, strict: true);
        Assert.Null(await Uploads.FindAsync(_bucket, Key + "x", upload.Id, default));
        Assert.Null(await Uploads.FindAsync(_bucket, Key, UploadId.New(DateTimeOffset.UtcNow), default));
        Assert.Null(await Uploads.FindAsync(_bucket with { Container = "another" }, Key, upload.Id, default));
        Assert.True(await Uploads.IsKnownAsync(_bucket.Container, Key, upload.Id, default));
    }

    [Fact]
    public async Task Long_keys_that_begin_alike_are_told_apart()
    {
        var beginning = new string('é', 500);
        var upload = await BeginAsync(beginning + "1");
        Assert.NotNull(await Uploads.FindAsync(_bucket, beginning + "1", upload.Id, default));
        Assert.Null(await Uploads.FindAsync(_bucket, beginning + "2", upload.Id, default));
        Assert.Null(await Uploads.FindAsync(_bucket, beginning, upload.Id, default));
    }

    [Fact]
    public async Task An_upload_that_has_ended_is_found_no_more_but_known_until_it_is_forgotten()
    {
        var now = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);
        var upload = await BeginAsync(Key);
        await Uploads.PutPartAsync(upload.Id, Part(1, "token"), default);
        var found = (await Uploads.FindAsync(_bucket, Key, upload.Id, default))!;
        Assert.True(await Uploads.EndAsync(found, now, default));
        Assert.False(await Uploads.EndAsync(found, now, default));
        Assert.Null(await Uploads.FindAsync(_bucket, Key, upload.Id, default));
        Assert.Empty(await ListAsync(new("", "", null, 10)));
        Assert.DoesNotContain(await AllAsync(), other => other.Id == upload.Id);
        Assert.True(await Uploads.IsKnownAsync(_bucket.Container, Key, upload.Id, default));
        Assert.False(await Uploads.IsKnownAsync(_bucket.Container, "another", upload.Id, default));

        Assert.DoesNotContain(await EndedAsync(now), ended => ended.Id == upload.Id);
        var ended = Assert.Single(await EndedAsync(now.AddSeconds(1)), ended => ended.Id == upload.Id);
        Assert.Equal((_bucket.Container, now), (ended.Container, ended.EndedAt));
        await Uploads.ForgetAsync(ended, default);
        await Uploads.ForgetAsync(ended, default);
        Assert.False(await Uploads.IsKnownAsync(_bucket.Container, Key, upload.Id, default));
        Assert.Empty(await Uploads.ListPartsAsync(upload.Id, 0, 10, default));
        Assert.DoesNotContain(await EndedAsync(now.AddSeconds(1)), ended => ended.Id == upload.Id);
    }

    [Fact]
    public async Task A_rewrap_replaces_the_keys_and_nothing_else_and_only_in_the_state_that_it_expects()
    {
        var upload = await BeginAsync(Key);
        var found = (await Uploads.FindAsync(_bucket, Key, upload.Id, default))!;
        var keys = new ObjectKeys([9], [8], [7], [6]);
        Assert.True(await Uploads.RewrapAsync(found, keys, default));
        Assert.False(await Uploads.RewrapAsync(found, keys, default));
        Assert.False(await Uploads.EndAsync(found, DateTimeOffset.UtcNow, default));
        var rewrapped = (await Uploads.FindAsync(_bucket, Key, upload.Id, default))!;
        Assert.Equivalent(found with { Object = found.Object with { Keys = keys, Version = rewrapped.Object.Version } }, rewrapped, strict: true);
        Assert.True(await Uploads.EndAsync(rewrapped, DateTimeOffset.UtcNow, default));
    }

    [Fact]
    public async Task What_does_not_describe_an_upload_hides_no_other_and_is_known()
    {
        var (before, damaged, after) = (await BeginAsync("a"), await BeginAsync("b"), await BeginAsync("c"));
        await DamageAsync(damaged);
        Assert.Equal([before.Id, after.Id], (await ListAsync(new("", "", null, 10))).Select(upload => upload.Id));
        Assert.Contains(await ListAllAsync(), listed => listed.Upload is null && listed.Name.EndsWith(damaged.Id.Text, StringComparison.Ordinal));
        Assert.Superset(new HashSet<UploadId> { before.Id, after.Id }, (await AllAsync()).Select(upload => upload.Id).ToHashSet());
        await Assert.ThrowsAsync<DamagedObjectException>(async () => await Uploads.FindAsync(_bucket, damaged.Key, damaged.Id, default));
        Assert.True(await Uploads.IsKnownAsync(_bucket.Container, damaged.Key, damaged.Id, default));
    }

    [Fact]
    public async Task All_uploads_can_be_listed_from_behind_any_of_them_and_those_of_a_container_come_together()
    {
        for (var i = 0; i < 3; i++) await BeginAsync("a");
        await BeginAsync("a/b");
        await BeginAsync("c");
        var all = await ListAllAsync();
        for (var i = 0; i < all.Count; i++)
        {
            var behind = new List<string>();
            await foreach (var listed in Uploads.ListAllAsync(all[i].Name, default)) behind.Add(listed.Name);
            Assert.Equal(all.Skip(i + 1).Select(listed => listed.Name), behind);
        }
        var containers = all.Select(listed => listed.Name.Split('/')[0]).ToList();
        Assert.Equal(containers.Distinct().Count(), 1 + containers.Zip(containers.Skip(1)).Count(pair => pair.First != pair.Second));
    }

    [Fact]
    public async Task Parts_are_listed_in_the_order_of_their_numbers_and_the_last_of_a_number_is_the_one()
    {
        var upload = UploadId.New(DateTimeOffset.UtcNow);
        foreach (var number in (int[])[10_000, 2, 1, 999, 10]) await Uploads.PutPartAsync(upload, Part(number, "first"), default);
        await Uploads.PutPartAsync(upload, Part(2, "second") with { Length = 5L << 30 }, default);
        var all = await Uploads.ListPartsAsync(upload, 0, 10_000, default);
        Assert.Equal([1, 2, 10, 999, 10_000], all.Select(part => part.Number));
        Assert.Equal(("second", 5L << 30), (all[1].Token, all[1].Length));
        Assert.Equivalent(Part(1, "first"), all[0], strict: true);
        Assert.Equal([10, 999], (await Uploads.ListPartsAsync(upload, 2, 2, default)).Select(part => part.Number));
        Assert.Empty(await Uploads.ListPartsAsync(upload, 10_000, 10, default));
        Assert.Empty(await Uploads.ListPartsAsync(UploadId.New(DateTimeOffset.UtcNow), 0, 10, default));
    }

    [Fact]
    public async Task More_parts_than_a_page_or_a_transaction_holds_are_listed_and_forgotten()
    {
        var upload = UploadId.New(DateTimeOffset.UtcNow);
        await Parallel.ForEachAsync(Enumerable.Range(1, 1_050), async (number, token) => await Uploads.PutPartAsync(upload, Part(number, "t"), token));
        Assert.Equal(Enumerable.Range(1, 1_050), (await Uploads.ListPartsAsync(upload, 0, 10_000, default)).Select(part => part.Number));
        await Uploads.ForgetPartsAsync(upload, default);
        Assert.Empty(await Uploads.ListPartsAsync(upload, 0, 10_000, default));
    }

    [Fact]
    public async Task Parts_of_one_number_that_come_at_once_are_one_part()
    {
        var upload = UploadId.New(DateTimeOffset.UtcNow);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Uploads.PutPartAsync(upload, Part(1, $"{i}"), default).AsTask()));
        Assert.Single(await Uploads.ListPartsAsync(upload, 0, 10, default));
    }

    /// <summary>Keys where orders differ: prefixes of others, bytes below and above ASCII, surrogates, and such as are too long for a row's key.</summary>
    [Fact]
    public async Task Uploads_are_listed_in_the_order_of_their_keys_bytes_and_of_their_beginnings()
    {
        var long1 = new string('k', 1020);
        string[] keys = ["a", "a/b", "a/b", "a/", "ab", "a\u0001", "a-", "A", "é", "\uE000", "😀", long1, long1 + "1", long1 + "0", long1 + "0", long1[..1019] + "é"];
        var begun = DateTimeOffset.UtcNow;
        foreach (var key in keys) await BeginAsync(key, begun = begun.AddMilliseconds(1));

        var listed = await ListAsync(new("", "", null, 3));
        var expected = keys.OrderBy(key => Encoding.UTF8.GetBytes(key), Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y))).ToArray();
        Assert.Equal(expected, listed.Select(upload => upload.Key));
        foreach (var same in listed.GroupBy(upload => upload.Key)) Assert.Equal(same.OrderBy(upload => upload.Initiated), same);

        // From each one on, and with each one's beginning as prefix.
        for (var i = 0; i < listed.Count; i++)
        {
            Assert.Equal(listed.Skip(i + 1).Select(upload => upload.Id), (await ListAsync(new("", listed[i].Key, listed[i].Id, 4))).Select(upload => upload.Id));
            Assert.Equal(listed.SkipWhile(upload => upload.Key != listed[i].Key).Select(upload => upload.Id), (await ListAsync(new("", listed[i].Key, null, 1000))).Select(upload => upload.Id));
            Assert.Equal(listed.Where(upload => upload.Key.StartsWith(listed[i].Key, StringComparison.Ordinal)).Select(upload => upload.Id),
                (await ListAsync(new(listed[i].Key, "", null, 2))).Select(upload => upload.Id));
        }
        Assert.Superset(listed.Select(upload => upload.Id).ToHashSet(), (await AllAsync()).Select(upload => upload.Id).ToHashSet());
    }

    private static UploadedPart Part(int number, string token) => new(number, 5 << 20, new string('e', 32), "AAAAAA==", new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero), token, new(new byte[56]));

    protected static Upload NewUpload(Bucket bucket, string key, DateTimeOffset begun) => new(
        UploadId.New(begun), bucket.Name, bucket.Container, key, begun, "arn:aws:iam::000000000000:root", "aws:kms", true, "replaced",
        new(ChecksumAlgorithm.SHA256, ChecksumType.Composite, true), new(ObjectStoreContract.Describe(), new([1], [2], [3], [4]), null, ""));

    private async Task<Upload> BeginAsync(string key, DateTimeOffset? at = null)
    {
        var upload = NewUpload(_bucket, key, at ?? DateTimeOffset.UtcNow);
        await Uploads.CreateAsync(upload, default);
        return upload;
    }

    private async Task<List<Upload>> ListAsync(UploadRange range)
    {
        var list = new List<Upload>();
        await foreach (var upload in Uploads.ListAsync(_bucket, range, default)) list.Add(upload);
        return list;
    }

    private async Task<IEnumerable<Upload>> AllAsync() => (await ListAllAsync()).Select(listed => listed.Upload).OfType<Upload>();

    private async Task<List<ListedUpload>> ListAllAsync()
    {
        var list = new List<ListedUpload>();
        await foreach (var listed in Uploads.ListAllAsync(null, default)) list.Add(listed);
        return list;
    }

    private async Task<List<EndedUpload>> EndedAsync(DateTimeOffset before)
    {
        var list = new List<EndedUpload>();
        await foreach (var upload in Uploads.ListEndedAsync(before, default)) list.Add(upload);
        return list;
    }
}
