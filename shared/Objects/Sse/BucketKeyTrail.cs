using System.Text.Json.Nodes;
using Serverless.Audit;
using Serverless.Encryption;
using Serverless.Keys;

namespace Serverless.Objects.Sse;

/// <summary>
/// Puts on the audit trail what AWS's leaves out with bucket keys: which object a bucket key was used for, when the KMS key was not, because another request had used it just before.
/// So each use of an object is on the trail, as KMS's own event or as one of these.
/// </summary>
public sealed class BucketKeyTrail(IAuditTrail trail, TimeProvider time)
{
    public const string EventSource = "s3.amazonaws.com";

    /// <summary>A new object's data key was wrapped by a bucket key.</summary>
    public const string Encrypted = "EncryptUnderBucketKey";

    /// <summary>An object's data key was opened with a bucket key.</summary>
    public const string Decrypted = "DecryptUnderBucketKey";

    /// <summary>When this returns, the use is on the trail.</summary>
    /// <param name="eventName"><see cref="Encrypted"/> or <see cref="Decrypted"/>.</param>
    /// <param name="use">Who used the bucket key, and for which object.</param>
    /// <param name="bucketKey">The bucket key.</param>
    /// <param name="context">The bucket key's encryption context.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="AuditUnavailableException">It is not: no audit, no key.</exception>
    public ValueTask RecordAsync(string eventName, KeyUse use, BucketKey bucketKey, EncryptionContext context, CancellationToken cancellationToken) => trail.RecordAsync(new()
    {
        EventTime = time.GetUtcNow(),
        EventSource = EventSource,
        EventName = eventName,
        Region = use.Region,
        Caller = use.Caller,
        ReadOnly = true,
        RequestParameters = new() { ["encryptionContext"] = context.ToJson() },
        AdditionalEventData = KeyWrap.TryReadHeader(bucketKey.Wrapped, out var header)
            ? new JsonObject { ["keyVersion"] = header.KeyVersion, ["bucketKey"] = true }
            : new JsonObject { ["bucketKey"] = true },
        Resources = [new("AWS::KMS::Key", bucketKey.KeyArn), new("AWS::S3::Object", use.ObjectArn!)],
    }, cancellationToken);
}
