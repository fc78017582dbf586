using System.Globalization;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;

namespace Serverless.Objects.Multipart;

/// <summary>
/// What S3 answers to requests of multipart uploads that it refuses (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html, API_UploadPart.html, and recorded answers).
/// </summary>
public static class MultipartErrors
{
    /// <summary>The least that a part may have that is not the last, in bytes.</summary>
    public const long MinPartSize = 5 << 20;

    /// <summary>The most that a part may have, in bytes.</summary>
    public const long MaxPartSize = 5L << 30;

    public static S3Error EncryptionNeeded { get; } = S3Errors.InvalidRequest(
        "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.");

    public static S3Error OtherEncryption { get; } = S3Errors.InvalidRequest("The provided encryption parameters did not match the ones used originally.");

    public static S3Error RangeAndPart { get; } = S3Errors.InvalidRequest("Cannot specify both Range header and partNumber query parameter");

    public static S3Error NoSuchUpload(string? id) => new("NoSuchUpload", 404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
        new KeyValuePair<string, string>("UploadId", id ?? ""));

    public static S3Error PartNumber(string? value) =>
        S3Errors.InvalidArgument($"Part number must be an integer between 1 and {Upload.MaxParts}, inclusive", "partNumber", value);

    public static S3Error InvalidPart(UploadId upload, ListedPart part) => new("InvalidPart", 400,
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        new("UploadId", upload.Text), new("PartNumber", Invariant(part.Number)), new("ETag", part.ETag));

    public static S3Error InvalidPartOrder(UploadId upload) => new("InvalidPartOrder", 400,
        "The list of parts was not in ascending order. Parts must be ordered by part number.", new KeyValuePair<string, string>("UploadId", upload.Text));

    public static S3Error EntityTooSmall(UploadedPart part) => new("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size",
        new("ProposedSize", Invariant(part.Length)), new("MinSizeAllowed", Invariant(MinPartSize)), new("PartNumber", Invariant(part.Number)), new("ETag", part.ETag));

    public static S3Error PartNotSatisfiable(int number, int count) => new("InvalidPartNumber", 416, "The requested partnumber is not satisfiable",
        new("PartNumberRequested", Invariant(number)), new("ActualPartCount", Invariant(count)));

    public static S3Error ListedPartNumber(string value) => S3Errors.InvalidArgument("PartNumber must be >= 1", "PartNumber", value);

    public static S3Error MalformedPartChecksum(string checksums) =>
        S3Errors.InvalidArgument("Invalid Base64 or multiple checksums present in request", "Checksum", checksums);

    public static S3Error PartChecksumNeeded(ChecksumAlgorithm algorithm, int part) => S3Errors.InvalidRequest(
        $"The upload was created using a {Lower(algorithm)} checksum. The complete request must include the checksum for each part. It was missing for part {Invariant(part)} in the request.");

    public static S3Error OtherChecksumType(ChecksumType type) => S3Errors.InvalidRequest(
        $"The upload was created using the {Checksum.NameOf(type)} checksum mode. The complete request must use the same checksum mode.");

    /// <summary>Unlike that of a part's checksum, the message has the name in lower case.</summary>
    public static S3Error ObjectChecksumMismatch(ChecksumAlgorithm algorithm) => S3Errors.ChecksumMismatch(Lower(algorithm));

    public static S3Error ObjectSizeMismatch(long claimed, long actual) => S3Errors.InvalidRequest(
        $"The provided 'x-amz-mp-object-size' header value {Invariant(claimed)} does not match what was computed: {Invariant(actual)}");

    public static S3Error MalformedObjectSize(string value) => S3Errors.InvalidRequest($"Value for x-amz-mp-object-size header is invalid: '{value}'");

    /// <summary>A write that the client's condition does not see was faster: the object was written, or deleted, since the upload was begun (recorded).</summary>
    public static S3Error ChangedSinceBegun(string condition, string key) =>
        S3Errors.ConditionalRequestConflict.With("Condition", condition).With("Key", key);

    public static S3Error CopyRangeForm(string value) => S3Errors.InvalidArgument(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
        CopyRange.Header, value);

    public static S3Error CopyRangeTooLong(string value, long size) =>
        S3Errors.InvalidArgument($"Range specified is not valid for source object of size: {Invariant(size)}", CopyRange.Header, value);

    public static S3Error CopyRangeBehindEnd { get; } = S3Errors.InvalidRequest("The specified copy range is invalid for the source object size");

    private static string Lower(ChecksumAlgorithm algorithm) => algorithm.ToString().ToLowerInvariant();

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}
