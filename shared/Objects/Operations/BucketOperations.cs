using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Objects.Acls;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;

namespace Serverless.Objects.Operations;

/// <summary>CreateBucket, HeadBucket, GetBucketLocation, GetBucketRequestPayment and DeleteBucket.</summary>
public sealed class BucketOperations(
    IBucketStore buckets, S3Authorizer authorizer, BucketTrail trail, ServiceIdentity identity, IOptions<S3Options> options)
{
    private const string ObjectLockHeader = "x-amz-bucket-object-lock-enabled";

    public async Task CreateAsync(BucketChange change)
    {
        var (request, name) = (change.Request, change.Request.BucketName);
        if (!BucketName.IsValid(name)) throw new S3Exception(S3Errors.InvalidBucketName(name));
        // A policy may confine the location, which is in the body.
        var configuration = await ReadConfigurationAsync(change).ConfigureAwait(false);
        var region = change.Region = configuration.Region ?? identity.Region;
        await authorizer.AuthorizeAsync(S3Operation.CreateBucket, request, bucket: null, configuration with { Region = region }).ConfigureAwait(false);
        RefuseUnsupported(request);
        var bucket = new NewBucket(name, region, options.Value.BlockSseCOnNewBuckets, options.Value.BlockPublicAccessOnNewBuckets ? PublicAccessBlocks.All : null) { Tags = configuration.Tags };
        if (!await TryCreateAsync(change, bucket).ConfigureAwait(false))
        {
            // In us-east-1, and nowhere else, the owner may create a bucket again (API_CreateBucket.html, BucketAlreadyOwnedByYou).
            var existing = await buckets.FindAsync(name, request.Aborted).ConfigureAwait(false);
            if (existing is not { Region: NewBucketConfiguration.DefaultRegion } || region != NewBucketConfiguration.DefaultRegion) throw new S3Exception(S3Errors.BucketAlreadyOwnedByYou(name));
        }
        request.Response.Headers.Location = request.IsBucketInHost ? request.BucketUrl + "/" : "/" + name;
    }

    public static Task HeadAsync(S3Request request, Bucket bucket)
    {
        request.Response.Headers["x-amz-bucket-region"] = bucket.Region;
        request.Response.Headers["x-amz-access-point-alias"] = "false";
        request.Response.ContentType = "application/xml";
        return Task.CompletedTask;
    }

    public static Task GetLocationAsync(S3Request request, Bucket bucket) => S3Xml.WriteAsync(request.Response,
        new XElement(S3Xml.Namespace + NewBucketConfiguration.LocationConstraint, bucket.Region == NewBucketConfiguration.DefaultRegion ? null : bucket.Region), request.Aborted);

    /// <summary>GetBucketRequestPayment: nobody but the bucket's owner pays.</summary>
    public static Task GetRequestPaymentAsync(S3Request request) =>
        S3Xml.WriteAsync(request.Response, S3Xml.Element("RequestPaymentConfiguration", S3Xml.Element("Payer", "BucketOwner")), request.Aborted);

    public async Task DeleteAsync(BucketChange change)
    {
        var request = change.Request;
        // The bucket that goes may be another than the one that was found.
        var deletion = await buckets.DeleteAsync(request.BucketName, async bucket =>
        {
            await authorizer.AuthorizeAsync(S3Operation.DeleteBucket, request, bucket).ConfigureAwait(false);
            await trail.RecordAsync(change).ConfigureAwait(false);
        }, request.Aborted).ConfigureAwait(false);
        switch (deletion)
        {
            case BucketDeletion.NotFound: throw new S3Exception(S3Errors.NoSuchBucket(request.BucketName));
            case BucketDeletion.NotEmpty: throw new S3Exception(S3Errors.BucketNotEmpty(request.BucketName));
            default: request.Response.StatusCode = StatusCodes.Status204NoContent; return;
        }
    }

    private async ValueTask<bool> TryCreateAsync(BucketChange change, NewBucket bucket)
    {
        if (await buckets.FindAsync(bucket.Name, change.Request.Aborted).ConfigureAwait(false) is not null) return false;
        await trail.RecordAsync(change).ConfigureAwait(false);
        return await buckets.CreateAsync(bucket, change.Request.Aborted).ConfigureAwait(false);
    }

    private static void RefuseUnsupported(S3Request request)
    {
        if (request.Header(ObjectLockHeader) is not null) throw new S3Exception(S3Errors.HeaderNotImplemented(ObjectLockHeader));
        OwnershipControlsOperations.JudgeForNewBucket(request);
        RequestedAcl.JudgeForNewBucket(request.Headers);
    }

    private static async ValueTask<NewBucketConfiguration> ReadConfigurationAsync(BucketChange change)
    {
        var body = await DocumentBody.ReadAsync(change.Request, NewBucketConfiguration.MaxDocumentSize, S3Errors.MalformedXml).ConfigureAwait(false);
        return NewBucketConfiguration.Read(S3Xml.Parse(body), change.Parameters);
    }
}
