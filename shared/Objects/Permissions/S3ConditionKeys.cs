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
using Serverless.Objects.Sse;

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

    private const string Encryption = "s3:x-amz-server-side-encryption";
    private const string EffectiveMode = "sse:effectiveencryption";

    /// <summary>The keys that tell how an object is, or will be, encrypted.</summary>
    public static IReadOnlyList<string> OfEncryption { get; } = [Encryption, KmsKeyId, EffectiveMode, EffectiveKeyArn];

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

    /// <summary>The upload that the request goes on with: its encryption headers count, not those of the request, which has none. Null for other requests, or where it is not asked for.</summary>
    public Upload? Upload { get; init; }

    /// <summary>The Region that a bucket is to be created in.</summary>
    public string? Location { get; init; }

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
        "s3:resourceaccount" => others.Find("aws:resourceaccount"),
        _ => Headers.TryGetValue(key, out var header) ? Value(request.Header(header)) : others.Find(key),
    };

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
