using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;

namespace Serverless.Objects.Operations;

/// <summary>Changes what is recorded of a bucket: on the trail first, and only on the state that the change was judged on.</summary>
public sealed class BucketChanges(IBucketStore buckets, S3Authorizer authorizer, BucketTrail trail)
{
    /// <summary>How often a change that another one came before is judged and tried anew.</summary>
    private const int MaxAttempts = 8;

    /// <param name="change">The request, which the bucket as it was found here allows.</param>
    /// <param name="bucket">The bucket as it was found, perhaps some seconds ago.</param>
    /// <param name="next">Judges the change on the bucket's state, and makes of it the next one.</param>
    /// <exception cref="S3Exception">What <paramref name="next"/> throws; AccessDenied or NoSuchBucket where that is so by now; OperationAborted where others were always faster.</exception>
    public async Task ApplyAsync(BucketChange change, Bucket bucket, Func<Bucket, Bucket> next)
    {
        for (var attempt = 1; ; attempt++)
        {
            var changed = next(bucket);
            await trail.RecordAsync(change).ConfigureAwait(false);
            if (await buckets.TryChangeAsync(changed, change.Request.Aborted).ConfigureAwait(false)) return;
            if (attempt == MaxAttempts) throw new S3Exception(S3Errors.OperationAborted);
            bucket = await buckets.FindAsync(bucket.Name, change.Request.Aborted).ConfigureAwait(false)
                ?? throw new S3Exception(S3Errors.NoSuchBucket(bucket.Name));
            await authorizer.AuthorizeAsync(change.Operation, change.Request, bucket).ConfigureAwait(false);
        }
    }
}
