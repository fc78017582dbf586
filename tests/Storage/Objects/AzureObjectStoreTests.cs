using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Rotation;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Tests;
using Serverless.Objects.Versions;

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

        await Assert.ThrowsAsync<DamagedObjectException>(async () => await Store.FindAsync(bucket.At("damaged"), default));
        await Assert.ThrowsAsync<DamagedObjectException>(async () => await Store.OpenAsync(bucket.At("damaged"), null, default));
        // Names that no key has: nothing could be asked of them.
        foreach (var name in (string[])["a.", "b  ", "c  zz"])
            await azurite.Account.Blobs.GetBlobContainerClient(bucket.Container).UploadBlobAsync(name, BinaryData.FromString("x"));
        foreach (var rollUp in (bool[])[false, true])
        {
            await foreach (var page in Store.ListAsync(bucket, new("", "", rollUp, null), null, default))
                Assert.Equal([("damaged", false), ("whole", true)], page.Objects.Select(listed => (listed.Key, listed.Object is not null)));
        }
        Assert.True(await Store.DeleteAsync(bucket.At("damaged"), ExpectedState.Any, default));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_unavailable()
    {
        var nowhere = new StorageAccount("DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:1/devstoreaccount1;"
            + "QueueEndpoint=http://127.0.0.1:1/devstoreaccount1;TableEndpoint=http://127.0.0.1:1/devstoreaccount1");
        var bucket = new Bucket("bucket", "us-east-1", "container", DateTimeOffset.UtcNow, false);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await new BlobObjectStore(nowhere).FindAsync(bucket.At("key"), default));
        var buckets = new TableBucketStore(nowhere, new ServiceIdentity(), TimeProvider.System);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await buckets.FindAsync("bucket", default));
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class BlobVersionArchiveTests(AzuriteFixture azurite) : VersionArchiveContract
{
    protected override IObjectStore Objects { get; } = new BlobObjectStore(azurite.Account);

    protected override IVersionArchive Archive { get; } = new BlobVersionArchive(azurite.Account);

    protected override async Task<Bucket> NewBucketAsync()
    {
        var bucket = new Bucket("bucket", "us-east-1", $"c{Guid.NewGuid():N}", DateTimeOffset.UtcNow, false) { Versioning = BucketVersioning.Enabled };
        foreach (var container in (string[])[bucket.Container, bucket.Container + "-v"]) await azurite.Account.Blobs.CreateBlobContainerAsync(container);
        return bucket;
    }

    [Fact]
    public async Task What_is_damaged_is_listed_so_that_it_can_be_deleted_and_what_no_entry_is_named_like_is_not()
    {
        var bucket = await NewBucketAsync();
        var container = azurite.Account.Blobs.GetBlobContainerClient(bucket.Container + "-v");
        var name = $"{VersionRank.Of(DateTimeOffset.UtcNow, new byte[16])}aaaaaaaaaaaaaaaa";
        foreach (var blob in (string[])[$"key  !{name}", $"key{name}", $"  !{name}", name, "key", $"key.  !{name[1..]}"]) await container.UploadBlobAsync(blob, BinaryData.FromString("x"));
        var listed = new List<ArchivedEntry>();
        await foreach (var page in Archive.ListAsync(bucket, new(KeyRange.All), null, default)) listed.AddRange(page.Entries);
        var damaged = Assert.Single(listed);
        Assert.Equal(("key", name, null, false), (damaged.Key, damaged.Name.ToString(), damaged.Object, damaged.IsMarker));
        Assert.True(await Objects.DeleteAsync(bucket.At("key") with { Archived = damaged.Name }, ExpectedState.Any, default));
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class TableBucketStoreTests(AzuriteFixture azurite) : BucketStoreContract
{
    private readonly TableBucketStore _buckets = new(azurite.Account, new ServiceIdentity(), TimeProvider.System);

    protected override IBucketStore Buckets => _buckets;

    protected override IVersionArchive Archive { get; } = new BlobVersionArchive(azurite.Account);

    protected override async Task PutSomethingAsync(Bucket bucket) =>
        await azurite.Account.Blobs.GetBlobContainerClient(bucket.Container).UploadBlobAsync("key", BinaryData.FromString("x"));

    [Fact]
    public async Task A_deletion_that_was_cut_short_is_finished_by_the_next_attempt_and_does_not_block_the_name()
    {
        var row = await NewRowAsync();
        var name = row.RowKey;
        row["Deleting"] = true;
        await Table.UpdateEntityAsync(row, row.ETag);

        var another = AnotherInstance();
        Assert.Null(await another.FindAsync(name, default));
        Assert.Equal(BucketDeletion.Deleted, await another.DeleteAsync(name, BucketStoreContract.Confirmed, default));
        Assert.True(await another.CreateAsync(new(name, "us-east-1"), default));
    }

    [Theory]
    [InlineData("my.dotted.bucket")]
    [InlineData("a.-.b")]
    [InlineData("0123456789012345678901234567890123456789.-2345678901234567890")]
    public async Task Any_bucket_name_gets_a_container(string prefix) =>
        Assert.True(await _buckets.CreateAsync(new(prefix[..Math.Min(prefix.Length, 55)] + Guid.NewGuid().ToString("N")[..7], "us-east-1"), default));

    [Fact]
    public async Task A_bucket_of_an_older_version_has_no_policy_and_is_blocked()
    {
        var row = await NewRowAsync();
        row.Remove("PublicAccessBlock");
        await Table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);

        var bucket = await AnotherInstance().FindAsync(row.RowKey, default);
        Assert.Null(bucket!.Policy);
        Assert.Equal(PublicAccessBlocks.All, bucket.PublicAccessBlock);
        Assert.True(await _buckets.TryChangeAsync(bucket with { Policy = new("{}", bucket.Arn), PublicAccessBlock = null }, default));
        Assert.Equal(("{}", null), await ConfigurationAsync(row.RowKey));
    }

    [Fact]
    public async Task A_change_leaves_what_it_does_not_know_as_it_is()
    {
        var row = await NewRowAsync();
        row["Newer"] = "kept";
        await Table.UpdateEntityAsync(row, row.ETag);
        var bucket = await _buckets.FindAsync(row.RowKey, default);

        Assert.True(await _buckets.TryChangeAsync(bucket! with { PublicAccessBlock = PublicAccessBlocks.None }, default));
        Assert.Equal("kept", (await Table.GetEntityAsync<TableEntity>(row.PartitionKey, row.RowKey)).Value.GetString("Newer"));
    }

    [Fact]
    public async Task Versioning_that_cannot_be_read_keeps_versions()
    {
        var row = await NewRowAsync();
        row["Versioning"] = "Something";
        await Table.UpdateEntityAsync(row, row.ETag);
        Assert.Equal(BucketVersioning.Enabled, (await AnotherInstance().FindAsync(row.RowKey, default))!.Versioning);
    }

    [Fact]
    public async Task A_block_that_cannot_be_read_blocks()
    {
        var row = await NewRowAsync();
        row["PublicAccessBlock"] = "Something";
        await Table.UpdateEntityAsync(row, row.ETag);
        Assert.Equal(PublicAccessBlocks.All, (await AnotherInstance().FindAsync(row.RowKey, default))!.PublicAccessBlock);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{"Mode":"Newer","KmsKeyId":null,"BucketKey":false}""")]
    [InlineData("""{"Mode":"Customer","KmsKeyId":null,"BucketKey":false}""")]
    [InlineData("""{"Mode":7,"KmsKeyId":null,"BucketKey":false}""")]
    [InlineData("null")]
    public async Task A_default_encryption_that_cannot_be_read_is_one_under_a_key_that_there_is_not(string json)
    {
        var row = await NewRowAsync();
        row["Encryption"] = json;
        await Table.UpdateEntityAsync(row, row.ETag);
        Assert.Equal(new(EncryptionMode.Kms, "unreadable", false), (await AnotherInstance().FindAsync(row.RowKey, default))!.DefaultEncryption);
    }

    [Fact]
    public async Task Another_instance_sees_a_change_within_seconds_and_cannot_change_what_it_has_not_seen()
    {
        var clock = new FakeTimeProvider();
        var other = new TableBucketStore(azurite.Account, new ServiceIdentity(), clock);
        var name = (await NewRowAsync()).RowKey;
        var stale = await other.FindAsync(name, default);
        Assert.True(await _buckets.TryChangeAsync((await _buckets.FindAsync(name, default))! with { PublicAccessBlock = null }, default));

        Assert.Equal(PublicAccessBlocks.All, (await other.FindAsync(name, default))!.PublicAccessBlock);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Null((await other.FindAsync(name, default))!.PublicAccessBlock);
        Assert.False(await other.TryChangeAsync(stale! with { PublicAccessBlock = PublicAccessBlocks.None }, default));
    }

    [Fact]
    public async Task The_largest_policy_is_kept_to_the_letter()
    {
        var json = $"{{\r\n\t\"é\ud83d\ude00\": \"{new string('x', BucketPolicy.MaxSize)}"[..(BucketPolicy.MaxSize - 2)] + "\"}";
        var name = (await NewRowAsync()).RowKey;
        var bucket = await _buckets.FindAsync(name, default);
        Assert.True(await _buckets.TryChangeAsync(bucket! with { Policy = new(json, bucket.Arn) }, default));
        Assert.Equal((json, PublicAccessBlocks.All), await ConfigurationAsync(name));
    }

    private TableClient Table => azurite.Account.Tables.GetTableClient(TableBucketStore.TableName);

    private TableBucketStore AnotherInstance() => new(azurite.Account, new ServiceIdentity(), TimeProvider.System);

    private async Task<TableEntity> NewRowAsync()
    {
        var name = $"bucket-{Guid.NewGuid():N}";
        Assert.True(await _buckets.CreateAsync(new(name, "us-east-1"), default));
        return (await Table.GetEntityAsync<TableEntity>("000000000000", name)).Value;
    }

    private async Task<(string? Policy, PublicAccessBlocks? Block)> ConfigurationAsync(string name) =>
        await AnotherInstance().FindAsync(name, default) is { } bucket ? (bucket.Policy?.Json, bucket.PublicAccessBlock) : throw new InvalidOperationException("No bucket.");
}

[Collection(AzuriteCollection.Name)]
public sealed class BlobDataStoreTests(AzuriteFixture azurite) : DataStoreContract
{
    protected override IDataStore Data { get; } = new BlobDataStore(azurite.Account);
}

[Collection(AzuriteCollection.Name)]
public sealed class TableUploadStoreTests(AzuriteFixture azurite) : UploadStoreContract
{
    private readonly TableClient _table = azurite.Account.Tables.GetTableClient(TableUploadStore.TableName);

    protected override IUploadStore Uploads { get; } = new TableUploadStore(azurite.Account);

    [Theory]
    [InlineData("Stored", "null")]
    [InlineData("Stored", "{\"object\":\"bnVsbA==\",\"key\":\"AAAA\"}")]
    [InlineData("Stored", "{\"object\":null,\"key\":\"AAAA\"}")]
    [InlineData("Stored", null)]
    [InlineData("BucketName", null)]
    [InlineData("ObjectKey", null)]
    [InlineData("Initiated", null)]
    [InlineData("Initiated", "yesterday")]
    [InlineData("NamesKey", null)]
    [InlineData("ChecksumAlgorithm", "MD4")]
    [InlineData("ChecksumType", null)]
    public async Task A_row_that_was_changed_does_not_describe_an_upload_and_does_no_harm(string property, string? value)
    {
        var bucket = new Bucket("bucket", "us-east-1", $"container-{Guid.NewGuid():N}", DateTimeOffset.UtcNow, BlocksCustomerKeys: false);
        var upload = NewUpload(bucket, "key", DateTimeOffset.UtcNow);
        await Uploads.CreateAsync(upload, default);
        await ChangeAsync(upload, property, value);
        await foreach (var listed in Uploads.ListAsync(bucket, new("", "", null, 10), default)) Assert.Fail($"{listed.Key} was read.");
        await foreach (var listed in Uploads.ListAllAsync(null, default)) Assert.NotEqual(upload.Id, listed.Upload?.Id);
        Assert.True(await Uploads.IsKnownAsync(bucket.Container, upload.Key, upload.Id, default));
    }

    protected override Task DamageAsync(Upload upload) => ChangeAsync(upload, "Stored", "{");

    private async Task ChangeAsync(Upload upload, string property, string? value)
    {
        await foreach (var row in _table.QueryAsync<TableEntity>(row => row.PartitionKey == upload.Container))
        {
            if (!row.RowKey.EndsWith(upload.Id.Text, StringComparison.Ordinal)) continue;
            if (value is null) row.Remove(property);
            else row[property] = value;
            await _table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);
        }
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class StoredRewrapTests(AzuriteFixture azurite) : RewrapStoreContract
{
    protected override IRewrapStore Store { get; } = new StoredRewrap(azurite.Account);
}
