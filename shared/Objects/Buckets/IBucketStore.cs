namespace Serverless.Objects.Buckets;

/// <summary>The durable list of buckets.</summary>
public interface IBucketStore
{
    /// <summary>The bucket of that name, or null. May be a few seconds old, but not older than this instance's last change: bounded, short-lived caching is the store's.</summary>
    ValueTask<Bucket?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>The bucket of that name as it is now, or null.</summary>
    ValueTask<Bucket?> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>The buckets whose names begin with <paramref name="prefix"/> and are behind <paramref name="after"/> ("": from the first on), in the order of their names. They are read as they are asked for.</summary>
    IAsyncEnumerable<Bucket> ListAsync(string prefix, string after, CancellationToken cancellationToken);

    /// <summary>When this returns true, the bucket exists durably and can take objects; false: the name is taken.</summary>
    ValueTask<bool> CreateAsync(NewBucket bucket, CancellationToken cancellationToken);

    /// <summary>
    /// Records what a bucket is configured to be, if it is still in the state of <see cref="Bucket.Version"/>: all but its name, Region and container. False: it has changed or is gone.
    /// Either way <see cref="FindAsync"/> reads it anew.
    /// </summary>
    ValueTask<bool> TryChangeAsync(Bucket changed, CancellationToken cancellationToken);

    /// <summary>Deletes the bucket unless it holds an object, or an archived version or delete marker. A run that was cut short is finished by the next one.</summary>
    /// <param name="name">The bucket's name.</param>
    /// <param name="confirm">Called with the bucket before it goes, when nothing else stands against it, perhaps more than once; what it throws keeps the bucket.</param>
    /// <param name="cancellationToken">Gives up; the next run goes on.</param>
    ValueTask<BucketDeletion> DeleteAsync(string name, Func<Bucket, ValueTask> confirm, CancellationToken cancellationToken);
}

public enum BucketDeletion { Deleted, NotFound, NotEmpty }
