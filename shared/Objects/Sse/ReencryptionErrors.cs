using Serverless.Objects.Api;

namespace Serverless.Objects.Sse;

/// <summary>
/// What UpdateObjectEncryption answers, as its API page words it (https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html), save where this service does more than AWS.
/// </summary>
public static class ReencryptionErrors
{
    public static S3Error UnsupportedSource { get; } = S3Errors.InvalidRequest(
        "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS. "
        + "Only source objects encrypted with SSE-S3, SSE-KMS or SSE-C are supported.");

    public static S3Error UnsupportedType { get; } = S3Errors.InvalidRequest(
        "The UpdateObjectEncryption operation doesn't support updating the encryption type to DSSE-KMS or SSE-C. "
        + "Modify the request to specify SSE-S3 or SSE-KMS for the updated encryption type, and then try again.");

    public static S3Error NoSignature { get; } = S3Errors.InvalidRequest(
        "Requests that modify an object encryption configuration require AWS Signature Version 4. Modify the request to use AWS Signature Version 4, and then try again.");

    public static S3Error NoType { get; } = S3Errors.InvalidRequest(
        "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are SSES3 and SSEKMS. "
        + "Modify the request to specify SSE-S3 or SSE-KMS for the updated encryption type, and then try again.");

    public static S3Error NoKey { get; } = S3Errors.InvalidRequest(
        "Requests that modify an object's encryption type to SSE-KMS require an AWS KMS key Amazon Resource Name (ARN). "
        + "Modify the request to specify a KMS key ARN, and then try again.");

    public static S3Error NoKeyArn { get; } = S3Errors.InvalidRequest(
        "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name (ARN). "
        + "Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.");

    public static S3Error InvalidBucketKey { get; } = S3Errors.InvalidRequest(
        "The BucketKeyEnabled value isn't valid. Valid values are true or false. Modify the request to specify a valid value, and then try again.");

    public static S3Error ForeignKey { get; } = S3Errors.AccessDenied with
    {
        Message = "The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.",
    };
}
