using Serverless.Access;
using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Sse;

/// <summary>
/// What binds a wrapped data key to its object: the object's ARN in the encryption context of its wrap
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context); with a bucket key the bucket's, the object's being in the inner wrap.
/// </summary>
internal static class KeyBinding
{
    /// <summary>The context's pair that S3 adds.</summary>
    public const string ArnPair = "aws:s3:arn";

    /// <summary>What the wraps under a customer's key and under a bucket key name as their key: neither has an id of its own.</summary>
    public const string CustomerKeyId = "customer";
    public const string BucketKeyId = "bucket";

    public static EncryptionContext ContextOf(string arn) => EncryptionContext.Empty.With(ArnPair, arn);

    /// <summary>The client's own context and S3's pair. A client may send that pair itself; what it says never counts.</summary>
    public static EncryptionContext ContextOf(EncryptionContext client, string arn) =>
        EncryptionContext.Of([.. client.Pairs.Where(pair => pair.Key != ArnPair), new(ArnPair, arn)]);

    /// <summary>The client's own context, as it is kept with the object.</summary>
    public static EncryptionContext ClientContextOf(ObjectDescription description) =>
        description.EncryptionContext is { } pairs ? EncryptionContext.Of(pairs) : EncryptionContext.Empty;

    public static KeyUse UseFor(Bucket bucket, string objectArn, Caller caller, bool bucketKey) => new(caller, bucket.Region, "s3", objectArn, bucketKey);

    public static byte[] WrapUnder(SecretKey wrappingKey, string keyId, string objectArn, SecretKey data) =>
        KeyWrap.Wrap(wrappingKey.Bytes, keyId, 0, ContextOf(objectArn), data.Bytes);

    public static SecretKey? UnwrapUnder(SecretKey wrappingKey, string objectArn, byte[] wrapped) =>
        KeyWrap.TryUnwrapKey(wrappingKey.Bytes, wrapped, ContextOf(objectArn));
}
