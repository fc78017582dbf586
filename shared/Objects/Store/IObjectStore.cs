using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;

namespace Serverless.Objects.Store;

/// <summary>
/// Where objects are. Every write is atomic: it is there whole, with its description and keys, or not at all.
/// All calls throw <see cref="StoreUnavailableException"/> when the store does not answer, <see cref="BucketGoneException"/> when the bucket's container is gone,
/// and reads <see cref="DamagedObjectException"/> when what is stored does not describe an object.
/// </summary>
public interface IObjectStore
{
    /// <summary>The object without its content, or null. One read.</summary>
    ValueTask<StoredObject?> FindAsync(ObjectPlace place, CancellationToken cancellationToken);

    /// <summary>
    /// The object with its content, or null. One read. With <paramref name="range"/>, the content begins at its offset and holds at most its count of stored bytes;
    /// a range beyond the content gives an empty one.
    /// </summary>
    ValueTask<OpenObject?> OpenAsync(ObjectPlace place, StoredRange? range, CancellationToken cancellationToken);

    /// <summary>Writes the object when its state is the expected one, and returns whether it was. When this returns true, the object is durable.</summary>
    ValueTask<bool> WriteAsync(ObjectPlace place, ObjectDescription description, ObjectKeys keys, StreamHeaders? streams,
        SegmentedBuffer content, ExpectedState expected, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the description and the wrapped keys, and leaves the content and its streams' headers, when the object's state is still <paramref name="expected"/>'s;
    /// returns whether it was.
    /// </summary>
    ValueTask<bool> UpdateAsync(ObjectPlace place, StoredObject expected, ObjectDescription description, ObjectKeys keys, CancellationToken cancellationToken);

    /// <summary>Deletes the object when its state is the expected one; returns whether it was there and was.</summary>
    ValueTask<bool> DeleteAsync(ObjectPlace place, ExpectedState expected, CancellationToken cancellationToken);

    /// <summary>
    /// The bucket's objects in <see cref="Listing.KeyOrder"/>, page by page, from the page of the same range that <paramref name="pageToken"/> names on (null: the first).
    /// A page is one read. It may hold fewer objects than asked for, or none, and others be behind it.
    /// </summary>
    IAsyncEnumerable<ObjectPage> ListAsync(Bucket bucket, KeyRange range, string? pageToken, CancellationToken cancellationToken);
}

/// <summary>Where an object is.</summary>
/// <param name="Archived">The name of a version that is archived; null for the current one of its key.</param>
public readonly record struct ObjectPlace(Bucket Bucket, string Key, ArchivedName? Archived = null);

/// <summary>Which of a bucket's keys to list.</summary>
/// <param name="Prefix">Those that begin with this.</param>
/// <param name="From">This one and those behind it.</param>
/// <param name="RollUp">Whether keys that go on with a slash behind the prefix, next or later, are listed as what they share up to the first such slash, once.</param>
/// <param name="PageSize">At most so many in a page; null: as many as the store gives at once.</param>
public sealed record KeyRange(string Prefix, string From, bool RollUp, int? PageSize)
{
    public static KeyRange All { get; } = new("", "", RollUp: false, PageSize: null);
}

/// <summary>Some of a bucket's objects, and the token of the page behind them (null: there is none).</summary>
public sealed record ObjectPage(IReadOnlyList<ListedObject> Objects, string? NextToken);

/// <summary>An object as a listing shows it, or what the keys of several begin with.</summary>
/// <param name="Key">The object's key, or the common prefix.</param>
/// <param name="Object">The object's state; null for a common prefix, and where what is stored there does not describe an object.</param>
/// <param name="StoredAt">When the store last wrote it.</param>
/// <param name="IsCommonPrefix">Whether this is a common prefix.</param>
public sealed record ListedObject(string Key, StoredObject? Object, DateTimeOffset StoredAt, bool IsCommonPrefix = false)
{
    public static ListedObject CommonPrefix(string prefix) => new(prefix, null, default, IsCommonPrefix: true);
}

/// <summary>The state that a write expects to find.</summary>
public readonly record struct ExpectedState
{
    private ExpectedState(bool isAny, string? version) => (IsAny, Version) = (isAny, version);

    /// <summary>Whatever there is, or is not: the last writer wins.</summary>
    public static ExpectedState Any { get; } = new(true, null);

    /// <summary>No object.</summary>
    public static ExpectedState Absent { get; } = new(false, null);

    /// <summary>The object's <see cref="StoredObject.Version"/>; null where any state, or none, is expected.</summary>
    public string? Version { get; }

    public bool IsAny { get; }

    /// <summary>The state that was seen: an object's, or none.</summary>
    public static ExpectedState Seen(StoredObject? stored) => stored is null ? Absent : new(false, stored.Version);
}

/// <summary>A range of stored bytes.</summary>
public readonly record struct StoredRange(long Offset, long Count);

/// <summary>An object whose content is being read.</summary>
public sealed record OpenObject(StoredObject Object, Stream Content) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>The store did not answer in time or answered that it cannot; the client may try again.</summary>
public sealed class StoreUnavailableException(Exception inner) : Exception("The store is unavailable.", inner);

/// <summary>What is stored under a key does not describe an object: it was damaged or tampered with.</summary>
public sealed class DamagedObjectException(Exception inner) : Exception("What is stored does not describe an object.", inner);

/// <summary>The bucket's container is gone: the bucket was deleted on another instance.</summary>
public sealed class BucketGoneException(string bucket) : Exception($"The bucket {bucket} is gone.");
