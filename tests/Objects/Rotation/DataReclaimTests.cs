using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Objects.Bodies;
using Serverless.Objects.Rotation;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

public sealed class DataReclaimTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-05-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly MemoryStore _store;

    public DataReclaimTests() => _store = new(_time);

    [Fact]
    public async Task Data_that_no_object_refers_to_are_deleted_once_they_are_a_day_old_and_all_others_stay()
    {
        await _store.CreateAsync(new("bucket", "us-east-1"), default);
        var bucket = (await _store.FindAsync("bucket", default))!;
        await CommitAsync("referred", "bucket", "kept");
        await CommitAsync("replaced", "bucket", "kept");
        await CommitAsync("objectless", "bucket", "gone");
        await CommitAsync("bucketless", "nowhere", "gone");
        using (var content = new SegmentedBuffer(1))
        {
            await _store.WriteAsync(bucket, "kept", ObjectStoreContract.Describe() with { DataBlob = "referred" },
                ObjectStoreContract.Keys, ObjectStoreContract.Streams, content, ExpectedState.Absent, default);
        }

        var reclaim = new DataReclaim(_store, _store, _store, _time, NullLogger<DataReclaim>.Instance);
        Assert.Equal(0, await reclaim.RunAsync(default));
        _time.Advance(TimeSpan.FromHours(25));
        await CommitAsync("young", "bucket", "gone");
        Assert.Equal(3, await reclaim.RunAsync(default));
        Assert.Equal(["referred", "young"], _store.DataBlobs.Order());
    }

    private async Task CommitAsync(string dataBlob, string bucket, string key)
    {
        using var block = new SegmentedBuffer(1);
        block.Write("x"u8);
        await _store.StageAsync(dataBlob, "id", block, default);
        await _store.CommitAsync(dataBlob, ["id"], new DataOwner(bucket, key), default);
    }
}
