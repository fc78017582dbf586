using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;
using Serverless.Objects.Sse;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>Opens the source of a copy: it is judged as a GetObject of it would be, and by the copy's conditions on it.</summary>
public sealed class CopySourceReader(IBucketStore buckets, S3Authorizer authorizer, ObjectReader reader, ServiceIdentity identity, TimeProvider time)
{
    /// <param name="request">The copy.</param>
    /// <param name="source">What it reads.</param>
    /// <param name="range">The part of it that is copied; null for the whole.</param>
    /// <param name="withTags">Whether its tags, if it has any, are copied, too; who may not read them may not do that (userguide/tagging-managing.html).</param>
    /// <param name="use">Copies it; begun anew when the source is replaced before its plaintext is open.</param>
    /// <exception cref="S3Exception">NoSuchBucket, NoSuchKey, AccessDenied, PreconditionFailed; the source's customer key is missing, wrong or not applicable.</exception>
    public async ValueTask ReadAsync(S3Request request, CopySource source, ByteRange? range, bool withTags, Func<ReadableObject, Task> use)
    {
        using var customerKey = CustomerKey.ReadForCopySource(request.Headers, request.Caller.IsSecureTransport);
        var conditions = Preconditions.ReadCopySource(request.Headers);
        var bucket = await buckets.FindAsync(source.BucketName, request.Aborted).ConfigureAwait(false)
            ?? throw new S3Exception(S3Errors.NoSuchBucket(source.BucketName));
        ExpectedOwner.Require(request, ExpectedOwner.OfSource, identity.AccountId);
        var get = request with { BucketName = source.BucketName, Key = source.Key, NamedVersion = source.NamedVersion };
        await authorizer.AuthorizeAsync(S3Operation.GetObject, get, bucket).ConfigureAwait(false);

        var isFound = false;
        try
        {
            await reader.ReadAsync(new(get, bucket, customerKey), range, async opened =>
            {
                isFound = true;
                var description = opened.Description;
                await authorizer.ConfirmAsync(S3Operation.GetObject, get, bucket, description).ConfigureAwait(false);
                if (conditions.JudgeCopySource(description.ETag, description.LastModified, time.GetUtcNow()) is { } failed) throw new S3Exception(failed);
                if (withTags && description.Tags is not null) await authorizer.AuthorizeAsync(S3Operation.GetObjectTagging, get, bucket, found: description).ConfigureAwait(false);
                VersionHeaders.WriteCopySource(request.Response, description);
                await use(opened).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch (S3Exception marker) when (!isFound && source.NamedVersion is not null && marker.Error.Status == StatusCodes.Status405MethodNotAllowed)
        {
            throw new S3Exception(CopySource.IsDeleteMarker);
        }
        catch (S3Exception missing) when (!isFound && missing.Error.IsOfMissing)
        {
            await authorizer.AuthorizeAbsenceAsync(S3Operation.GetObject, get, bucket).ConfigureAwait(false);
            throw;
        }
    }
}
