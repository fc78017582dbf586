using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;

namespace Serverless.Objects.Acls;

/// <summary>
/// The ACL that a request's headers ask for. There are no ACLs here, as in every bucket that S3 creates by default: the bucket's owner owns all objects, and what would give anybody else anything is refused
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html). Beyond S3, which then takes <c>bucket-owner-full-control</c> alone, so are the other two that give nobody else anything:
/// clients send them where they mean nothing by it.
/// </summary>
public static class RequestedAcl
{
    public const string CannedHeader = "x-amz-acl";

    private const string GrantPrefix = "x-amz-grant-";

    private static readonly string[] OwnersOnly = ["bucket-owner-full-control", "private", "bucket-owner-read"];
    private static readonly string[] Others = ["public-read", "public-read-write", "authenticated-read", "aws-exec-read", "log-delivery-write"];

    /// <summary>Judges what is asked for an object, or for a bucket that there is; whether anything is.</summary>
    /// <exception cref="S3Exception">AccessControlListNotSupported; InvalidArgument, InvalidRequest: there is no such ACL.</exception>
    public static bool Judge(IHeaderDictionary headers) => Judge(headers, AclErrors.NotSupported);

    /// <summary>Judges what is asked for a bucket that is to be created.</summary>
    /// <exception cref="S3Exception">InvalidBucketAclWithObjectOwnership; otherwise as above.</exception>
    public static void JudgeForNewBucket(IHeaderDictionary headers) => Judge(headers, AclErrors.NotOnNewBucket);

    private static bool Judge(IHeaderDictionary headers, S3Error refusal)
    {
        var canned = headers.TryGetValue(CannedHeader, out var value) ? value.ToString() : null;
        var grants = headers.Keys.Any(header => header.StartsWith(GrantPrefix, StringComparison.OrdinalIgnoreCase));
        if (canned is not null && grants) throw new S3Exception(AclErrors.CannedAndGrants);
        if (grants || Others.Contains(canned)) throw new S3Exception(refusal);
        if (canned is not null && !OwnersOnly.Contains(canned)) throw new S3Exception(AclErrors.UnknownCanned(canned));
        return canned is not null;
    }
}
