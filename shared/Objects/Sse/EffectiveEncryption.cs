using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Encryption;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;

namespace Serverless.Objects.Sse;

/// <summary>
/// How a new object is encrypted: as the request says, and for the rest as the bucket's default does
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html, and for bucket keys …/configuring-bucket-key-object.html).
/// </summary>
/// <param name="KmsKeyId">The KMS key as the client or the bucket's configuration names it; null for the managed key, and in the other modes.</param>
/// <param name="Context">The client's own encryption context; empty when there is none.</param>
/// <param name="BucketKey">Whether a bucket key stands between the KMS key and the data key; with <see cref="EncryptionMode.Kms"/> only.</param>
/// <param name="CustomerKey">The client's key, with <see cref="EncryptionMode.Customer"/> only; it is the request's to dispose.</param>
public sealed record EffectiveEncryption(EncryptionMode Mode, string? KmsKeyId, EncryptionContext Context, bool BucketKey, CustomerKey? CustomerKey)
{
    public bool UsesKms => Mode is EncryptionMode.Kms or EncryptionMode.DoubleKms;

    /// <summary>What policies call the mode (<c>sse:EffectiveEncryption</c>): the header's value, or <c>SSE-C</c>, which has none.</summary>
    public string PolicyName => PolicyNameOf(Mode);

    public static string PolicyNameOf(EncryptionMode mode) => mode is EncryptionMode.Customer ? "SSE-C" : SseHeaders.NameOf(mode);

    /// <summary>A request that names a mode gets that mode, with the managed key unless it names one; the bucket's key goes with the bucket's mode only.</summary>
    public static EffectiveEncryption Of(RequestedEncryption requested, BucketEncryption bucketDefault)
    {
        var mode = requested.Mode ?? bucketDefault.Mode;
        var bucketKey = mode is EncryptionMode.Kms && (requested.BucketKey ?? bucketDefault.BucketKey);
        return new(mode, requested.Mode is null ? bucketDefault.KmsKeyId : requested.KmsKeyId, requested.Context, bucketKey, requested.CustomerKey);
    }

    /// <summary>The same of a request's headers, without the customer's key; null where they are not well-formed, so that the write will be refused.</summary>
    public static EffectiveEncryption? TryOf(IHeaderDictionary headers, bool secureTransport, BucketEncryption bucketDefault)
    {
        try
        {
            using var requested = RequestedEncryption.Read(headers, secureTransport);
            return Of(requested, bucketDefault) with { CustomerKey = null };
        }
        catch (S3Exception)
        {
            return null;
        }
    }

    /// <summary>Why the bucket does not take an object that is encrypted so; null where it does.</summary>
    public S3Error? JudgeBlock(Bucket bucket, string key, Caller caller) => Mode is EncryptionMode.Customer && bucket.BlocksCustomerKeys
        ? SseErrors.Blocked(caller.Principal, "s3:PutObject", bucket.ObjectArn(key))
        : null;
}
