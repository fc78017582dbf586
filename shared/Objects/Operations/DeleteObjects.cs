using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Permissions;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

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

        // Named twice, an object would get two delete markers.
        var objects = bucket.HasVersions ? [.. list.Objects.Distinct()] : list.Objects;
        var outcomes = new (DeletionOutcome Deleted, S3Error? Failure)[objects.Count];
        // What concerns one key happens in the order of the list.
        var byKey = objects.Index().GroupBy(listed => listed.Item.Key, StringComparer.Ordinal);
        await Parallel.ForEachAsync(byKey, new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = request.Aborted }, async (ofKey, cancellationToken) =>
        {
            foreach (var (index, listed) in ofKey) outcomes[index] = await TryDeleteAsync(request, bucket, listed, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);

        await S3Xml.WriteAsync(request.Response, S3Xml.Element("DeleteResult",
            objects.Zip(outcomes, (listed, outcome) => outcome.Failure is { } failure
                ? Outcome("Error", listed, S3Xml.Element("Code", failure.Code), S3Xml.Element("Message", failure.Message))
                : list.IsQuiet ? null : Outcome("Deleted", listed, MarkerOf(outcome.Deleted)))),
            request.Aborted).ConfigureAwait(false);
    }

    /// <summary>What was deleted, or why the object could not be.</summary>
    private async ValueTask<(DeletionOutcome Deleted, S3Error? Failure)> TryDeleteAsync(S3Request request, Bucket bucket, ObjectToDelete listed, CancellationToken cancellationToken)
    {
        try
        {
            var one = request with { Key = listed.Key, NamedVersion = listed.VersionId };
            await authorizer.AuthorizeDeletionAsync(one, bucket, ofVersion: listed.VersionId is not null, listed.ETag).ConfigureAwait(false);
            // Here S3 does not tell an id that there cannot be from one that there is not (recorded).
            if (listed.VersionId is { } version && !VersionId.TryParse(version, out _)) return (default, S3Errors.NoSuchVersion);
            return (await deletion.RunAsync(one, bucket, listed.ETag, cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is S3Exception or DamagedObjectException)
        {
            return (default, S3Failures.ErrorOf(e, request.Http.Request));
        }
    }

    private static XElement[] MarkerOf(DeletionOutcome deleted) =>
        deleted.IsMarker ? [S3Xml.Element("DeleteMarker", true), S3Xml.Element("DeleteMarkerVersionId", deleted.Version.ToString())] : [];

    private static XElement Outcome(string name, ObjectToDelete listed, params XElement[] details) =>
        S3Xml.Element(name, S3Xml.Element("Key", listed.Key), listed.VersionId is { } version ? S3Xml.Element("VersionId", version) : null, details);
}
