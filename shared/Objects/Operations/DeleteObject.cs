using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>DeleteObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html). It needs no key, and succeeds where there is no object.</summary>
public sealed class DeleteObject(IObjectStore objects, LargeBody largeBody)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        foreach (var header in (ReadOnlySpan<string>)["x-amz-if-match-last-modified-time", "x-amz-if-match-size"])
        {
            // Directory buckets alone have these (recorded).
            if (request.Header(header) is not null) throw new S3Exception(S3Errors.HeaderNotImplemented(header));
        }
        var conditions = Preconditions.Read(request.Headers) with { IfNoneMatch = null };
        request.Response.StatusCode = StatusCodes.Status204NoContent;
        while (await FindAsync(request, bucket, conditions).ConfigureAwait(false) is { } seen)
        {
            if (conditions.JudgeWrite(seen.Description.ETag, request.Key) is { } failed) throw new S3Exception(failed);
            if (!await objects.DeleteAsync(bucket, request.Key, ExpectedState.Seen(seen), request.Aborted).ConfigureAwait(false)) continue;
            await largeBody.DiscardAsync(seen.Description).ConfigureAwait(false);
            return;
        }
        if (conditions.IfMatch is not null) throw new S3Exception(S3Errors.NoSuchKey(request.Key));
    }

    /// <summary>The object, if there is one. One that is damaged can be read no more, but its owner can be rid of it: that happens here.</summary>
    private async ValueTask<StoredObject?> FindAsync(S3Request request, Bucket bucket, Preconditions conditions)
    {
        try
        {
            return await objects.FindAsync(bucket, request.Key, request.Aborted).ConfigureAwait(false);
        }
        catch (DamagedObjectException) when (conditions.IfMatch is null)
        {
            await objects.DeleteAsync(bucket, request.Key, ExpectedState.Any, request.Aborted).ConfigureAwait(false);
            return null;
        }
    }
}
