using System.Runtime.CompilerServices;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests;

/// <summary>All stores in memory, with a clock and a page size of the test's own.</summary>
internal sealed class MemoryStore(TimeProvider? clock = null, int pageSize = 3) : IBucketStore, IObjectStore, IVersionArchive, IDataStore
{
    /// <summary>The longest key of which versions are archived, in characters.</summary>
    private const int MaxArchivedKey = 900;

    private readonly TimeProvider _time = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Blobs> _containers = [];
    private readonly Dictionary<(string, string), byte[]> _blocks = [];
    private readonly Dictionary<string, (byte[] Content, DataOwner Owner, DateTimeOffset At)> _data = [];
    private long _versions;

    /// <summary>Runs before each update, to change the object in between.</summary>
    public Func<string, Task>? BeforeUpdate { get; set; }

    /// <summary>Runs after an object was looked for, to change it before the answer is used.</summary>
    public Func<Task>? AfterFind { get; set; }

    /// <summary>How many pages of keys have been read.</summary>
    public int Listings { get; private set; }

    public IReadOnlyCollection<string> DataBlobs => _data.Keys;

    /// <summary>The data blobs that were opened, once for each time.</summary>
    public List<string> OpenedData { get; } = [];

    public ValueTask<Bucket?> FindAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() => _buckets.GetValueOrDefault(name)));

    ValueTask<Bucket?> IBucketStore.ReadAsync(string name, CancellationToken cancellationToken) => FindAsync(name, cancellationToken);

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
            Tags = bucket.Tags,
            Version = NextVersion(),
        };
        _containers[created.Container] = [];
        return _buckets.TryAdd(bucket.Name, created);
    }));

    public ValueTask<bool> TryChangeAsync(Bucket changed, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() =>
    {
        if (_buckets.GetValueOrDefault(changed.Name) is not { } current || current.Version != changed.Version) return false;
        if (changed.HasVersions) _containers.TryAdd(ArchiveOf(changed), []);
        _buckets[changed.Name] = changed with { Version = NextVersion() };
        return true;
    }));

    public async ValueTask<BucketDeletion> DeleteAsync(string name, Func<Bucket, ValueTask> confirm, CancellationToken cancellationToken)
    {
        if (Locked(() => _buckets.GetValueOrDefault(name)) is not { } found) return BucketDeletion.NotFound;
        if (!IsEmpty(found)) return BucketDeletion.NotEmpty;
        await confirm(found);
        return Locked(() =>
        {
            if (!IsEmpty(found)) return BucketDeletion.NotEmpty;
            _buckets.Remove(name);
            DropContainer(found);
            return BucketDeletion.Deleted;
        });
    }

    public void DropContainer(Bucket bucket)
    {
        _containers.Remove(bucket.Container);
        _containers.Remove(ArchiveOf(bucket));
    }

    public async ValueTask<StoredObject?> FindAsync(ObjectPlace place, CancellationToken cancellationToken)
    {
        var result = Locked(() => Find(place)?.Object);
        if (AfterFind is { } after) await after();
        return result;
    }

    public ValueTask<OpenObject?> OpenAsync(ObjectPlace place, StoredRange? range, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() =>
        Find(place) is { } found ? new OpenObject(found.Object, Slice(found.Content, range ?? new(0, long.MaxValue))) : null));

    public ValueTask<bool> WriteAsync(ObjectPlace place, ObjectDescription description, ObjectKeys keys, StreamHeaders? streams,
        SegmentedBuffer content, ExpectedState expected, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() =>
        {
            if (!expected.IsAny && Find(place)?.Object.Version != expected.Version) return false;
            Container(place)[KeyOf(place)] = new(new(description, keys, streams, NextVersion()), null, Bytes(content), _time.GetUtcNow());
            return true;
        }));

    public async ValueTask<bool> UpdateAsync(
        ObjectPlace place, StoredObject expected, ObjectDescription description, ObjectKeys keys, CancellationToken cancellationToken)
    {
        if (BeforeUpdate is { } before) await before(place.Key);
        return Locked(() =>
        {
            if (Find(place) is not { } found || found.Object.Version != expected.Version) return false;
            Container(place)[KeyOf(place)] = new(found.Object with { Description = description, Keys = keys, Version = NextVersion() }, null, found.Content, found.At);
            return true;
        });
    }

    public ValueTask<bool> DeleteAsync(ObjectPlace place, ExpectedState expected, CancellationToken cancellationToken) => ValueTask.FromResult(Locked(() =>
        (expected.IsAny || Find(place)?.Object.Version == expected.Version) && Container(place).Remove(KeyOf(place))));

    public void RequireNameable(string key)
    {
        if (key.Length > MaxArchivedKey) throw new S3Exception(S3Errors.KeyTooLong(key.Length, MaxArchivedKey));
    }

    public ValueTask AddMarkerAsync(ObjectPlace place, bool isNull, CancellationToken cancellationToken)
    {
        lock (_lock) Container(place)[KeyOf(place)] = new(null, isNull ? VersionId.Null : new(place.Archived!.Value.Rank), [], _time.GetUtcNow());
        return ValueTask.CompletedTask;
    }

    public ValueTask AddTombstoneAsync(ObjectPlace place, VersionRank rank, CancellationToken cancellationToken)
    {
        var grave = place with { Archived = ArchivedName.Tombstone(rank) };
        if (place.Key.Length > MaxArchivedKey) return ValueTask.CompletedTask;
        lock (_lock) Container(grave)[KeyOf(grave)] = new(null, null, [], _time.GetUtcNow());
        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<ArchivePage> ListAsync(Bucket bucket, ArchiveRange range, string? pageToken, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var size = Math.Min(pageSize, range.Keys.PageSize ?? pageSize);
        for (var token = pageToken; ;)
        {
            var page = Locked(() => Container(bucket.At("") with { Archived = default(ArchivedName) })
                .Where(entry => IsIn(range, entry.Key.Key, entry.Key.Name))
                .Select(entry => RolledUp(entry.Key.Key, range.Keys) is { } prefix ? new ArchivedEntry(prefix, null, null, null, default) : ToEntry(entry.Key, entry.Value))
                .DistinctBy(listed => (listed.Key, listed.Name))
                .Where(listed => token is null || Blobs.Order.Compare((listed.Key, listed.Name?.ToString() ?? ""), Split(token)) > 0).Take(size + 1).ToList());
            Listings++;
            var more = page.Count > size;
            if (more) page.RemoveAt(size);
            token = more ? $"{page[^1].Key}\n{page[^1].Name}" : null;
            await Task.Yield();
            yield return new(page, token);
            if (!more) yield break;
        }
    }

    public async IAsyncEnumerable<ObjectPage> ListAsync(Bucket bucket, KeyRange range, string? pageToken, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var size = Math.Min(pageSize, range.PageSize ?? pageSize);
        for (var token = pageToken; ;)
        {
            var page = Locked(() => Container(bucket.At(""))
                .Where(entry => entry.Key.Key.StartsWith(range.Prefix, StringComparison.Ordinal) && KeyOrder.Instance.Compare(entry.Key.Key, range.From) >= 0)
                .Select(entry => RolledUp(entry.Key.Key, range) is { } prefix ? ListedObject.CommonPrefix(prefix) : new(entry.Key.Key, entry.Value.Object, entry.Value.At))
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

    private static string ArchiveOf(Bucket bucket) => bucket.Container + "-v";

    private bool IsEmpty(Bucket bucket) => Locked(() =>
    {
        var archive = _containers.GetValueOrDefault(ArchiveOf(bucket)) ?? [];
        return _containers[bucket.Container].Count == 0
            && archive.Keys.All(entry => archive.ContainsKey((entry.Key, ArchivedName.Tombstone(new(entry.Name[..VersionRank.Length])).ToString())));
    });

    private Blobs Container(ObjectPlace place) =>
        _containers.TryGetValue(place.Archived is null ? place.Bucket.Container : ArchiveOf(place.Bucket), out var container) ? container : throw new BucketGoneException(place.Bucket.Name);

    private static (string Key, string Name) KeyOf(ObjectPlace place) => (place.Key, place.Archived?.ToString() ?? "");

    private (StoredObject Object, byte[] Content, DateTimeOffset At)? Find(ObjectPlace place) =>
        Container(place).TryGetValue(KeyOf(place), out var found) ? (found.Object ?? throw new DamagedObjectException(new InvalidOperationException("A delete marker.")), found.Content, found.At) : null;

    private static bool IsIn(ArchiveRange range, string key, string name)
    {
        if (range.Key is { } only) return key == only && name.StartsWith(range.Rank.ToString() ?? "", StringComparison.Ordinal);
        if (!key.StartsWith(range.Keys.Prefix, StringComparison.Ordinal)) return false;
        var order = KeyOrder.Instance.Compare(key, range.Keys.From);
        return order > 0 || (order == 0 && (range.Behind is not { } behind || new VersionRank(name[..VersionRank.Length]).IsOlderThan(behind)));
    }

    private static ArchivedEntry ToEntry((string Key, string Name) key, Blob blob) =>
        new(key.Key, new(new(key.Name[..VersionRank.Length]), key.Name[VersionRank.Length..]), blob.Object, blob.MarkerId, blob.At);

    private static (string, string) Split(string token) => token.LastIndexOf('\n') is var at ? (token[..at], token[(at + 1)..]) : default;

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

    /// <summary>An object, or a delete marker.</summary>
    private sealed record Blob(StoredObject? Object, VersionId? MarkerId, byte[] Content, DateTimeOffset At);

    /// <summary>A container: by key, and in an archive by the entry's name.</summary>
    private sealed class Blobs() : SortedDictionary<(string Key, string Name), Blob>(Order)
    {
        public static Comparer<(string Key, string Name)> Order { get; } = Comparer<(string Key, string Name)>.Create((a, b) =>
            KeyOrder.Instance.Compare(a.Key, b.Key) is not 0 and var order ? order : string.CompareOrdinal(a.Name, b.Name));
    }
}
