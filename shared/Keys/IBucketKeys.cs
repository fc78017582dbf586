using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>
/// Bucket keys: data keys between a KMS key and the data keys of a bucket's objects, which the requests of one principal share for a short while, so that the KMS key is used once
/// instead of once an object (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html). The bucket's ARN is in their encryption context, not the object's.
/// </summary>
/// <remarks>
/// The key's existence and state and the caller's permission are judged for every request, as if it used the KMS key: disabling a key or taking a permission away works here
/// when it works everywhere, not when a bucket key's time is over. Only the use of the KMS key, which is what the audit trail records, is shared.
/// </remarks>
public interface IBucketKeys
{
    /// <summary>A bucket key under the current version of a KMS key, made by this request or by one of the same principal just before.</summary>
    /// <param name="keyId">As for <see cref="IKmsKeys.GenerateDataKeyAsync"/>.</param>
    /// <param name="context">Bound to the bucket key; requests share it under equal contexts only.</param>
    /// <param name="use">Who asks and why.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="KmsException">The key does not exist here, is not enabled, or the caller may not use it.</exception>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<BucketKey> CreateAsync(string? keyId, EncryptionContext context, KeyUse use, CancellationToken cancellationToken);

    /// <summary>The bucket key that <paramref name="wrapped"/> is, opened by this request or by one of the same principal just before.</summary>
    /// <exception cref="KmsException">As above; <c>InvalidCiphertextException</c> where the wrapped key is corrupt or the context another.</exception>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<BucketKey> OpenAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, CancellationToken cancellationToken);

    /// <summary>
    /// Wraps a bucket key anew under its KMS key's current version, the same way for all objects that it is stored with; null when it is already under that one.
    /// It is the service's own doing.
    /// </summary>
    /// <exception cref="KmsException">As above.</exception>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, string region, CancellationToken cancellationToken);
}

/// <summary>One request's part in a bucket key, which ends when it is disposed.</summary>
/// <param name="KeyArn">The ARN of the KMS key that wraps it.</param>
/// <param name="Plaintext">The key; not this request's to dispose.</param>
/// <param name="Wrapped">The key under the KMS key, to be stored with each object.</param>
/// <param name="IsRecorded">Whether this request itself used the KMS key, so that the audit trail names its object; false where an earlier one had.</param>
/// <param name="Part">What is disposed.</param>
public sealed record BucketKey(string KeyArn, SecretKey Plaintext, byte[] Wrapped, bool IsRecorded, IDisposable Part) : IDisposable
{
    public void Dispose() => Part.Dispose();
}
