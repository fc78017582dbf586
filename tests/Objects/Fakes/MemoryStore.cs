using System.Runtime.CompilerServices;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Rotation;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

/// <summary>All stores in memory, with a clock and a page size of the test's own.</summary>
internal sealed class MemoryStore(TimeProvider? clock = null, int pageSize = 3) : IBucketStore, IObjectStore, IDataStore, ICheckpoints
{
    private readonly TimeProvider _time = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, (StoredObject Object, byte[] Content, DateTimeOffset At)>> _containers = [];
    private readonly Dictionary<(string, string), byte[]> _blocks = [];
    private readonly Dictionary<string, (byte[] Content, DataOwner Owner, DateTimeOffset At)> _data = [];
    private readonly Dictionary<string, RewrapProgress> _checkpoints = [];
    private long _versions;

    /// <summary>Runs before each update, to change the object in between.</summary>
    public Func<string, Task>? BeforeUpdate { get; set; }

    /// <summary>Runs after an object was looked for, to change it before the answer is used.</summary>
    public Func<Task>? AfterFind { get; set; }

    /// <summary>Runs after each checkpoint, to cut a pass short.</summary>
    public Action? AfterCheckpoint { get; set; }

    /// <summary>How many pages of keys have been read.</summary>
    public int Listings { get; private set; }

    public IReadOnlyCollection<string> DataBlobs => _data.Keys;

    /// <summary>The data blobs that were opened, once for each time.</summary>
    public List<string> OpenedData { get; } = [];

