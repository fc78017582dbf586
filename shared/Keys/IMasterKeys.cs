using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>
/// Data keys under the service's own master key: SSE-S3, and the second layer of <c>aws:kms:dsse</c>.
/// With audit scope <c>All</c> every use is on the audit trail before the call returns.
/// </summary>
public interface IMasterKeys
{
    /// <summary>Wraps a data key under the current version, which is made on first use.</summary>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<byte[]> WrapAsync(SecretKey dataKey, EncryptionContext context, KeyUse use, CancellationToken cancellationToken);

    /// <summary>Opens a wrapped data key under whichever version wrapped it.</summary>
    /// <exception cref="DataKeyException">It does not open; the reason is never told.</exception>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<SecretKey> UnwrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, CancellationToken cancellationToken);

    /// <summary>Wraps an existing data key anew under the current version; null when it is already under that one.</summary>
    /// <exception cref="DataKeyException">It does not open; the reason is never told.</exception>
    /// <exception cref="AuditUnavailableException">No audit, no key.</exception>
    ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken);
}
