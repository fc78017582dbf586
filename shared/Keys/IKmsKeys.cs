using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>
/// Data keys under KMS keys, for the services that encrypt with them. A key's Region, existence, permission and state are judged on every call,
/// and every use and refusal is on the audit trail before the call returns or throws.
/// A key's state is at most five seconds old; a change made by this instance counts at once.
/// </summary>
public interface IKmsKeys
{
    /// <summary>Makes a data key of 32 bytes and wraps it under the current version of a key.</summary>
    /// <param name="keyId">A key id, key ARN, alias name (<c>alias/x</c>) or alias ARN; null for the managed key <c>alias/aws/s3</c> of the use's Region, which is created on first use.</param>
    /// <param name="context">Bound to the wrapped key: it opens under an equal context only.</param>
    /// <param name="use">Who asks and why.</param>
    /// <param name="cancellationToken">Gives up waiting; nothing is half done.</param>
    /// <exception cref="KmsException">The key does not exist here, is not enabled, or the caller may not use it.</exception>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<WrappedDataKey> GenerateDataKeyAsync(string? keyId, EncryptionContext context, KeyUse use, CancellationToken cancellationToken);

    /// <summary>Wraps a data key that exists already under the current version of a key (audited as <c>Encrypt</c>).</summary>
    /// <param name="keyId">A key id, key ARN, alias name or alias ARN.</param>
    /// <param name="dataKey">Stays the caller's.</param>
    /// <param name="context">As for <see cref="GenerateDataKeyAsync"/>, and so are the others.</param>
    /// <param name="use">Who asks and why.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The key's ARN, and the data key under it.</returns>
    /// <exception cref="KmsException">As above.</exception>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<(string KeyArn, byte[] Wrapped)> EncryptDataKeyAsync(string keyId, SecretKey dataKey, EncryptionContext context, KeyUse use, CancellationToken cancellationToken);

    /// <summary>Opens a data key that <see cref="GenerateDataKeyAsync"/> or <see cref="EncryptDataKeyAsync"/> wrapped, under whichever version of the key wrapped it.</summary>
    /// <exception cref="KmsException">As above; <c>InvalidCiphertextException</c> where the wrapped key is corrupt or the context another.</exception>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<SecretKey> DecryptDataKeyAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, CancellationToken cancellationToken);

    /// <summary>
    /// Wraps an existing data key anew under its key's current version; null when it is already under that one.
    /// It is the service's own doing (audited as <c>ReEncrypt</c>). A key that is not enabled refuses, on the trail each time:
    /// a pass over many objects asks such a key once, not once per object.
    /// </summary>
    /// <exception cref="KmsException">As above.</exception>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, string region, CancellationToken cancellationToken);

    /// <summary>
    /// The ARN of the key that a name stands for, for policies that are judged before the key is used: nothing is created, judged or recorded.
    /// </summary>
    /// <param name="keyId">As for <see cref="GenerateDataKeyAsync"/>.</param>
    /// <param name="region">The Region that the key is of.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Null where there is no such key, as there is no managed key before its first use.</returns>
    ValueTask<string?> ResolveAsync(string? keyId, string region, CancellationToken cancellationToken);
}
