using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Permissions;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tags;

/// <summary>
/// GetObjectTagging, PutObjectTagging and DeleteObjectTagging (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html). Tags are of the object's description: changing them changes nothing else of it,
/// neither ETag nor Last-Modified.
/// </summary>
public sealed class ObjectTaggingOperations(IObjectStore objects, S3Authorizer authorizer)
{
    /// <summary>How often a change is begun anew because its object was changed under it, before the client is asked to.</summary>
    private const int MaxAttempts = 8;

    public async Task GetAsync(S3Request request, Bucket bucket)
    {
        var found = await objects.FindAsync(bucket.At(request.Key), request.Aborted).ConfigureAwait(false)
            // As recorded: this error alone names the bucket with the key.
            ?? throw new S3Exception(S3Errors.NoSuchKey($"{bucket.Name}/{request.Key}"));
        await authorizer.ConfirmAsync(S3Operation.GetObjectTagging, request, bucket, found.Description).ConfigureAwait(false);
        await S3Xml.WriteAsync(request.Response, TagSet.Write(found.Description.Tags ?? []), request.Aborted).ConfigureAwait(false);
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
        var place = bucket.At(request.Key);
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var found = await objects.FindAsync(place, request.Aborted).ConfigureAwait(false) ?? throw new S3Exception(S3Errors.NoSuchKey(request.Key));
            await authorizer.ConfirmAsync(operation, request, bucket, found.Description).ConfigureAwait(false);
            var tagged = found.Description with { Tags = tags.Count > 0 ? tags : null };
            if (await objects.UpdateAsync(place, found, tagged, found.Keys, request.Aborted).ConfigureAwait(false)) return;
        }
        throw new S3Exception(S3Errors.OperationAborted);
    }
}
