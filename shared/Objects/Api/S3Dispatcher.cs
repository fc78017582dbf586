using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Acls;
using Serverless.Objects.Browser;
using Serverless.Objects.Buckets;
using Serverless.Objects.Cors;
using Serverless.Objects.Multipart;
using Serverless.Objects.Operations;
using Serverless.Objects.Permissions;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Api;

/// <summary>
/// One authenticated request to its operation. Everything that is judged for every operation is judged here, in S3's order: what the request is, the bucket's existence,
/// the Region, the bucket's owner, the caller's permission; and only then what the operation itself makes of headers and body.
/// </summary>
public sealed class S3Dispatcher(
    IBucketStore buckets, S3Authorizer authorizer, BucketTrail trail, ListBuckets listBuckets, BucketOperations bucketOperations, BucketPolicyOperations policies,
    PublicAccessBlockOperations accessBlocks, BucketEncryptionOperations encryption, BucketCorsOperations cors, BucketVersioningOperations versioning, ListObjects list, ListObjectVersions listVersions,
    PutObject put, PostObject post, CopyObject copy, GetObject get, HeadObject head,
    DeleteObject delete, DeleteObjects deleteObjects, UpdateObjectEncryption updateEncryption, MultipartOperations multipart,
    BucketTaggingOperations bucketTagging, ObjectTaggingOperations objectTagging, GetObjectAttributes getAttributes, AclOperations acls, OwnershipControlsOperations ownership,
    ServiceIdentity identity)
{
    /// <exception cref="S3Exception">The request is refused; a change of a bucket on the audit trail too.</exception>
    public async Task DispatchAsync(S3Request request)
    {
        var operation = S3Operations.Resolve(request.Http.Request.Method, request.BucketName, request.Key, request.Signed.Target.Query, request.Header(CopySource.Header) is not null);
        RequestTelemetry.Current?.Operation = operation.ToString();
        if (request.Signed.Service is not "s3") throw new AccessException(AccessErrors.WrongService(request.Signed.IsPresigned, request.Signed.Service));
        if (operation is S3Operation.NotImplemented or S3Operation.MethodNotAllowed)
        {
            throw new S3Exception(request.Signed.IsAnonymous ? S3Errors.AccessDenied
                : operation is S3Operation.NotImplemented ? S3Errors.OperationNotImplemented(request.Signed.Target.RawQuery)
                : S3Errors.MethodNotAllowed(request.Http.Request.Method, request.BucketName.Length == 0 ? "SERVICE" : request.Key.Length == 0 ? "BUCKET" : "OBJECT",
                    S3Operations.MethodsOn(request.BucketName, request.Key, request.Signed.Target.Query)));
        }

        S3Endpoint.WriteIds(request.Http);
        if (BucketTrail.EventName(operation) is null)
        {
            await DispatchAsync(operation, request, null).ConfigureAwait(false);
            return;
        }
        var change = new BucketChange(operation, request, identity.Region);
        try
        {
            await DispatchAsync(operation, request, change).ConfigureAwait(false);
        }
        catch (Exception e) when (S3Failures.ErrorOf(e, request.Http.Request) is { Status: < StatusCodes.Status500InternalServerError } refusal)
        {
            await trail.RecordRefusalAsync(change, refusal).ConfigureAwait(false);
            throw;
        }
    }

    /// <param name="change">What the trail will tell, where the operation is on it.</param>
    private async Task DispatchAsync(S3Operation operation, S3Request request, BucketChange? change)
    {
        if (operation is S3Operation.ListBuckets or S3Operation.CreateBucket)
        {
            RequireRegion(request, identity.Region);
            if (change is not null)
            {
                await bucketOperations.CreateAsync(change).ConfigureAwait(false);
                return;
            }
            await authorizer.AuthorizeAsync(operation, request, bucket: null).ConfigureAwait(false);
            await listBuckets.HandleAsync(request).ConfigureAwait(false);
            return;
        }

        if (await buckets.FindAsync(request.BucketName, request.Aborted).ConfigureAwait(false) is not { } bucket)
        {
            if (operation is not S3Operation.DeleteBucket) throw new S3Exception(S3Errors.NoSuchBucket(request.BucketName));
            // A deletion that was cut short left a bucket that is found no more; this finishes it.
            await bucketOperations.DeleteAsync(change!).ConfigureAwait(false);
            return;
        }
        RequireRegion(request, bucket.Region);
        ExpectedOwner.Require(request, ExpectedOwner.OfBucket, identity.AccountId);
        change?.Region = bucket.Region;
        // What a policy may say of a new encryption, of new tags, or of a form, is in the body.
        if (operation is not (S3Operation.UpdateObjectEncryption or S3Operation.PutObjectTagging or S3Operation.PostObject))
            await authorizer.AuthorizeAsync(operation, request, bucket).ConfigureAwait(false);
        RequireVersion(operation, request);
        try
        {
            await RunAsync(operation, request, bucket, change).ConfigureAwait(false);
        }
        catch (S3Exception missing) when (missing.Error.IsOfMissing)
        {
            await authorizer.AuthorizeAbsenceAsync(operation, request, bucket).ConfigureAwait(false);
            throw;
        }
    }

#pragma warning disable CS8524 // Only an operation that has a name can be missing here; that is the error CS8509.
    private Task RunAsync(S3Operation operation, S3Request request, Bucket bucket, BucketChange? change) => operation switch
    {
        S3Operation.HeadBucket => BucketOperations.HeadAsync(request, bucket),
        S3Operation.GetBucketLocation => BucketOperations.GetLocationAsync(request, bucket),
        S3Operation.DeleteBucket => bucketOperations.DeleteAsync(change!),
        S3Operation.GetBucketPolicy => BucketPolicyOperations.GetAsync(request, bucket),
        S3Operation.PutBucketPolicy => policies.PutAsync(change!, bucket),
        S3Operation.DeleteBucketPolicy => policies.DeleteAsync(change!, bucket),
        S3Operation.GetBucketPolicyStatus => BucketPolicyOperations.GetStatusAsync(request, bucket),
        S3Operation.GetPublicAccessBlock => PublicAccessBlockOperations.GetAsync(request, bucket),
        S3Operation.PutPublicAccessBlock => accessBlocks.PutAsync(change!, bucket),
        S3Operation.DeletePublicAccessBlock => accessBlocks.DeleteAsync(change!, bucket),
        S3Operation.ListObjects => list.HandleAsync(request, bucket, isV2: false),
        S3Operation.ListObjectsV2 => list.HandleAsync(request, bucket, isV2: true),
        S3Operation.GetBucketVersioning => BucketVersioningOperations.GetAsync(request, bucket),
        S3Operation.PutBucketVersioning => versioning.PutAsync(change!, bucket),
        S3Operation.ListObjectVersions => listVersions.HandleAsync(request, bucket),
        S3Operation.GetBucketEncryption => BucketEncryptionOperations.GetAsync(request, bucket),
        S3Operation.PutBucketEncryption => encryption.PutAsync(change!, bucket),
        S3Operation.DeleteBucketEncryption => encryption.DeleteAsync(change!, bucket),
        S3Operation.GetBucketCors => BucketCorsOperations.GetAsync(request, bucket),
        S3Operation.PutBucketCors => cors.PutAsync(change!, bucket),
        S3Operation.DeleteBucketCors => cors.DeleteAsync(change!, bucket),
        S3Operation.PutObject => put.HandleAsync(request, bucket),
        S3Operation.PostObject => post.HandleAsync(request, bucket),
        S3Operation.CopyObject => copy.HandleAsync(request, bucket),
        S3Operation.GetObject => get.HandleAsync(request, bucket),
        S3Operation.HeadObject => head.HandleAsync(request, bucket),
        S3Operation.DeleteObject => delete.HandleAsync(request, bucket),
        S3Operation.DeleteObjects => deleteObjects.HandleAsync(request, bucket),
        S3Operation.CreateMultipartUpload => multipart.Create.HandleAsync(request, bucket),
        S3Operation.UploadPart => multipart.UploadPart.HandleAsync(request, bucket),
        S3Operation.UploadPartCopy => multipart.UploadPartCopy.HandleAsync(request, bucket),
        S3Operation.ListParts => multipart.ListParts.HandleAsync(request, bucket),
        S3Operation.ListMultipartUploads => multipart.ListUploads.HandleAsync(request, bucket),
        S3Operation.CompleteMultipartUpload => multipart.Complete.HandleAsync(request, bucket),
        S3Operation.AbortMultipartUpload => multipart.Abort.HandleAsync(request, bucket),
        S3Operation.UpdateObjectEncryption => updateEncryption.HandleAsync(request, bucket),
        S3Operation.GetBucketTagging => BucketTaggingOperations.GetAsync(request, bucket),
        S3Operation.PutBucketTagging => bucketTagging.PutAsync(change!, bucket),
        S3Operation.DeleteBucketTagging => bucketTagging.DeleteAsync(change!, bucket),
        S3Operation.GetObjectTagging => objectTagging.GetAsync(request, bucket),
        S3Operation.PutObjectTagging => objectTagging.PutAsync(request, bucket),
        S3Operation.DeleteObjectTagging => objectTagging.DeleteAsync(request, bucket),
        S3Operation.GetObjectAttributes => getAttributes.HandleAsync(request, bucket),
        S3Operation.GetBucketRequestPayment => BucketOperations.GetRequestPaymentAsync(request),
        S3Operation.GetBucketAcl => acls.GetOfBucketAsync(request),
        S3Operation.PutBucketAcl => acls.PutOnBucketAsync(change!),
        S3Operation.GetObjectAcl => acls.GetOfObjectAsync(request, bucket),
        S3Operation.PutObjectAcl => acls.PutOnObjectAsync(request, bucket),
        S3Operation.GetBucketOwnershipControls => OwnershipControlsOperations.GetAsync(request, bucket),
        S3Operation.PutBucketOwnershipControls => ownership.PutAsync(change!, bucket),
        S3Operation.DeleteBucketOwnershipControls => ownership.DeleteAsync(change!, bucket),
        S3Operation.ListBuckets or S3Operation.CreateBucket or S3Operation.NotImplemented or S3Operation.MethodNotAllowed =>
            throw new ArgumentOutOfRangeException(nameof(operation)),
    };
#pragma warning restore CS8524

    /// <summary>A request is signed for the bucket's Region or for the deployment's own.</summary>
    private void RequireRegion(S3Request request, string region)
    {
        var signed = request.Signed;
        if (!signed.IsAnonymous && signed.Region != identity.Region && signed.Region != region)
            throw new AccessException(AccessErrors.WrongRegion(signed.IsPresigned, signed.Region, region));
    }

    /// <summary>A version that is named must be one that there can be, of an object that there is.</summary>
    private static void RequireVersion(S3Operation operation, S3Request request)
    {
        if (request.NamedVersion is null) return;
        if (operation is S3Operation.PutObject or S3Operation.CopyObject or S3Operation.CreateMultipartUpload or S3Operation.UploadPart or S3Operation.UploadPartCopy
            or S3Operation.ListParts or S3Operation.CompleteMultipartUpload or S3Operation.AbortMultipartUpload)
            throw new S3Exception(S3Errors.VersionNotAccepted(request.NamedVersion));
        _ = request.Version;
    }
}
