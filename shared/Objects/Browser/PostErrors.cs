using Serverless.Objects.Api;

namespace Serverless.Objects.Browser;

/// <summary>
/// What S3 answers to forms that are not as they must be: the texts that it was seen to send, and for what nobody has seen those of
/// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
/// </summary>
internal static class PostErrors
{
    private const string OneFile = "POST requires exactly one file upload per request.";

    public static S3Error NotMultipart { get; } = S3Errors.PreconditionFailed("Bucket POST must be of the enclosure-type multipart/form-data");

    public static S3Error Malformed { get; } = new("MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data.");

    public static S3Error NoFile { get; } = S3Errors.InvalidArgument(OneFile, "file", "0");

    public static S3Error SeveralFiles { get; } = new("IncorrectNumberOfFilesInPostRequest", 400, OneFile);

    public static S3Error EmptyKey { get; } = S3Errors.InvalidArgument("User key must have a length greater than 0.", "key", "");

    /// <summary>The words are S3's.</summary>
    public static S3Error FieldsTooLarge(int limit) => new("MaxPostPreDataLengthExceeded", 400,
        "Your POST request fields preceeding the upload file was too large.", new KeyValuePair<string, string>("MaxPostPreDataLengthBytes", S3Errors.Invariant(limit)));

    public static S3Error NotAHeader(string field) => S3Errors.InvalidArgument("The form field holds what no header can hold.", field, null);
}
