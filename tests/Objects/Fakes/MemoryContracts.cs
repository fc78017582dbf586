using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

public sealed class MemoryObjectStoreTests : ObjectStoreContract
{
    private readonly MemoryStore _store = new();

    protected override IObjectStore Store => _store;

    protected override async Task<Bucket> NewBucketAsync()
    {
        await _store.CreateAsync(new("bucket", "us-east-1"), default);
        return (await _store.FindAsync("bucket", default))!;
    }

    protected override Task DropContainerAsync(Bucket bucket)
    {
        _store.DropContainer(bucket);
        return Task.CompletedTask;
    }
}

public sealed class MemoryVersionArchiveTests : VersionArchiveContract
{
    private readonly MemoryStore _store = new();

    protected override IObjectStore Objects => _store;

    protected override IVersionArchive Archive => _store;

    protected override async Task<Bucket> NewBucketAsync()
    {
        await _store.CreateAsync(new("bucket", "us-east-1"), default);
        var bucket = (await ((IBucketStore)_store).FindAsync("bucket", default))! with { Versioning = BucketVersioning.Enabled };
        Assert.True(await _store.TryChangeAsync(bucket, default));
        return bucket;
    }
}

public sealed class MemoryBucketStoreTests : BucketStoreContract
{
    private readonly MemoryStore _store = new();

    protected override IBucketStore Buckets => _store;

    protected override async Task PutSomethingAsync(Bucket bucket)
    {
        using var content = new Bodies.SegmentedBuffer(1);
        await _store.WriteAsync(bucket.At("key"), ObjectStoreContract.Describe(), ObjectStoreContract.Keys, ObjectStoreContract.Streams, content, ExpectedState.Absent, default);
    }

    protected override IVersionArchive Archive => _store;
}

public sealed class MemoryRewrapStoreTests : RewrapStoreContract
{
    protected override Serverless.Objects.Rotation.IRewrapStore Store { get; } = new MemoryRewrapStore();
}

public sealed class MemoryDataStoreTests : DataStoreContract
{
    protected override IDataStore Data { get; } = new MemoryStore();
}

public sealed class MemoryUploadStoreTests : UploadStoreContract
{
    private readonly MemoryUploadStore _uploads = new();

    protected override IUploadStore Uploads => _uploads;

    protected override Task DamageAsync(Upload upload)
    {
        _uploads.Damaged.Add(upload.Id);
        return Task.CompletedTask;
    }
}
