using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;

namespace Serverless.Objects.Operations;

/// <summary>CreateBucket, HeadBucket, GetBucketLocation and DeleteBucket.</summary>
public sealed class BucketOperations(IBucketStore buckets, ServiceIdentity identity, IOptions<S3Options> options)
{
    /// <summary>The Region whose buckets have an empty location (API_GetBucketLocation.html).</summary>
    private const string DefaultRegion = "us-east-1";

    private const int MaxConfigurationSize = 64 * 1024;

    public async Task CreateAsync(S3Request request)
    {
        var name = request.BucketName;
        if (!BucketName.IsValid(name)) throw new S3Exception(S3Errors.InvalidBucketName(name));
        foreach (var header in request.Headers.Keys)
        {
            if (header.Equals("x-amz-bucket-object-lock-enabled", StringComparison.OrdinalIgnoreCase)
                || header.StartsWith("x-amz-grant-", StringComparison.OrdinalIgnoreCase))
                throw new S3Exception(S3Errors.HeaderNotImplemented(header));
        }
        var region = await ReadLocationAsync(request).ConfigureAwait(false) ?? identity.Region;
        var bucket = new NewBucket(name, region, options.Value.BlockSseCOnNewBuckets, options.Value.BlockPublicAccessOnNewBuckets ? PublicAccessBlocks.All : null);
        if (!await buckets.CreateAsync(bucket, request.Aborted).ConfigureAwait(false))
        {
            // In us-east-1, and nowhere else, the owner may create a bucket again (API_CreateBucket.html, BucketAlreadyOwnedByYou).
            var existing = await buckets.FindAsync(name, request.Aborted).ConfigureAwait(false);
            if (existing is not { Region: DefaultRegion } || region != DefaultRegion) throw new S3Exception(S3Errors.BucketAlreadyOwnedByYou(name));
        }
        request.Response.Headers.Location = "/" + name;
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

    public async Task DeleteAsync(S3Request request)
    {
        switch (await buckets.DeleteAsync(request.BucketName, request.Aborted).ConfigureAwait(false))
        {
            case BucketDeletion.NotFound: throw new S3Exception(S3Errors.NoSuchBucket(request.BucketName));
            case BucketDeletion.NotEmpty: throw new S3Exception(S3Errors.BucketNotEmpty(request.BucketName));
            default: request.Response.StatusCode = StatusCodes.Status204NoContent; return;
        }
    }

    private static async ValueTask<string?> ReadLocationAsync(S3Request request)
    {
        var document = await S3Xml.ReadAsync(request.Payload, MaxConfigurationSize, request.Aborted).ConfigureAwait(false);
        if (document is null) return null;
        if (document.Name.LocalName != "CreateBucketConfiguration") throw new S3Exception(S3Errors.MalformedXml);
        string? region = null;
        foreach (var element in document.Elements())
        {
            if (element.Name.LocalName != "LocationConstraint") throw new S3Exception(S3Errors.OperationNotImplemented($"CreateBucket with {element.Name.LocalName}"));
            region = element.Value;
        }
        if (region is null) return null;
        // us-east-1 has no location constraint; "EU" is the old name of eu-west-1.
        if (region is "EU") return "eu-west-1";
        return AwsRegion.IsWellFormed(region) && region != DefaultRegion ? region : throw new S3Exception(S3Errors.InvalidLocationConstraint(region));
    }
}
