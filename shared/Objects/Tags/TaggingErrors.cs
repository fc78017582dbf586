using Serverless.Objects.Api;

namespace Serverless.Objects.Tags;

/// <summary>
/// What S3 answers to tags that it refuses (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html, API_PutBucketTagging.html, and what AWS was seen to answer).
/// </summary>
public static class TaggingErrors
{
    public static S3Error TooManyOfObject { get; } = new("BadRequest", 400, "Object tags cannot be greater than 10");

    public static S3Error TooManyOfBucket { get; } = new("BadRequest", 400, "Bucket tag count cannot be greater than 50");

    public static S3Error DuplicateKey(string key) => InvalidTag("Cannot provide multiple Tags with the same key").With("TagKey", key);

    public static S3Error InvalidKey(string key) => InvalidTag("The TagKey you have provided is invalid").With("TagKey", key);

    public static S3Error InvalidValue(string key, string value) => InvalidTag("The TagValue you have provided is invalid").With("TagKey", key).With("TagValue", value);

    public static S3Error ReservedOnObject(string key) => InvalidTag("Your TagKey cannot be prefixed with aws:").With("TagKey", key);

    public static S3Error ReservedOnBucket(string key) => InvalidTag("System tags cannot be added/updated by requester").With("TagKey", key);

    public static S3Error ReservedOnNewBucket { get; } = InvalidTag(
        "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. Remove \"aws:\" from your tag keys and try again.");

    public static S3Error MalformedHeader(string value) => S3Errors.InvalidArgument(
        $"The header '{TaggingHeader.Name}' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.", TaggingHeader.Name, value);

    public static S3Error NoSuchTagSet(string bucket) =>
        new("NoSuchTagSet", 404, "The TagSet does not exist", new KeyValuePair<string, string>("BucketName", bucket));

    private static S3Error InvalidTag(string message) => new("InvalidTag", 400, message);
}
