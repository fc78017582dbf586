using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;

namespace Serverless.Objects.Acls;

/// <summary>
/// The ACL that a request's headers ask for. There are no ACLs here, as in every bucket that S3 creates by default: the bucket's owner owns all objects, and only an ACL that says just that is taken
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html).
/// </summary>
public static class RequestedAcl
{
    public const string CannedHeader = "x-amz-acl";

    private const string GrantPrefix = "x-amz-grant-";
    private const string OwnersFullControl = "bucket-owner-full-control";

    /// <summary>The canned ACLs that grant nobody but the owners anything, so that a new bucket may ask for them.</summary>
    private static readonly string[] OwnersOnly = ["private", "bucket-owner-read", OwnersFullControl];

    private static readonly string[] Others = ["public-read", "public-read-write", "authenticated-read", "aws-exec-read", "log-delivery-write"];

    /// <summary>Judges what is asked for an object, or for a bucket that there is; whether anything is.</summary>
    /// <exception cref="S3Exception">AccessControlListNotSupported; InvalidArgument, InvalidRequest: there is no such ACL.</exception>
    public static bool Judge(IHeaderDictionary headers)
    {
        var (canned, grants) = Read(headers);
        if (grants || canned is not (null or OwnersFullControl)) throw new S3Exception(AclErrors.NotSupported);
        return canned is not null;
    }

    /// <summary>Judges what is asked for a bucket that is to be created.</summary>
    /// <exception cref="S3Exception">InvalidBucketAclWithObjectOwnership; otherwise as above.</exception>
    public static void JudgeForNewBucket(IHeaderDictionary headers)
    {
        var (canned, grants) = Read(headers);
        if (grants || (canned is not null && !OwnersOnly.Contains(canned))) throw new S3Exception(AclErrors.NotOnNewBucket);
    }

    private static (string? Canned, bool Grants) Read(IHeaderDictionary headers)
    {
        var canned = headers.TryGetValue(CannedHeader, out var value) ? value.ToString() : null;
        var grants = headers.Keys.Any(header => header.StartsWith(GrantPrefix, StringComparison.OrdinalIgnoreCase));
        if (canned is not null && grants) throw new S3Exception(AclErrors.CannedAndGrants);
        if (canned is not null && !OwnersOnly.Contains(canned) && !Others.Contains(canned)) throw new S3Exception(AclErrors.UnknownCanned(canned));
        return (canned, grants);
    }
}
