using Serverless.Access;
using Serverless.Objects.Buckets;
using Serverless.Objects.Rotation;
using Serverless.Objects.Store;
using Serverless.Objects.Tests;

namespace Serverless.Storage.Tests;

[Collection(AzuriteCollection.Name)]
public sealed class BlobObjectStoreTests(AzuriteFixture azurite) : ObjectStoreContract
{
    protected override IObjectStore Store { get; } = new BlobObjectStore(azurite.Account);

    protected override async Task<Bucket> NewBucketAsync()
    {
        var bucket = new Bucket("bucket", "us-east-1", $"c{Guid.NewGuid():N}", DateTimeOffset.UtcNow, false);
        await azurite.Account.Blobs.CreateBlobContainerAsync(bucket.Container);
        return bucket;
    }

    protected override Task DropContainerAsync(Bucket bucket) => azurite.Account.Blobs.DeleteBlobContainerAsync(bucket.Container);

    [Fact]
    public async Task Metadata_that_Azure_would_not_take_are_refused_though_the_emulator_takes_them()
    {
        var bucket = await NewBucketAsync();
        var description = Describe() with { EncryptionContext = new() { ["large"] = new string('x', 7000) } };
        var refused = await Assert.ThrowsAsync<Serverless.Objects.Api.S3Exception>(() => WriteAsync(bucket, "key", description, "content", ExpectedState.Absent));
        Assert.Equal("MetadataTooLarge", refused.Error.Code);
    }

    [Fact]
    public async Task A_damaged_object_is_told_from_others_and_neither_stops_a_listing_nor_its_own_deletion()
    {
        var bucket = await NewBucketAsync();
        await azurite.Account.Blobs.GetBlobContainerClient(bucket.Container).UploadBlobAsync("damaged", BinaryData.FromString("x"));
        Assert.True(await WriteAsync(bucket, "whole", Describe(), "content", ExpectedState.Absent));

        await Assert.ThrowsAsync<DamagedObjectException>(async () => await Store.FindAsync(bucket, "damaged", default));
        await Assert.ThrowsAsync<DamagedObjectException>(async () => await Store.OpenAsync(bucket, "damaged", null, default));
        await foreach (var page in Store.ListAsync(bucket, null, default))
            Assert.Equal([("damaged", false), ("whole", true)], page.Objects.Select(listed => (listed.Key, listed.Object is not null)));
        Assert.True(await Store.DeleteAsync(bucket, "damaged", ExpectedState.Any, default));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_unavailable()
    {
        var nowhere = new StorageAccount("DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:1/devstoreaccount1;"
            + "QueueEndpoint=http://127.0.0.1:1/devstoreaccount1;TableEndpoint=http://127.0.0.1:1/devstoreaccount1");
        var bucket = new Bucket("bucket", "us-east-1", "container", DateTimeOffset.UtcNow, false);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await new BlobObjectStore(nowhere).FindAsync(bucket, "key", default));
        using var buckets = new TableBucketStore(nowhere, new ServiceIdentity());
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await buckets.FindAsync("bucket", default));
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class TableBucketStoreTests(AzuriteFixture azurite) : BucketStoreContract, IDisposable
{
    private readonly TableBucketStore _buckets = new(azurite.Account, new ServiceIdentity());

    protected override IBucketStore Buckets => _buckets;

    protected override async Task PutSomethingAsync(Bucket bucket) =>
        await azurite.Account.Blobs.GetBlobContainerClient(bucket.Container).UploadBlobAsync("key", BinaryData.FromString("x"));

    [Fact]
    public async Task A_deletion_that_was_cut_short_is_finished_by_the_next_attempt_and_does_not_block_the_name()
    {
        var name = $"bucket-{Guid.NewGuid():N}";
        Assert.True(await _buckets.CreateAsync(name, "us-east-1", false, default));
        var table = azurite.Account.Tables.GetTableClient(TableBucketStore.TableName);
        var row = (await table.GetEntityAsync<Azure.Data.Tables.TableEntity>("000000000000", name)).Value;
        row["Deleting"] = true;
        await table.UpdateEntityAsync(row, row.ETag);

        using var another = new TableBucketStore(azurite.Account, new ServiceIdentity());
        Assert.Null(await another.FindAsync(name, default));
        Assert.Equal(BucketDeletion.Deleted, await another.DeleteAsync(name, default));
        Assert.True(await another.CreateAsync(name, "us-east-1", false, default));
    }

    [Theory]
    [InlineData("my.dotted.bucket")]
    [InlineData("a.-.b")]
    [InlineData("0123456789012345678901234567890123456789.-2345678901234567890")]
    public async Task Any_bucket_name_gets_a_container(string prefix) =>
        Assert.True(await _buckets.CreateAsync(prefix[..Math.Min(prefix.Length, 55)] + Guid.NewGuid().ToString("N")[..7], "us-east-1", false, default));

    public void Dispose() => _buckets.Dispose();
}

[Collection(AzuriteCollection.Name)]
public sealed class BlobDataStoreTests(AzuriteFixture azurite) : DataStoreContract
{
    protected override IDataStore Data { get; } = new BlobDataStore(azurite.Account);
}

[Collection(AzuriteCollection.Name)]
public sealed class TableCheckpointsTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_checkpoint_is_read_back_as_it_was_written()
    {
        var checkpoints = new TableCheckpoints(azurite.Account);
        var pass = $"pass-{Guid.NewGuid():N}";
        Assert.Null(await checkpoints.ReadAsync(pass, default));
        var progress = new RewrapProgress(DateTimeOffset.UtcNow, "bucket", "token", 5, 4, 3, 2, null);
        await checkpoints.WriteAsync(pass, progress with { Seen = 1 }, default);
        await checkpoints.WriteAsync(pass, progress, default);
        Assert.Equal(progress, await checkpoints.ReadAsync(pass, default));
    }
}
