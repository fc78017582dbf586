using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Serverless.Objects;
using Serverless.Objects.Operations;
using Serverless.Objects.Rotation;
using Serverless.Objects.Versions;
using Serverless.Storage;

namespace Serverless.EndToEnd.Service;

/// <summary>What the reclaiming timer does, at a time of the test's choice.</summary>
internal static class ReclaimingTimer
{
    public static async Task ReclaimAsync(this ServiceFixture service, TimeSpan after)
    {
        var account = new StorageAccount(service.Storage);
        var (objects, data, uploads, time) = (new BlobObjectStore(account), new BlobDataStore(account), new TableUploadStore(account), new LaterTime(after));
        var buckets = new TableBucketStore(account, new() { Region = TestAccount.Region, AccountId = TestAccount.Id }, time);
        var archived = new ArchivedVersions(new BlobVersionArchive(account), objects, new(new(data), data, NullLogger<LargeBody>.Instance), time);
        await new UploadReclaim(uploads, buckets, Options.Create(new UploadsOptions()), time, NullLogger<UploadReclaim>.Instance).RunAsync(default);
        await new DataReclaim(data, objects, archived, uploads, buckets, time, NullLogger<DataReclaim>.Instance).RunAsync(default);
    }

    private sealed class LaterTime(TimeSpan after) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + after;
    }
}
