using System.Globalization;

namespace Serverless.Keys;

/// <summary>
/// How one version of a KMS key follows another: the next version's row is made, which only one of several instances can, or it was imported; then the key is
/// replaced by one whose current version it is. A crash between leaves a row that nothing uses, and the next rotation goes on from there.
/// </summary>
internal sealed class KmsSuccession(IKmsKeyStore store, KmsBackingKeys backing, TimeProvider time)
{
    /// <summary>The version that is to follow the current one: made here, or imported and not expired. Null when none was imported.</summary>
    public async ValueTask<KmsKeyVersion?> NextAsync(KmsKey key, CancellationToken cancellationToken)
    {
        if (key.Origin == KeyOrigin.External)
        {
            IReadOnlyList<KmsKeyVersion> versions = await store.ListVersionsAsync(key.Region, key.Id, cancellationToken).ConfigureAwait(false);
            return ImportedMaterial.PendingOf(key, versions, time.GetUtcNow());
        }

        uint next = checked(key.CurrentVersion + 1);
        while (true)
        {
            if (await store.ReadVersionAsync(key.Region, key.Id, next, cancellationToken).ConfigureAwait(false) is { } known)
            {
                return known;
            }

            KmsKeyVersion made = await backing.CreateAsync(key, next, KmsBackingKeys.NewMaterialId(), cancellationToken).ConfigureAwait(false);
            if (await store.TryCreateVersionAsync(made, cancellationToken).ConfigureAwait(false))
            {
                return made;
            }
        }
    }

    /// <summary>The key with the next version as its current one.</summary>
    public static KeyChange Rotate(KmsKey key, KmsKeyVersion next, KeyRotationType type, DateTimeOffset now)
    {
        KmsKeyVersion current = next with { Rotation = type, RotatedAt = now };
        KmsKey rotated = key with { CurrentVersion = current.Version, CurrentMaterialId = current.MaterialId };
        if (key.Origin == KeyOrigin.External)
        {
            rotated = rotated with { ValidTo = KmsKey.Earliest(key.ValidTo, current.ValidTo), PendingValidTo = null };
        }

        return new(rotated, new([current]));
    }
}
