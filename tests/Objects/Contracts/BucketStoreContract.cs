using Serverless.Objects.Buckets;
using Serverless.Objects.Cors;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests;

/// <summary>What every bucket store promises.</summary>
public abstract class BucketStoreContract
{
    protected abstract IBucketStore Buckets { get; }

    protected abstract Task PutSomethingAsync(Bucket bucket);

    /// <summary>The archives of these buckets.</summary>
    protected abstract IVersionArchive Archive { get; }

    internal static readonly Func<Bucket, ValueTask> Confirmed = _ => default;

    private readonly string _name = $"bucket.{Guid.NewGuid():N}";

    [Fact]
    public async Task A_bucket_is_there_from_its_creation_on_and_its_name_is_taken()
    {
        Assert.Null(await Buckets.FindAsync(_name, default));
        Assert.True(await Buckets.CreateAsync(new(_name, "eu-central-1", true), default));
        Assert.False(await Buckets.CreateAsync(new(_name, "us-east-1"), default));
        var bucket = await Buckets.FindAsync(_name, default);
        Assert.Equal((_name, "eu-central-1", true), (bucket!.Name, bucket.Region, bucket.BlocksCustomerKeys));
        Assert.InRange(bucket.CreatedAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task Buckets_are_listed_in_the_order_of_their_names()
    {
        foreach (var suffix in (string[])["b", "a", "c"]) Assert.True(await Buckets.CreateAsync(new(_name + suffix, "us-east-1"), default));
        var listed = new List<string>();
        await foreach (var bucket in Buckets.ListAsync("", "", default)) listed.Add(bucket.Name);
        Assert.Equal([_name + "a", _name + "b", _name + "c"], listed.Where(name => name.StartsWith(_name, StringComparison.Ordinal)));
        Assert.Equal([_name + "a", _name + "b", _name + "c"], await NamesAsync(_name, ""));
        Assert.Equal([_name + "b", _name + "c"], await NamesAsync(_name, _name + "a"));
        Assert.Equal([_name + "b"], await NamesAsync(_name + "b", _name));
        Assert.Empty(await NamesAsync(_name, _name + "c"));
        Assert.Empty(await NamesAsync(_name + "B", ""));
        Assert.Empty(await NamesAsync("it's / no \0 name", ""));
    }

    [Fact]
    public async Task An_empty_bucket_is_deleted_and_its_name_is_free_again()
    {
        Assert.Equal(BucketDeletion.NotFound, await Buckets.DeleteAsync(_name, Confirmed, default));
        Assert.True(await Buckets.CreateAsync(new(_name, "us-east-1"), default));
        var first = await Buckets.FindAsync(_name, default);
        Assert.Equal(BucketDeletion.Deleted, await Buckets.DeleteAsync(_name, Confirmed, default));
        Assert.Null(await Buckets.FindAsync(_name, default));
        Assert.True(await Buckets.CreateAsync(new(_name, "us-east-1"), default));
        Assert.NotEqual(first!.Container, (await Buckets.FindAsync(_name, default))!.Container);
    }

    [Fact]
    public async Task A_bucket_that_holds_an_object_stays()
    {
        Assert.True(await Buckets.CreateAsync(new(_name, "us-east-1"), default));
        await PutSomethingAsync((await Buckets.FindAsync(_name, default))!);
        Assert.Equal(BucketDeletion.NotEmpty, await Buckets.DeleteAsync(_name, Confirmed, default));
        Assert.NotNull(await Buckets.FindAsync(_name, default));
    }

    [Fact]
    public async Task A_bucket_goes_only_when_that_is_confirmed_and_nothing_else_stands_against_it()
    {
        var confirmed = new List<Bucket>();
        ValueTask Note(Bucket bucket)
        {
            confirmed.Add(bucket);
            return default;
        }
        Assert.Equal(BucketDeletion.NotFound, await Buckets.DeleteAsync(_name, Note, default));
        var kept = await NewAsync("");
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await Buckets.DeleteAsync(_name, _ => throw new InvalidTimeZoneException(), default));
        Assert.Equal(kept.Container, (await Buckets.FindAsync(_name, default))?.Container);
        await PutSomethingAsync(kept);
        Assert.Equal(BucketDeletion.NotEmpty, await Buckets.DeleteAsync(_name, Note, default));
        Assert.Empty(confirmed);

        var gone = await NewAsync("gone");
        Assert.Equal(BucketDeletion.Deleted, await Buckets.DeleteAsync(gone.Name, Note, default));
        Assert.Equal(gone.Container, Assert.Single(confirmed).Container);
    }

    [Fact]
    public async Task Of_several_who_create_a_bucket_at_once_one_succeeds()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Buckets.CreateAsync(new(_name, "us-east-1"), default).AsTask()));
        Assert.Single(results, created => created);
    }

    [Fact]
    public async Task A_new_bucket_has_no_policy_and_the_public_access_block_that_it_was_created_with()
    {
        var blocked = await NewAsync("blocked");
        var open = await NewAsync("open", null);
        Assert.Equal((null, PublicAccessBlocks.All), (blocked.Policy, blocked.PublicAccessBlock));
        Assert.Equal((null, null), (open.Policy, open.PublicAccessBlock));
    }

    [Fact]
    public async Task Policy_and_public_access_block_are_changed_and_removed_and_seen_at_once()
    {
        var bucket = await NewAsync("changed");
        Assert.True(await Buckets.TryChangeAsync(bucket with { Policy = new("{ }", bucket.Arn) }, default));
        var withPolicy = await Buckets.FindAsync(bucket.Name, default);
        Assert.Equal(("{ }", PublicAccessBlocks.All), (withPolicy!.Policy?.Json, withPolicy.PublicAccessBlock));

        Assert.True(await Buckets.TryChangeAsync(withPolicy with { PublicAccessBlock = PublicAccessBlocks.BlockPublicPolicy | PublicAccessBlocks.BlockPublicAcls }, default));
        var partly = await Buckets.FindAsync(bucket.Name, default);
        Assert.Equal(("{ }", PublicAccessBlocks.BlockPublicPolicy | PublicAccessBlocks.BlockPublicAcls), (partly!.Policy?.Json, partly.PublicAccessBlock));

        foreach (var block in (PublicAccessBlocks?[])[PublicAccessBlocks.None, null])
        {
            var before = await Buckets.FindAsync(bucket.Name, default);
            Assert.True(await Buckets.TryChangeAsync(before! with { Policy = null, PublicAccessBlock = block }, default));
            var after = await Buckets.FindAsync(bucket.Name, default);
            Assert.Equal((null, block), (after!.Policy, after.PublicAccessBlock));
        }
        var listed = new List<Bucket>();
        await foreach (var found in Buckets.ListAsync("", "", default)) listed.Add(found);
        Assert.Null(listed.Single(found => found.Name == bucket.Name).PublicAccessBlock);
    }

    [Fact]
    public async Task Default_encryption_and_the_block_of_customer_keys_are_changed_and_removed_and_leave_the_rest()
    {
        var bucket = await NewAsync("encrypted");
        Assert.Equal((null, false), (bucket.ConfiguredEncryption, bucket.BlocksCustomerKeys));
        Assert.Equal(BucketEncryption.Initial, bucket.DefaultEncryption);
        foreach (var (encryption, blocks) in ((BucketEncryption?, bool)[])
        [
            (new(EncryptionMode.Kms, "a key, \"named\" as it was given é", true), true), (new(EncryptionMode.DoubleKms, null, false), false), (new(EncryptionMode.S3, null, false), true), (null, true),
        ])
        {
            var before = await Buckets.FindAsync(bucket.Name, default);
            Assert.True(await Buckets.TryChangeAsync(before! with { ConfiguredEncryption = encryption, BlocksCustomerKeys = blocks, Policy = new("{ }", bucket.Arn) }, default));
            var after = await Buckets.FindAsync(bucket.Name, default);
            Assert.Equal((encryption, blocks), (after!.ConfiguredEncryption, after.BlocksCustomerKeys));
            Assert.Equal(("{ }", PublicAccessBlocks.All, "us-east-1"), (after.Policy?.Json, after.PublicAccessBlock, after.Region));
        }
    }

    [Fact]
    public async Task CORS_rules_are_changed_and_removed_and_leave_the_rest()
    {
        var bucket = await NewAsync("cors");
        Assert.Null(bucket.Cors);
        CorsRule[] rules =
        [
            new(["https://*.example.test", ""], ["GET", "PUT"]) { Id = "a \"name\" é\n", AllowedHeaders = ["x-*"], ExposeHeaders = ["ETag"], MaxAgeSeconds = 0 },
            new([new string('o', 60_000)], ["HEAD"]),
        ];
        Assert.True(await Buckets.TryChangeAsync(bucket with { Cors = new(rules), Policy = new("{ }", bucket.Arn) }, default));
        var changed = await Buckets.FindAsync(bucket.Name, default);
        Assert.Equal(new CorsConfiguration(rules).Write().ToString(), changed!.Cors?.Write().ToString());
        Assert.Equal("{ }", changed.Policy?.Json);

        Assert.True(await Buckets.TryChangeAsync(changed with { Cors = null }, default));
        Assert.Null((await Buckets.FindAsync(bucket.Name, default))!.Cors);
    }

    [Fact]
    public async Task Tags_and_ownership_controls_are_changed_and_removed_and_leave_the_rest()
    {
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["a b"] = "", ["ü"] = "鍵=/+", ["B"] = "b" };
        var name = _name + "tagged";
        Assert.True(await Buckets.CreateAsync(new(name, "us-east-1") { Tags = tags }, default));
        var bucket = await Buckets.FindAsync(name, default);
        Assert.Equal(["B=b", "a b=", "ü=鍵=/+"], bucket!.Tags.Select(tag => $"{tag.Key}={tag.Value}"));
        Assert.True(bucket.HasOwnershipControls);
        Assert.Empty((await NewAsync("plain")).Tags);

        Assert.True(await Buckets.TryChangeAsync(bucket with { Tags = new Dictionary<string, string>(), HasOwnershipControls = false }, default));
        bucket = await Buckets.FindAsync(name, default);
        Assert.Empty(bucket!.Tags);
        Assert.Equal((false, PublicAccessBlocks.All), (bucket.HasOwnershipControls, bucket.PublicAccessBlock));
        // The most and the longest that there may be, of characters that take the most room.
        var most = Enumerable.Range(0, 50).ToDictionary(i => $"{i:D2}" + new string('\u2028', 126), _ => new string('\u2028', 256));
        Assert.True(await Buckets.TryChangeAsync(bucket with { Tags = most, HasOwnershipControls = true }, default));
        bucket = await Buckets.FindAsync(name, default);
        Assert.Equal(most, bucket!.Tags);
        Assert.True(bucket.HasOwnershipControls);
    }

    [Fact]
    public async Task Versioning_is_changed_and_leaves_the_rest_and_has_an_archive_from_then_on()
    {
        var bucket = await NewAsync("versioned");
        Assert.Equal((BucketVersioning.Unversioned, false), (bucket.Versioning, bucket.HasVersions));
        foreach (var versioning in (BucketVersioning[])[BucketVersioning.Suspended, BucketVersioning.Enabled, BucketVersioning.Suspended])
        {
            var before = (await Buckets.FindAsync(bucket.Name, default))!;
            Assert.True(await Buckets.TryChangeAsync(before with { Versioning = versioning, Policy = new("{ }", bucket.Arn) }, default));
            var after = (await Buckets.ReadAsync(bucket.Name, default))!;
            Assert.Equal((versioning, true, "{ }"), (after.Versioning, after.HasVersions, after.Policy?.Json));
            await foreach (var page in Archive.ListAsync(after, new(KeyRange.All), null, default)) Assert.Empty(page.Entries);
        }
        Assert.Null(await Buckets.ReadAsync(bucket.Name + "x", default));
    }

    [Fact]
    public async Task A_bucket_whose_archive_holds_a_version_or_a_delete_marker_stays_and_one_that_holds_tombstones_and_what_they_stand_before_goes()
    {
        var bucket = await NewAsync("archive");
        Assert.True(await Buckets.TryChangeAsync(bucket with { Versioning = BucketVersioning.Enabled }, default));
        bucket = (await Buckets.FindAsync(bucket.Name, default))!;
        var rank = VersionRank.Of(DateTimeOffset.UtcNow, new byte[16]);
        await Archive.AddMarkerAsync(bucket.At("key") with { Archived = new(rank, new('a', ArchivedName.CopyLength)) }, isNull: false, default);
        Assert.Equal(BucketDeletion.NotEmpty, await Buckets.DeleteAsync(bucket.Name, Confirmed, default));
        await Archive.AddTombstoneAsync(bucket.At("ke"), rank, default);
        await Archive.AddTombstoneAsync(bucket.At("key2"), rank, default);
        Assert.Equal(BucketDeletion.NotEmpty, await Buckets.DeleteAsync(bucket.Name, Confirmed, default));
        await Archive.AddTombstoneAsync(bucket.At("key"), rank, default);
        Assert.Equal(BucketDeletion.Deleted, await Buckets.DeleteAsync(bucket.Name, Confirmed, default));
        await Assert.ThrowsAsync<BucketGoneException>(async () =>
        {
            await foreach (var page in Archive.ListAsync(bucket, new(KeyRange.All), null, default)) Assert.Empty(page.Entries);
        });
    }

    [Fact]
    public async Task A_change_of_a_state_that_is_no_more_is_refused_and_changes_nothing()
    {
        var stale = await NewAsync("raced");
        Assert.True(await Buckets.TryChangeAsync(stale with { Policy = new("{}", stale.Arn) }, default));
        Assert.False(await Buckets.TryChangeAsync(stale with { PublicAccessBlock = null }, default));
        var bucket = await Buckets.FindAsync(stale.Name, default);
        Assert.Equal(("{}", PublicAccessBlocks.All), (bucket!.Policy?.Json, bucket.PublicAccessBlock));

        Assert.Equal(BucketDeletion.Deleted, await Buckets.DeleteAsync(stale.Name, Confirmed, default));
        Assert.False(await Buckets.TryChangeAsync(bucket with { Policy = null }, default));
        Assert.Null(await Buckets.FindAsync(stale.Name, default));
    }

    [Fact]
    public async Task Of_several_who_change_a_bucket_at_once_one_succeeds()
    {
        var bucket = await NewAsync("contended");
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            Buckets.TryChangeAsync(bucket with { Policy = new($"{{\"Id\":\"{i}\"}}", bucket.Arn) }, default).AsTask()));
        Assert.Equal($"{{\"Id\":\"{Array.IndexOf(results, true)}\"}}", (await Buckets.FindAsync(bucket.Name, default))!.Policy!.Json);
        Assert.Single(results, changed => changed);
    }

    private async Task<Bucket> NewAsync(string suffix, PublicAccessBlocks? block = PublicAccessBlocks.All)
    {
        Assert.True(await Buckets.CreateAsync(new(_name + suffix, "us-east-1", PublicAccessBlock: block), default));
        return (await Buckets.FindAsync(_name + suffix, default))!;
    }

    private async Task<List<string>> NamesAsync(string prefix, string after)
    {
        var names = new List<string>();
        await foreach (var bucket in Buckets.ListAsync(prefix, after, default)) names.Add(bucket.Name);
        return names;
    }
}
