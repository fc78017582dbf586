namespace Serverless.Keys;

/// <summary>Where the wrapped key of audit digests lives. What a method reports as done is durable when it returns; storage that fails throws.</summary>
public interface IDigestKeyStore
{
    /// <summary>The wrapped key, or null before the first digest.</summary>
    ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Keeps the key; false, and nothing changed, when there is one already.</summary>
    ValueTask<bool> TryCreateAsync(byte[] wrapped, CancellationToken cancellationToken);

    /// <summary>Keeps the key under another wrap. False, and nothing changed, when its wrap is not as it was seen any more.</summary>
    ValueTask<bool> TryRewrapAsync(byte[] seen, byte[] wrapped, CancellationToken cancellationToken);
}
