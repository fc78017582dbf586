using System.Globalization;
using Microsoft.Net.Http.Headers;
using Serverless.Access;
using Serverless.Objects.Permissions;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Api;

/// <summary>
/// The general errors of S3, worded as S3 words them
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and recorded answers).
/// </summary>
public static class S3Errors
{
    public static S3Error AccessDenied { get; } = new("AccessDenied", 403, "Access Denied");

    /// <summary>What S3 answers for an object that is there and cannot be read as it is (API_GetObject.html: InvalidObjectState); trying again does not help.</summary>
    public static S3Error KeyVersionRetired(string message) => new("InvalidObjectState", 403, message);

    public static S3Error InternalError { get; } = new("InternalError", 500, "We encountered an internal error. Please try again.");

    public static S3Error ServiceUnavailable { get; } = new("ServiceUnavailable", 503, "Service is unable to handle request.");

    public static S3Error SlowDown { get; } = new("SlowDown", 503, "Please reduce your request rate.");

    public static S3Error InvalidUri { get; } = new("InvalidURI", 400, "Couldn't parse the specified URI.");

    public static S3Error MalformedXml { get; } =
        new("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our published schema");

    public static S3Error NotImplemented { get; } =
        new("NotImplemented", 501, "A header you provided implies functionality that is not implemented");

    public static S3Error BadDigest { get; } =
        new("BadDigest", 400, "The Content-MD5 you specified did not match what we received.");

    public static S3Error InvalidDigest { get; } = new("InvalidDigest", 400, "The Content-MD5 you specified was invalid.");

