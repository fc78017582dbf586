using Serverless.Objects.Api;

namespace Serverless.Objects.Acls;

/// <summary>What S3 answers to requests about ACLs where there are none (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html).</summary>
public static class AclErrors
{
    public static S3Error NotSupported { get; } = new("AccessControlListNotSupported", 400, "The bucket does not allow ACLs");

    public static S3Error NotOnNewBucket { get; } = new("InvalidBucketAclWithObjectOwnership", 400, "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");

    public static S3Error CannedAndGrants { get; } = S3Errors.InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");

    public static S3Error Malformed { get; } =
        new("MalformedACLError", 400, "The XML you provided was not well-formed or did not validate against our published schema");

    /// <summary>A request to put an ACL that has none.</summary>
    public static S3Error Missing { get; } =
        new("MissingSecurityHeader", 400, "Your request was missing a required header", new KeyValuePair<string, string>("MissingHeaderName", RequestedAcl.CannedHeader));

    public static S3Error UnknownCanned(string value) => S3Errors.InvalidArgument("The canned ACL is not one of those that there are.", RequestedAcl.CannedHeader, value);

    public static S3Error UnknownOwnership(string value) => S3Errors.InvalidArgument(
        $"Invalid {OwnershipControlsOperations.Header} header: {value}", OwnershipControlsOperations.Header, value: null);

    public static S3Error NoOwnershipControls(string bucket) =>
        new("OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found", new KeyValuePair<string, string>("BucketName", bucket));
}