    public ValueTask<Bucket?> FindAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() => _buckets.GetValueOrDefault(name)));

    public async IAsyncEnumerable<Bucket> ListAsync(string prefix, string after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var bucket in Locked(() => _buckets.Values.ToArray()).Where(b => b.Name.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(b.Name, after) > 0))
        {
            await Task.Yield();
            yield return bucket;
        }
    }

    public ValueTask<bool> CreateAsync(NewBucket bucket, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() =>
    {
        var created = new Bucket(bucket.Name, bucket.Region, $"container-{Guid.NewGuid():N}", _time.GetUtcNow(), bucket.BlocksCustomerKeys)
        {
            PublicAccessBlock = bucket.PublicAccessBlock,
            Version = NextVersion(),
        };
        _containers[created.Container] = new(KeyOrder.Instance);
        return _buckets.TryAdd(bucket.Name, created);
    }));

    public ValueTask<bool> TryChangeAsync(Bucket changed, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() =>
    {
        if (_buckets.GetValueOrDefault(changed.Name) is not { } current || current.Version != changed.Version) return false;
        _buckets[changed.Name] = changed with { Version = NextVersion() };
        return true;
    }));

    public async ValueTask<BucketDeletion> DeleteAsync(string name, Func<Bucket, ValueTask> confirm, CancellationToken cancellationToken)
    {
        if (Locked(() => _buckets.GetValueOrDefault(name)) is not { } found) return BucketDeletion.NotFound;
        if (Container(found).Count > 0) return BucketDeletion.NotEmpty;
        await confirm(found);
        return Locked(() =>
        {
            if (_containers[found.Container].Count > 0) return BucketDeletion.NotEmpty;
            _buckets.Remove(name);
            _containers.Remove(found.Container);
            return BucketDeletion.Deleted;
        });
    }

    public void DropContainer(Bucket bucket) => _containers.Remove(bucket.Container);

    public async ValueTask<StoredObject?> FindAsync(ObjectPlace place, CancellationToken cancellationToken)
    {
        var result = Locked(() => Container(place.Bucket).TryGetValue(place.Key, out var found) ? found.Object : null);
        if (AfterFind is { } after) await after();
        return result;
    }

    public ValueTask<OpenObject?> OpenAsync(ObjectPlace place, StoredRange? range, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() =>
        Container(place.Bucket).TryGetValue(place.Key, out var found) ? new OpenObject(found.Object, Slice(found.Content, range ?? new(0, long.MaxValue))) : null));

    public ValueTask<bool> WriteAsync(ObjectPlace place, ObjectDescription description, ObjectKeys keys, StreamHeaders? streams,
        SegmentedBuffer content, ExpectedState expected, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() =>
        {
            var container = Container(place.Bucket);
            if (!expected.IsAny && container.GetValueOrDefault(place.Key).Object?.Version != expected.Version) return false;
            container[place.Key] = (new(description, keys, streams, NextVersion()), Bytes(content), _time.GetUtcNow());
            return true;
        }));

    public async ValueTask<bool> UpdateAsync(
        ObjectPlace place, StoredObject expected, ObjectDescription description, ObjectKeys keys, CancellationToken cancellationToken)
    {
        if (BeforeUpdate is { } before) await before(place.Key);
        return Locked(() =>
        {
            if (!Container(place.Bucket).TryGetValue(place.Key, out var found) || found.Object.Version != expected.Version) return false;
            Container(place.Bucket)[place.Key] = (found.Object with { Description = description, Keys = keys, Version = NextVersion() }, found.Content, found.At);
            return true;
        });
    }

    public ValueTask<bool> DeleteAsync(ObjectPlace place, ExpectedState expected, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() =>
        Container(place.Bucket).TryGetValue(place.Key, out var found) && (expected.IsAny || found.Object.Version == expected.Version) && Container(place.Bucket).Remove(place.Key)));

    public async IAsyncEnumerable<ObjectPage> ListAsync(Bucket bucket, KeyRange range, string? pageToken, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var size = Math.Min(pageSize, range.PageSize ?? pageSize);
        for (var token = pageToken; ;)
        {
            var page = Locked(() => Container(bucket)
                .Where(entry => entry.Key.StartsWith(range.Prefix, StringComparison.Ordinal) && KeyOrder.Instance.Compare(entry.Key, range.From) >= 0)
                .Select(entry => RolledUp(entry.Key, range) is { } prefix ? ListedObject.CommonPrefix(prefix) : new(entry.Key, entry.Value.Object, entry.Value.At))
                .DistinctBy(listed => listed.Key)
                .Where(listed => token is null || KeyOrder.Instance.Compare(listed.Key, token) > 0).Take(size + 1).ToList());
            Listings++;
            var more = page.Count > size;
            if (more) page.RemoveAt(size);
            token = more ? page[^1].Key : null;
            await Task.Yield();
            yield return new(page, token);
            if (!more) yield break;
        }
    }

    public ValueTask WriteAsync(string dataBlob, SegmentedBuffer content, DataOwner owner, CancellationToken cancellationToken)
    {
        lock (_lock) _data[dataBlob] = (Bytes(content), owner, _time.GetUtcNow());
        return ValueTask.CompletedTask;
    }

    public ValueTask StageAsync(string dataBlob, string blockId, SegmentedBuffer block, CancellationToken cancellationToken)
    {
        lock (_lock) _blocks[(dataBlob, blockId)] = Bytes(block);
        return ValueTask.CompletedTask;
    }

    public ValueTask CommitAsync(string dataBlob, IReadOnlyList<string> blockIds, DataOwner owner, CancellationToken cancellationToken)
    {
        lock (_lock) _data[dataBlob] = (blockIds.SelectMany(id => _blocks[(dataBlob, id)]).ToArray(), owner, _time.GetUtcNow());
        return ValueTask.CompletedTask;
    }

    public ValueTask<Stream?> OpenAsync(string dataBlob, StoredRange range, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Locked(() =>
        {
            OpenedData.Add(dataBlob);
            return _data.TryGetValue(dataBlob, out var found) ? (Stream)Slice(found.Content, range) : null;
        }));

    ValueTask IDataStore.DeleteAsync(string dataBlob, CancellationToken cancellationToken)
    {
        lock (_lock) _data.Remove(dataBlob);
        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<(string DataBlob, DataOwner Owner)> ListAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (name, blob) in Locked(() => _data.ToArray()))
        {
            await Task.Yield();
            if (blob.At < before) yield return (name, blob.Owner);
        }
    }

    public ValueTask<RewrapProgress?> ReadAsync(string pass, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() => _checkpoints.GetValueOrDefault(pass)));

    public ValueTask WriteAsync(string pass, RewrapProgress progress, CancellationToken cancellationToken)
    {
        lock (_lock) _checkpoints[pass] = progress;
        AfterCheckpoint?.Invoke();
        return ValueTask.CompletedTask;
    }

    private SortedDictionary<string, (StoredObject Object, byte[] Content, DateTimeOffset At)> Container(Bucket bucket) =>
        _containers.TryGetValue(bucket.Container, out var container) ? container : throw new BucketGoneException(bucket.Name);

    private static string? RolledUp(string key, KeyRange range) =>
        range.RollUp && key.IndexOf('/', range.Prefix.Length) is >= 0 and var slash ? key[..(slash + 1)] : null;

    private string NextVersion() => (++_versions).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static MemoryStream Slice(byte[] content, StoredRange range)
    {
        var start = (int)Math.Min(range.Offset, content.Length);
        return new MemoryStream(content, start, (int)Math.Min(range.Count, content.Length - start));
    }

    private static byte[] Bytes(SegmentedBuffer buffer) => buffer.Segments().SelectMany(segment => segment.ToArray()).ToArray();

    private T Locked<T>(Func<T> action)
    {
        lock (_lock) return action();
    }
}
