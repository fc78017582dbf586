using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Permissions;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>
/// DeleteObjects (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html). Each object is judged and deleted by itself, as a DeleteObject of it would be, and has its own outcome;
/// when the store fails, the whole request does, and can be sent again.
/// </summary>
public sealed class DeleteObjects(ObjectDeletion deletion, S3Authorizer authorizer)
{
    /// <summary>1000 keys of 1024 bytes, each written as a reference, and what is around them.</summary>
    private const int MaxDocumentSize = 8 << 20;

    /// <summary>How many objects are deleted at once; each takes two calls of the store.</summary>
    private const int MaxConcurrency = 16;

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var digests = new BodyDigests(request.Headers, md5IsETag: false);
        if (!digests.AreSent) throw new S3Exception(S3Errors.MissingDigest);
        var body = await DocumentBody.ReadAsync(request, MaxDocumentSize, S3Errors.MalformedXml, digests).ConfigureAwait(false);
        var list = DeletionList.Parse(S3Xml.Parse(body) ?? throw new S3Exception(S3Errors.MissingRequestBody));

        var failures = new S3Error?[list.Objects.Count];
        // What concerns one key happens in the order of the list.
        var byKey = list.Objects.Index().GroupBy(listed => listed.Item.Key, StringComparer.Ordinal);
        await Parallel.ForEachAsync(byKey, new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = request.Aborted }, async (ofKey, cancellationToken) =>
        {
            foreach (var (index, listed) in ofKey) failures[index] = await TryDeleteAsync(request, bucket, listed, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);

        await S3Xml.WriteAsync(request.Response, S3Xml.Element("DeleteResult",
            list.Objects.Zip(failures, (listed, failure) => failure is null ? list.IsQuiet ? null : Outcome("Deleted", listed)
                : Outcome("Error", listed, S3Xml.Element("Code", failure.Code), S3Xml.Element("Message", failure.Message)))),
            request.Aborted).ConfigureAwait(false);
    }

    /// <summary>Why the object could not be deleted; null where it is gone.</summary>
    private async ValueTask<S3Error?> TryDeleteAsync(S3Request request, Bucket bucket, ObjectToDelete listed, CancellationToken cancellationToken)
    {
        try
        {
            await authorizer.AuthorizeDeletionAsync(request with { Key = listed.Key }, bucket, ofVersion: listed.VersionId is not null, listed.ETag).ConfigureAwait(false);
            // Objects have no versions here yet but the one that S3 calls null.
            if (listed.VersionId is not (null or "null")) return S3Errors.NoSuchVersion;
            await deletion.RunAsync(bucket, listed.Key, listed.ETag, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is S3Exception or DamagedObjectException)
        {
            return S3Failures.ErrorOf(e, request.Http.Request);
        }
    }

    private static XElement Outcome(string name, ObjectToDelete listed, params XElement[] failure) =>
        S3Xml.Element(name, S3Xml.Element("Key", listed.Key), listed.VersionId is { } version ? S3Xml.Element("VersionId", version) : null, failure);
}
