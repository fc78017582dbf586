using Serverless.Objects.Buckets;

namespace Serverless.Objects.Tests;

/// <summary>What every bucket store promises.</summary>
public abstract class BucketStoreContract
{
    protected abstract IBucketStore Buckets { get; }

    protected abstract Task PutSomethingAsync(Bucket bucket);

    private readonly string _name = $"bucket.{Guid.NewGuid():N}";

    [Fact]
    public async Task A_bucket_is_there_from_its_creation_on_and_its_name_is_taken()
    {
        Assert.Null(await Buckets.FindAsync(_name, default));
        Assert.True(await Buckets.CreateAsync(_name, "eu-central-1", true, default));
        Assert.False(await Buckets.CreateAsync(_name, "us-east-1", false, default));
        var bucket = await Buckets.FindAsync(_name, default);
        Assert.Equal((_name, "eu-central-1", true), (bucket!.Name, bucket.Region, bucket.BlocksCustomerKeys));
        Assert.InRange(bucket.CreatedAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task Buckets_are_listed_in_the_order_of_their_names()
    {
        foreach (var suffix in (string[])["b", "a", "c"]) Assert.True(await Buckets.CreateAsync(_name + suffix, "us-east-1", false, default));
        var listed = new List<string>();
        await foreach (var bucket in Buckets.ListAsync(default)) listed.Add(bucket.Name);
        Assert.Equal([_name + "a", _name + "b", _name + "c"], listed.Where(name => name.StartsWith(_name, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_empty_bucket_is_deleted_and_its_name_is_free_again()
    {
        Assert.Equal(BucketDeletion.NotFound, await Buckets.DeleteAsync(_name, default));
        Assert.True(await Buckets.CreateAsync(_name, "us-east-1", false, default));
        var first = await Buckets.FindAsync(_name, default);
        Assert.Equal(BucketDeletion.Deleted, await Buckets.DeleteAsync(_name, default));
        Assert.Null(await Buckets.FindAsync(_name, default));
        Assert.True(await Buckets.CreateAsync(_name, "us-east-1", false, default));
        Assert.NotEqual(first!.Container, (await Buckets.FindAsync(_name, default))!.Container);
    }

    [Fact]
    public async Task A_bucket_that_holds_an_object_stays()
    {
        Assert.True(await Buckets.CreateAsync(_name, "us-east-1", false, default));
        await PutSomethingAsync((await Buckets.FindAsync(_name, default))!);
        Assert.Equal(BucketDeletion.NotEmpty, await Buckets.DeleteAsync(_name, default));
        Assert.NotNull(await Buckets.FindAsync(_name, default));
    }

    [Fact]
    public async Task Of_several_who_create_a_bucket_at_once_one_succeeds()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Buckets.CreateAsync(_name, "us-east-1", false, default).AsTask()));
        Assert.Single(results, created => created);
    }
}
