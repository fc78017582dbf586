using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>Deletes one object, and the data that belong to it. It needs no key, and succeeds where there is no object.</summary>
public sealed class ObjectDeletion(IObjectStore objects, LargeBody largeBody)
{
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The object's key.</param>
    /// <param name="ifMatch">The ETag that the object must have, or <c>*</c>; null for any, and for no object too.</param>
    /// <param name="cancellationToken">Stops it before the object is gone.</param>
    /// <exception cref="S3Exception">PreconditionFailed; NoSuchKey where the condition finds no object.</exception>
    /// <exception cref="DamagedObjectException">There is no telling whether the object has the ETag.</exception>
    public async ValueTask RunAsync(Bucket bucket, string key, string? ifMatch, CancellationToken cancellationToken)
    {
        var condition = new Preconditions(ifMatch, IfNoneMatch: null, IfModifiedSince: null, IfUnmodifiedSince: null);
        while (await FindAsync(bucket, key, ifMatch, cancellationToken).ConfigureAwait(false) is { } seen)
        {
            if (condition.JudgeWrite(seen.Description.ETag, key) is { } failed) throw new S3Exception(failed);
            if (!await objects.DeleteAsync(bucket.At(key), ExpectedState.Seen(seen), cancellationToken).ConfigureAwait(false)) continue;
            await largeBody.DiscardAsync(seen.Description).ConfigureAwait(false);
            return;
        }
        if (ifMatch is not null) throw new S3Exception(S3Errors.NoSuchKey(key));
    }

    /// <summary>The object, if there is one. One that is damaged can be read no more, but its owner can be rid of it: that happens here.</summary>
    private async ValueTask<StoredObject?> FindAsync(Bucket bucket, string key, string? ifMatch, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.FindAsync(bucket.At(key), cancellationToken).ConfigureAwait(false);
        }
        catch (DamagedObjectException) when (ifMatch is null)
        {
            await objects.DeleteAsync(bucket.At(key), ExpectedState.Any, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }
}
