using Serverless.Access;
using Serverless.Objects.Buckets;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Api;

/// <summary>
/// The object that a copy reads, as the header <c>x-amz-copy-source</c> names it (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html):
/// <c>bucket/key</c> in percent-encoded UTF-8, with or without a slash before it, and perhaps <c>?versionId=…</c> behind it.
/// </summary>
/// <param name="NamedVersion">The version as it is named; null for the current object.</param>
public readonly record struct CopySource(string BucketName, string Key, string? NamedVersion = null)
{
    public const string Header = "x-amz-copy-source";

    /// <summary>The largest source of one copy, in bytes.</summary>
    public const long MaxSize = 5L << 30;

    /// <summary>Reads the header. As S3 does, a <c>+</c> is taken for a space, and the slash behind the bucket may be escaped.</summary>
    /// <exception cref="S3Exception">InvalidArgument: not a bucket and a key, wrongly encoded, or no version's id; KeyTooLongError.</exception>
    public static CopySource Parse(string header)
    {
        var query = header.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? header : header[..query];
        try
        {
            var (bucket, key) = ObjectKey.SplitPath(path.Replace("+", "%20", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
            if (!Buckets.BucketName.IsValid(bucket)) throw Invalid("Invalid copy source bucket name");
            if (key.Length == 0) throw Invalid("Invalid copy source object key");
            var version = query < 0 ? null : QueryParameters.Parse(header[(query + 1)..]).Find(VersionId.Parameter);
            VersionId.Parse(version);
            return new(bucket, key, version);
        }
        catch (Exception e) when (e is AccessException || (e is S3Exception s3 && s3.Error == S3Errors.InvalidUri))
        {
            throw Invalid("Invalid copy source encoding.");
        }
    }

    /// <summary>A source that is longer than one copy takes; it is copied part by part.</summary>
    public static S3Error TooLarge { get; } =
        S3Errors.InvalidRequest($"The specified copy source is larger than the maximum allowable size for a copy source: {MaxSize}");

    /// <summary>A source that is named by the version id of a delete marker.</summary>
    public static S3Error IsDeleteMarker { get; } = S3Errors.InvalidRequest("The source of a copy request may not specifically refer to a delete marker by version id.");

    /// <summary>S3 gives the header's name as the argument's value, too.</summary>
    private static S3Exception Invalid(string message) => new(S3Errors.InvalidArgument(message, Header, Header));
}
