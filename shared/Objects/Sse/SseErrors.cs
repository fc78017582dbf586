using Serverless.Access;
using Serverless.Objects.Api;

namespace Serverless.Objects.Sse;

/// <summary>
/// What S3 answers to wrong encryption headers. The sentences are AWS's recorded answers to PutObject, GetObject and UploadPart with such headers;
/// <c>ArgumentName</c> is the same header for all of them, as recorded.
/// </summary>
public static class SseErrors
{
    private const string CustomerKeys = "Requests specifying Server Side Encryption with Customer provided keys must ";

    public static S3Error InsecureTransport { get; } = Argumentless("InvalidRequest", CustomerKeys + "be made over a secure connection.");

    public static S3Error NoAlgorithm { get; } = Invalid(CustomerKeys + "provide a valid encryption algorithm.");

    public static S3Error NoKey { get; } = Invalid(CustomerKeys + "provide an appropriate secret key.");

    public static S3Error NoKeyMd5 { get; } = Invalid(CustomerKeys + "provide the client calculated MD5 of the secret key.");

    public static S3Error WrongKeyMd5 { get; } = Invalid("The calculated MD5 hash of the key did not match the hash that was provided.");

    public static S3Error WrongKeySize { get; } = Invalid("The secret key was invalid for the specified algorithm.");

    public static S3Error KeyNeeded { get; } = Argumentless("InvalidRequest",
        "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.");

    public static S3Error WrongKey { get; } = new("AccessDenied", 403, CustomerKeys + "provide the correct secret key.");

    public static S3Error NotApplicable { get; } = Argumentless("InvalidRequest", "The encryption parameters are not applicable to this object.");

    public static S3Error SignatureV4Needed { get; } =
        Invalid("Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.");

    public static S3Error KmsNeeded { get; } =
        Invalid($"Server Side Encryption with AWS KMS managed key requires HTTP header {SseHeaders.Algorithm} : {SseHeaders.AwsKms}");

    public static S3Error MalformedContext { get; } = Invalid(
        $"The header '{SseHeaders.Context}' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map");

    public static S3Error ForeignArn(string pair, string arn) =>
        S3Errors.InvalidArgument($"The header '{SseHeaders.Context}' shall have no other value of {pair} than {arn}", SseHeaders.Context, null);

    public static S3Error CombinedWith(string method) =>
        Invalid("Server Side Encryption with Customer provided key is incompatible with the encryption method specified", method);

    public static S3Error WrongAlgorithm(string algorithm) => new("InvalidEncryptionAlgorithmError", 400,
        "The Encryption request you specified is not valid. Supported value: AES256.",
        new("ArgumentName", SseHeaders.Algorithm), new("ArgumentValue", algorithm));

    public static S3Error UnknownMethod(string method) => Invalid("The encryption method specified is not supported", method);

    public static S3Error NotOnReads(string header) =>
        S3Errors.InvalidArgument($"{header} header is not supported for this operation.", header, null);

    public static S3Error InvalidBucketKeyEnabled(string value) =>
        S3Errors.InvalidArgument($"The {SseHeaders.BucketKeyEnabled} header shall be true or false", SseHeaders.BucketKeyEnabled, value);

    /// <summary>New buckets block SSE-C (since 2026); the answer names who may not do what, as IAM's refusals do.</summary>
    public static S3Error Blocked(Principal principal, string action, string resource) => S3Errors.NotAuthorized(principal, new(action, resource),
        "because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). "
        + "Please specify a different server-side encryption type");

    private static S3Error Invalid(string message, string? value = null) => S3Errors.InvalidArgument(message, SseHeaders.Algorithm, value);

    private static S3Error Argumentless(string code, string message) => new(code, 400, message);
}
