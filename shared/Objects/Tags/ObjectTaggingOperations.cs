using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Permissions;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tags;

/// <summary>
/// GetObjectTagging, PutObjectTagging and DeleteObjectTagging (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html). Tags are of the object's description: changing them changes nothing else of it,
/// neither ETag nor Last-Modified.
/// </summary>
public sealed class ObjectTaggingOperations(ObjectFinder finder, S3Authorizer authorizer)
{
    /// <summary>How often a change is begun anew because its object was changed under it, before the client is asked to.</summary>
    private const int MaxAttempts = 8;

    public async Task GetAsync(S3Request request, Bucket bucket)
    {
        var description = (await FindAsync(S3Operation.GetObjectTagging, request, bucket).ConfigureAwait(false)).Object.Description;
        await authorizer.ConfirmAsync(S3Operation.GetObjectTagging, request, bucket, description).ConfigureAwait(false);
        VersionHeaders.Write(request.Response, bucket, description);
        await S3Xml.WriteAsync(request.Response, TagSet.Write(description.Tags ?? []), request.Aborted).ConfigureAwait(false);
    }

    /// <summary>The tags replace all that there are.</summary>
    public async Task PutAsync(S3Request request, Bucket bucket)
    {
        var document = await DocumentBody.ReadAsync(request, TagSet.MaxDocumentSize, S3Errors.MalformedXml).ConfigureAwait(false);
        var tags = TagSet.Read(S3Xml.Parse(document), TagRules.OfObject);
        TaggingHeader.Write(request.Headers, tags);
        await authorizer.AuthorizeAsync(S3Operation.PutObjectTagging, request, bucket).ConfigureAwait(false);
        await ChangeAsync(S3Operation.PutObjectTagging, request, bucket, tags).ConfigureAwait(false);
    }

    public async Task DeleteAsync(S3Request request, Bucket bucket)
    {
        await ChangeAsync(S3Operation.DeleteObjectTagging, request, bucket, []).ConfigureAwait(false);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async ValueTask ChangeAsync(S3Operation operation, S3Request request, Bucket bucket, SortedDictionary<string, string> tags)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var found = await FindAsync(operation, request, bucket).ConfigureAwait(false);
            var description = found.Object.Description;
            await authorizer.ConfirmAsync(operation, request, bucket, description).ConfigureAwait(false);
            var tagged = description with { Tags = tags.Count > 0 ? tags : null };
            if (!await finder.UpdateAsync(found, tagged, found.Object.Keys, request.Aborted).ConfigureAwait(false)) continue;
            VersionHeaders.Write(request.Response, bucket, description);
            return;
        }
        throw new S3Exception(S3Errors.OperationAborted);
    }

    /// <summary>
    /// The object that the request names. As recorded, these operations tell of a delete marker that is current as others do of one that is named.
    /// </summary>
    private async ValueTask<FoundObject> FindAsync(S3Operation operation, S3Request request, Bucket bucket)
    {
        try
        {
            return await finder.FindAsync(request, bucket).ConfigureAwait(false);
        }
        catch (S3Exception missing) when (missing.Error.Code == S3Errors.NoSuchKey("").Code)
        {
            if (missing.Error.Headers.Any(header => header.Key == VersionHeaders.DeleteMarker))
            {
                var error = S3Errors.MethodNotAllowed(request.Http.Request.Method, "DeleteMarker", [HttpMethods.Delete]);
                throw new S3Exception(error with { Headers = [.. error.Headers, .. missing.Error.Headers] });
            }
            // As recorded, too: GetObjectTagging alone names the bucket with the key.
            throw new S3Exception(S3Errors.NoSuchKey(operation is S3Operation.GetObjectTagging ? $"{bucket.Name}/{request.Key}" : request.Key));
        }
    }
}
