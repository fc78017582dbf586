using Serverless.Objects.Bodies;

namespace Serverless.Objects.Store;

/// <summary>
/// Where the data of large objects are: blobs that are written block by block under a name of their own, so that uploads never disturb each other.
/// </summary>
public interface IDataStore
{
    /// <summary>When this returns, the data blob is there with this content; it belongs to the object that is to be written next.</summary>
    ValueTask WriteAsync(string dataBlob, SegmentedBuffer content, DataOwner owner, CancellationToken cancellationToken);

    /// <summary>When this returns, the block is staged: durable, but part of nothing until it is committed.</summary>
    ValueTask StageAsync(string dataBlob, string blockId, SegmentedBuffer block, CancellationToken cancellationToken);

    /// <summary>Makes the staged blocks, in this order, the data blob's content; it belongs to the object that is to be written next.</summary>
    ValueTask CommitAsync(string dataBlob, IReadOnlyList<string> blockIds, DataOwner owner, CancellationToken cancellationToken);

    /// <summary>The content from <paramref name="range"/>'s offset on, at most its count of bytes; null when the data blob is gone.</summary>
    ValueTask<Stream?> OpenAsync(string dataBlob, StoredRange range, CancellationToken cancellationToken);

    /// <summary>Deletes the data blob, if it is there.</summary>
    ValueTask DeleteAsync(string dataBlob, CancellationToken cancellationToken);

    /// <summary>The committed data blobs that have not changed since <paramref name="before"/>.</summary>
    IAsyncEnumerable<(string DataBlob, DataOwner Owner)> ListAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

/// <summary>The object that a data blob was written for.</summary>
public sealed record DataOwner(string Bucket, string Key);
