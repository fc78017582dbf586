using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>The key of audit digests, under the root key: whoever has all of the store, but not the root key, cannot sign a digest.</summary>
internal sealed class RootDigestKeys(IDigestKeyStore store, IRootKey root) : IDigestKeys
{
    public static EncryptionContext Context { get; } = EncryptionContext.Empty.With("purpose", "audit-digest-key");

    /// <inheritdoc/>
    public async ValueTask<SecretKey?> ReadAsync(CancellationToken cancellationToken) =>
        await store.ReadAsync(cancellationToken).ConfigureAwait(false) is { } wrapped ? await root.UnwrapAsync(wrapped, Context, cancellationToken).ConfigureAwait(false) : null;

    /// <inheritdoc/>
    public async ValueTask<SecretKey> ReadOrCreateAsync(CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(cancellationToken).ConfigureAwait(false) is null)
        {
            using SecretKey key = SecretKey.Generate();
            // When another instance's key is there first, that is the one.
            await store.TryCreateAsync(await root.WrapAsync(key, Context, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        return await ReadAsync(cancellationToken).ConfigureAwait(false) ?? throw new InvalidOperationException("The key of audit digests does not open under the root key.");
    }
}
