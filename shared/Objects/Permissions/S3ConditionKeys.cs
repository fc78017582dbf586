using System.Collections.Frozen;
using System.Globalization;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Operations;
using Serverless.Objects.Sse;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Permissions;

/// <summary>
/// The condition keys of a request to S3 (https://docs.aws.amazon.com/service-authorization/latest/reference/list_s3.html), before the global ones. Beyond AWS's,
/// <c>sse:EffectiveEncryption</c> and <c>sse:EffectiveKeyArn</c> tell of a write what will really be applied, the bucket's default included.
/// </summary>
/// <param name="operation">What the request is.</param>
/// <param name="request">The request; in a presigned one, headers that the query stands for are among its headers by now.</param>
/// <param name="bucket">The bucket; null where there is none yet.</param>
/// <param name="now">The time of the request.</param>
/// <param name="others">The global keys.</param>
public sealed class S3ConditionKeys(
    S3Operation operation, S3Request request, Bucket? bucket, DateTimeOffset now, IConditionKeys others) : IConditionKeys
{
    public const string KmsKeyId = "s3:x-amz-server-side-encryption-aws-kms-key-id";
    public const string EffectiveKeyArn = "sse:effectivekeyarn";

    /// <summary>What the keys of existing tags begin with.</summary>
    public const string ExistingTag = "s3:existingobjecttag/";

    private const string RequestTag = "s3:requestobjecttag/";
    private const string RequestTagKeys = "s3:requestobjecttagkeys";
    private const string BucketTag = "aws:requesttag/";
    private const string Encryption = "s3:x-amz-server-side-encryption";
    private const string EffectiveMode = "sse:effectiveencryption";

    /// <summary>The keys whose values an upload is begun with: how its object will be encrypted, and tagged.</summary>
    public static IReadOnlyList<string> OfUpload { get; } = [Encryption, KmsKeyId, EffectiveMode, EffectiveKeyArn, RequestTag, RequestTagKeys];

    /// <summary>The keys whose value is a header's, as it was sent.</summary>
    private static readonly FrozenDictionary<string, string> Headers = ((string[])
    [
        "x-amz-acl", "x-amz-copy-source", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp",
        "x-amz-metadata-directive", "x-amz-object-ownership", SseHeaders.Algorithm, SseHeaders.CustomerAlgorithm, "x-amz-storage-class",
        "x-amz-website-redirect-location",
    ]).Select(header => KeyValuePair.Create("s3:" + header, header)).Concat(
    [
        new("s3:if-match", HeaderNames.IfMatch),
        new("s3:if-none-match", HeaderNames.IfNoneMatch),
        new("s3:object-lock-legal-hold", "x-amz-object-lock-legal-hold"),
        new("s3:object-lock-mode", "x-amz-object-lock-mode"),
        new("s3:object-lock-retain-until-date", "x-amz-object-lock-retain-until-date"),
    ]).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The ARN of the KMS key that the request names; null where it names none, or is not asked for.</summary>
    public string? NamedKeyArn { get; init; }

    /// <summary>The ARN of the KMS key that a write will be under; null where there is none, or is not asked for.</summary>
    public string? UsedKeyArn { get; init; }

    /// <summary>The upload that the request goes on with: its encryption headers and tags count, not those of the request, which has none. Null for other requests, or where it is not asked for.</summary>
    public Upload? Upload { get; init; }

    /// <summary>The Region that a bucket is to be created in.</summary>
    public string? Location { get; init; }

    /// <summary>The tags of the object that the request concerns, as it is; null where there is none, or it is not asked for.</summary>
    public IReadOnlyDictionary<string, string>? ExistingTags { get; init; }

    /// <summary>The tags that a bucket is to be created with.</summary>
    public IReadOnlyDictionary<string, string>? BucketTags { get; init; }

    /// <summary>Whether the operation is judged by the tags of the object that there is.</summary>
    public static bool SeesExistingTags(S3Operation operation) => operation is S3Operation.GetObject or S3Operation.HeadObject or S3Operation.GetObjectAttributes
        or S3Operation.GetObjectTagging or S3Operation.PutObjectTagging or S3Operation.DeleteObjectTagging or S3Operation.GetObjectAcl or S3Operation.PutObjectAcl
        or S3Operation.UpdateObjectEncryption;

    /// <summary>Whether the operation leaves an object under the encryption that the request and the bucket say.</summary>
    public static bool Encrypts(S3Operation operation) =>
        operation is S3Operation.PutObject or S3Operation.PostObject or S3Operation.CopyObject or S3Operation.CreateMultipartUpload or S3Operation.UpdateObjectEncryption;

    /// <summary>Whether the operation goes on with an upload, and so with the encryption that this was begun with.</summary>
    public static bool Continues(S3Operation operation) => operation is S3Operation.UploadPart or S3Operation.UploadPartCopy or S3Operation.CompleteMultipartUpload;

    public StringValues? Find(string key) => key switch
    {
        Encryption when Continues(operation) => Value(Upload?.RequestedMethod),
        KmsKeyId => Value(NamedKeyArn),
        EffectiveKeyArn => Value(UsedKeyArn),
        EffectiveMode => Value(FindEffectiveEncryption()),
        "s3:authtype" => Value(request.Signed.IsAnonymous ? null : request.Signed.IsForm ? "POST" : request.Signed.IsPresigned ? "REST-QUERY-STRING" : "REST-HEADER"),
        "s3:signatureversion" => Value(request.Signed.IsAnonymous ? null : "AWS4-HMAC-SHA256"),
        "s3:signatureage" => Value((now - request.Signed.SignedAt)?.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture)),
        "s3:x-amz-content-sha256" => Value(request.Signed.ContentSha256),
        "s3:tlsversion" => Value(FindTlsVersion()),
        "s3:prefix" or "s3:delimiter" or "s3:max-keys" => Value(request.Key.Length > 0 ? null : request.Signed.Target.Query.Find(key["s3:".Length..])),
        "s3:versionid" => Value(request.NamedVersion),
        "s3:locationconstraint" => Value(Location),
        "s3:objectcreationoperation" => Value(FindObjectCreation()),
        RequestTagKeys => KeysOf(RequestTags),
        "aws:tagkeys" when BucketTags is not null => KeysOf(BucketTags),
        _ when key.StartsWith(ExistingTag, StringComparison.Ordinal) => ValuesOf(ExistingTags, key[ExistingTag.Length..]),
        _ when key.StartsWith(RequestTag, StringComparison.Ordinal) => ValuesOf(RequestTags, key[RequestTag.Length..]),
        _ when key.StartsWith(BucketTag, StringComparison.Ordinal) => ValuesOf(BucketTags, key[BucketTag.Length..]),
        "s3:resourceaccount" => others.Find("aws:resourceaccount"),
        _ => Headers.TryGetValue(key, out var header) ? Value(request.Header(header)) : others.Find(key),
    };

    /// <summary>The tags that the request gives an object: those of its header, in which a document's are written, or those that its upload was begun with.</summary>
    private SortedDictionary<string, string>? RequestTags => operation switch
    {
        _ when Continues(operation) => Upload?.Object.Description.Tags,
        S3Operation.CopyObject => CopyMetadata.TakesTagsOfRequest(request.Headers) ? TaggingHeader.TryRead(request.Headers) : null,
        S3Operation.PutObject or S3Operation.PostObject or S3Operation.CreateMultipartUpload or S3Operation.PutObjectTagging => TaggingHeader.TryRead(request.Headers),
        _ => null,
    };

    /// <summary>A condition key does not tell upper case from lower (reference_policies_condition.html): of tags that differ in nothing else, each has its value.</summary>
    private static StringValues? ValuesOf(IReadOnlyDictionary<string, string>? tags, string key) =>
        tags?.Where(tag => tag.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Select(tag => tag.Value).ToArray() is { Length: > 0 } values ? new StringValues(values) : default(StringValues?);

    private static StringValues? KeysOf(IReadOnlyDictionary<string, string>? tags) => tags is { Count: > 0 } ? new StringValues([.. tags.Keys]) : default(StringValues?);

    /// <summary>No value is no key: a null string would otherwise become a key without values.</summary>
    private static StringValues? Value(string? value) => value is null ? default(StringValues?) : new(value);

    /// <summary>Whether a write makes an object appear, so that it may be conditional (userguide/conditional-writes-enforce.html); no key of other operations.</summary>
    private string? FindObjectCreation() => operation switch
    {
        S3Operation.PutObject or S3Operation.PostObject or S3Operation.CopyObject or S3Operation.CompleteMultipartUpload => "true",
        S3Operation.CreateMultipartUpload or S3Operation.UploadPart => "false",
        _ => null,
    };

    private string? FindEffectiveEncryption() => Upload is not null ? EffectiveEncryption.PolicyNameOf(Upload.Object.Description.Mode) : bucket is not null && Encrypts(operation)
        ? EffectiveEncryption.TryOf(request.Headers, request.Caller.IsSecureTransport, bucket.DefaultEncryption)?.PolicyName : null;

    /// <summary>Known where the client's connection ends here.</summary>
    private string? FindTlsVersion() => request.Http.Features.Get<ITlsHandshakeFeature>()?.Protocol switch
    {
        SslProtocols.Tls12 => "1.2",
        SslProtocols.Tls13 => "1.3",
        _ => null,
    };
}