    public static S3Error UnsupportedChecksum { get; } = InvalidRequest(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");

    public static S3Error MissingRequestBody { get; } = new("MissingRequestBodyError", 400, "Request Body is empty");

    public static S3Error MissingDigest { get; } = InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");

    public static S3Error UserKeyMustBeSpecified { get; } = new("UserKeyMustBeSpecified", 400, "User key must be specified.");

    public static S3Error NoSuchVersion { get; } = new("NoSuchVersion", 404, "The specified version does not exist.");

    public static S3Error VersionNotAccepted(string value) => InvalidArgument("This operation does not accept a version-id.", VersionId.Parameter, value);

    /// <summary>The answer where a request names a version that is a delete marker (userguide/DeleteMarker.html).</summary>
    public static S3Error IsDeleteMarker(string method, VersionId marker, DateTimeOffset lastModified)
    {
        var error = MethodNotAllowed(method).With("ResourceType", "DeleteMarker").OfMarker(marker);
        return error with { Headers = [.. error.Headers, new(HeaderNames.Allow, "DELETE"), new(HeaderNames.LastModified, HeaderUtilities.FormatDate(lastModified))] };
    }

    public static S3Error ContinuationToken { get; } = InvalidArgument("The continuation token provided is incorrect", "continuation-token", value: null);

    public static S3Error ConditionalRequestConflict { get; } =
        new("ConditionalRequestConflict", 409, "The conditional request cannot succeed due to a conflicting operation against this resource.");

    public static S3Error PolicyTooLarge { get; } = MalformedPolicy("Policy exceeds the maximum allowed document size.");

    public static S3Error OperationAborted { get; } =
        new("OperationAborted", 409, "A conflicting conditional operation is currently in progress against this resource. Please try again.");

    /// <summary>
    /// Who may not do what, as S3 tells it within the account (userguide/troubleshoot-403-errors.html); an anonymous caller is told nothing.
    /// An action on no bucket in particular has no resource there.
    /// </summary>
    public static S3Error NotAuthorized(Principal principal, NeededPermission needed, string reason)
    {
        if (principal.Type is PrincipalType.Anonymous) return AccessDenied;
        var resource = needed.Resource == OperationPermissions.AllBuckets ? "" : $"on resource: \"{needed.Resource}\" ";
        return AccessDenied with { Message = $"User: {principal.Arn} is not authorized to perform: {needed.Action} {resource}{reason}" };
    }

    public static S3Error MalformedPolicy(string message) => new("MalformedPolicy", 400, message);

    public static S3Error InvalidExpectedBucketOwner(string value) => new("InvalidBucketOwnerAWSAccountID", 400,
        $"The value of the expected bucket owner parameter must be an AWS Account ID... [{value}]");

    public static S3Error NoSuchBucket(string bucket) =>
        new("NoSuchBucket", 404, "The specified bucket does not exist", new KeyValuePair<string, string>("BucketName", bucket));

    public static S3Error NoSuchKey(string key) =>
        new("NoSuchKey", 404, "The specified key does not exist.", new KeyValuePair<string, string>("Key", key));

    public static S3Error BucketNotEmpty(string bucket) =>
        new("BucketNotEmpty", 409, "The bucket you tried to delete is not empty", new KeyValuePair<string, string>("BucketName", bucket));

    public static S3Error BucketAlreadyOwnedByYou(string bucket) => new("BucketAlreadyOwnedByYou", 409,
        "Your previous request to create the named bucket succeeded and you already own it.", new KeyValuePair<string, string>("BucketName", bucket));

    public static S3Error NoSuchBucketPolicy(string bucket) =>
        new("NoSuchBucketPolicy", 404, "The bucket policy does not exist", new KeyValuePair<string, string>("BucketName", bucket));

    public static S3Error NoSuchPublicAccessBlockConfiguration(string bucket) => new("NoSuchPublicAccessBlockConfiguration", 404,
        "The public access block configuration was not found", new KeyValuePair<string, string>("BucketName", bucket));

    public static S3Error NoSuchCorsConfiguration(string bucket) =>
        new("NoSuchCORSConfiguration", 404, "The CORS configuration does not exist", new KeyValuePair<string, string>("BucketName", bucket));

    public static S3Error InvalidBucketName(string bucket) =>
        new("InvalidBucketName", 400, "The specified bucket is not valid.", new KeyValuePair<string, string>("BucketName", bucket));

    public static S3Error InvalidStorageClass(string requested) => new("InvalidStorageClass", 400,
        "The storage class you specified is not valid", new KeyValuePair<string, string>("StorageClassRequested", requested));

    public static S3Error InvalidLocationConstraint(string region) => new("InvalidLocationConstraint", 400,
        "The specified location-constraint is not valid", new KeyValuePair<string, string>("LocationConstraint", region));

    public static S3Error KeyTooLong(int size, int limit) => new("KeyTooLongError", 400, "Your key is too long",
        new("Size", Invariant(size)), new("MaxSizeAllowed", Invariant(limit)));

    public static S3Error MetadataTooLarge(int size, int limit) => new("MetadataTooLarge", 400,
        "Your metadata headers exceed the maximum allowed metadata size", new("Size", Invariant(size)), new("MaxSizeAllowed", Invariant(limit)));

    public static S3Error EntityTooLarge(long size, long limit) => new("EntityTooLarge", 400,
        "Your proposed upload exceeds the maximum allowed size", new("ProposedSize", Invariant(size)), new("MaxSizeAllowed", Invariant(limit)));

    public static S3Error EntityTooSmall(long size, long limit) => new("EntityTooSmall", 400,
        "Your proposed upload is smaller than the minimum allowed size", new("ProposedSize", Invariant(size)), new("MinSizeAllowed", Invariant(limit)));

    public static S3Error PreconditionFailed(string condition) => new("PreconditionFailed", 412,
        "At least one of the pre-conditions you specified did not hold", new KeyValuePair<string, string>("Condition", condition));

    public static S3Error InvalidRange(string requested, long length) => new("InvalidRange", 416, "The requested range is not satisfiable",
        new("RangeRequested", requested), new("ActualObjectSize", Invariant(length)));

    public static S3Error InvalidArgument(string message, string name, string? value) => new("InvalidArgument", 400, message,
        value is null ? [new("ArgumentName", name)] : [new("ArgumentName", name), new("ArgumentValue", value)]);

    public static S3Error InvalidRequest(string message) => new("InvalidRequest", 400, message);

    public static S3Error MethodNotAllowed(string method) => new("MethodNotAllowed", 405,
        "The specified method is not allowed against this resource.", new KeyValuePair<string, string>("Method", method));

    /// <summary>A method that there is nothing for here.</summary>
    /// <param name="method">The method.</param>
    /// <param name="resourceType">SERVICE, BUCKET or OBJECT.</param>
    /// <param name="allowed">The methods that there are something for.</param>
    public static S3Error MethodNotAllowed(string method, string resourceType, IEnumerable<string> allowed) =>
        MethodNotAllowed(method).With("ResourceType", resourceType) with { Headers = [new(HeaderNames.Allow, string.Join(", ", allowed))] };

    public static S3Error RequestHeaderSectionTooLarge(int limit) => new("RequestHeaderSectionTooLarge", 400,
        "Your request header section exceeds the maximum allowed size.", new KeyValuePair<string, string>("MaxSizeAllowed", Invariant(limit)));

    /// <summary>A header asks for something that S3 has and this service does not (yet): refused, never ignored.</summary>
    public static S3Error HeaderNotImplemented(string header) => NotImplemented.With("Header", header);

    /// <summary>An operation that S3 has and this service does not (yet).</summary>
    public static S3Error OperationNotImplemented(string operation) =>
        new("NotImplemented", 501, "This operation is not implemented.", new KeyValuePair<string, string>("Operation", operation));

    /// <summary>The answer to a checksum that the data does not have; the recording of PutObject with a wrong checksum.</summary>
    public static S3Error ChecksumMismatch(string algorithm) =>
        new("BadDigest", 400, $"The {algorithm} you specified did not match the calculated checksum.");

    /// <summary>The error where a delete marker stands in the way, which its headers name.</summary>
    public static S3Error OfMarker(this S3Error error, VersionId marker) =>
        error with { Headers = [.. error.Headers, new(VersionHeaders.DeleteMarker, "true"), new(VersionHeaders.VersionId, marker.ToString())] };

    internal static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}
