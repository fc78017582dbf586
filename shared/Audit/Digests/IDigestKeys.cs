using Serverless.Encryption;

namespace Serverless.Audit;

/// <summary>The key that digests are signed with, of 32 bytes, kept under the root key. What is returned is the caller's to dispose.</summary>
public interface IDigestKeys
{
    /// <summary>The key, or null where there is none or it does not open.</summary>
    ValueTask<SecretKey?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The key; made if there is none. Instances that make it at once all get the same.</summary>
    ValueTask<SecretKey> ReadOrCreateAsync(CancellationToken cancellationToken);
}
