using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;

namespace Serverless.Objects.Operations;

/// <summary>CreateBucket, HeadBucket, GetBucketLocation and DeleteBucket.</summary>
public sealed class BucketOperations(
    IBucketStore buckets, S3Authorizer authorizer, BucketTrail trail, ServiceIdentity identity, IOptions<S3Options> options)
{
    /// <summary>The Region whose buckets have an empty location (API_GetBucketLocation.html).</summary>
    private const string DefaultRegion = "us-east-1";

    private const int MaxConfigurationSize = 64 * 1024;

    public async Task CreateAsync(BucketChange change)
    {
        var (request, name) = (change.Request, change.Request.BucketName);
        if (!BucketName.IsValid(name)) throw new S3Exception(S3Errors.InvalidBucketName(name));
        // A policy may confine the location, which is in the body.
        var region = change.Region = await ReadLocationAsync(change).ConfigureAwait(false) ?? identity.Region;
        await authorizer.AuthorizeAsync(S3Operation.CreateBucket, request, bucket: null, region).ConfigureAwait(false);
        RefuseUnsupported(request);
        var bucket = new NewBucket(name, region, options.Value.BlockSseCOnNewBuckets, options.Value.BlockPublicAccessOnNewBuckets ? PublicAccessBlocks.All : null);
        if (!await TryCreateAsync(change, bucket).ConfigureAwait(false))
        {
            // In us-east-1, and nowhere else, the owner may create a bucket again (API_CreateBucket.html, BucketAlreadyOwnedByYou).
            var existing = await buckets.FindAsync(name, request.Aborted).ConfigureAwait(false);
            if (existing is not { Region: DefaultRegion } || region != DefaultRegion) throw new S3Exception(S3Errors.BucketAlreadyOwnedByYou(name));
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
        new XElement(S3Xml.Namespace + "LocationConstraint", bucket.Region == DefaultRegion ? null : bucket.Region), request.Aborted);

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
        foreach (var header in request.Headers.Keys)
        {
            if (header.Equals("x-amz-bucket-object-lock-enabled", StringComparison.OrdinalIgnoreCase)
                || header.StartsWith("x-amz-grant-", StringComparison.OrdinalIgnoreCase))
                throw new S3Exception(S3Errors.HeaderNotImplemented(header));
        }
    }

    private static async ValueTask<string?> ReadLocationAsync(BucketChange change)
    {
        var body = await DocumentBody.ReadAsync(change.Request, MaxConfigurationSize, S3Errors.MalformedXml).ConfigureAwait(false);
        if (S3Xml.Parse(body) is not { } document) return null;
        if (document.Name.LocalName != "CreateBucketConfiguration") throw new S3Exception(S3Errors.MalformedXml);
        string? region = null;
        foreach (var element in document.Elements())
        {
            if (element.Name.LocalName != "LocationConstraint") throw new S3Exception(S3Errors.OperationNotImplemented($"CreateBucket with {element.Name.LocalName}"));
            region = element.Value;
        }
        if (region is null) return null;
        change.Parameters["CreateBucketConfiguration"] = new JsonObject { ["LocationConstraint"] = region };
        // us-east-1 has no location constraint; "EU" is the old name of eu-west-1.
        if (region is "EU") return "eu-west-1";
        return AwsRegion.IsWellFormed(region) && region != DefaultRegion ? region : throw new S3Exception(S3Errors.InvalidLocationConstraint(region));
    }
}
