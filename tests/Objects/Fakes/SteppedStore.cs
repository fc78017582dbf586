using System.Runtime.CompilerServices;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests;

/// <summary>The memory's stores with a gate before and behind each call, which may let others pass first, or fail: the call was not made then, or its answer is lost.</summary>
internal sealed class SteppedStore(MemoryStore store, Func<Task> before, Func<Task> behind) : IObjectStore, IVersionArchive, IDataStore
{
    public ValueTask<StoredObject?> FindAsync(ObjectPlace place, CancellationToken cancellationToken) => StepAsync(() => store.FindAsync(place, cancellationToken));

    public ValueTask<OpenObject?> OpenAsync(ObjectPlace place, StoredRange? range, CancellationToken cancellationToken) => StepAsync(() => store.OpenAsync(place, range, cancellationToken));

    public ValueTask<bool> WriteAsync(ObjectPlace place, ObjectDescription description, ObjectKeys keys, StreamHeaders? streams, SegmentedBuffer content, ExpectedState expected,
        CancellationToken cancellationToken) => StepAsync(() => store.WriteAsync(place, description, keys, streams, content, expected, cancellationToken));

    public ValueTask<bool> UpdateAsync(ObjectPlace place, StoredObject expected, ObjectDescription description, ObjectKeys keys, CancellationToken cancellationToken) =>
        StepAsync(() => store.UpdateAsync(place, expected, description, keys, cancellationToken));

    public ValueTask<bool> DeleteAsync(ObjectPlace place, ExpectedState expected, CancellationToken cancellationToken) => StepAsync(() => store.DeleteAsync(place, expected, cancellationToken));

    public IAsyncEnumerable<ObjectPage> ListAsync(Bucket bucket, KeyRange range, string? pageToken, CancellationToken cancellationToken) =>
        PagesAsync(store.ListAsync(bucket, range, pageToken, cancellationToken), cancellationToken);

    public void RequireNameable(string key) => store.RequireNameable(key);

    public async ValueTask AddMarkerAsync(ObjectPlace place, bool isNull, CancellationToken cancellationToken) => await StepAsync(async () =>
    {
        await store.AddMarkerAsync(place, isNull, cancellationToken);
        return true;
    });

    public async ValueTask AddTombstoneAsync(ObjectPlace place, VersionRank rank, CancellationToken cancellationToken) => await StepAsync(async () =>
    {
        await store.AddTombstoneAsync(place, rank, cancellationToken);
        return true;
    });

    public IAsyncEnumerable<ArchivePage> ListAsync(Bucket bucket, ArchiveRange range, string? pageToken, CancellationToken cancellationToken) =>
        PagesAsync(store.ListAsync(bucket, range, pageToken, cancellationToken), cancellationToken);

    public ValueTask WriteAsync(string dataBlob, SegmentedBuffer content, DataOwner owner, CancellationToken cancellationToken) => store.WriteAsync(dataBlob, content, owner, cancellationToken);

    public ValueTask StageAsync(string dataBlob, string blockId, SegmentedBuffer block, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask CommitAsync(string dataBlob, IReadOnlyList<string> blockIds, DataOwner owner, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Stream?> OpenAsync(string dataBlob, StoredRange range, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async ValueTask DeleteAsync(string dataBlob, CancellationToken cancellationToken) => await StepAsync(async () =>
    {
        await ((IDataStore)store).DeleteAsync(dataBlob, cancellationToken);
        return true;
    });

    public IAsyncEnumerable<(string DataBlob, DataOwner Owner)> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async ValueTask<T> StepAsync<T>(Func<ValueTask<T>> call)
    {
        await before();
        var result = await call();
        await behind();
        return result;
    }

    private async IAsyncEnumerable<T> PagesAsync<T>(IAsyncEnumerable<T> pages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var page = pages.GetAsyncEnumerator(cancellationToken);
        while (await StepAsync(() => page.MoveNextAsync())) yield return page.Current;
    }
}
