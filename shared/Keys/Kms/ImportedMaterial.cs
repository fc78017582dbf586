namespace Serverless.Keys;

/// <summary>Where imported material goes.</summary>
/// <param name="Version">The number of the version that it is or becomes.</param>
/// <param name="Known">That version, if the material was imported before.</param>
/// <param name="Removed">The number of a version that gives way to it: material that expired before it was ever current.</param>
internal readonly record struct ImportPlace(uint Version, KmsKeyVersion? Known, uint? Removed);

/// <summary>
/// What imported material means for its key: pure decisions over the key and all its versions
/// (https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html). The first material is current at once; later new material waits for
/// RotateKeyOnDemand. What is or was current belongs to the key for good: if any of it is missing, the key is pending import.
/// </summary>
internal static class ImportedMaterial
{
    /// <summary>The version that has been imported to follow the current one, while it has not expired; null when there is none.</summary>
    public static KmsKeyVersion? PendingOf(KmsKey key, IEnumerable<KmsKeyVersion> versions, DateTimeOffset now) =>
        versions.FirstOrDefault(version => version.Version > key.CurrentVersion && version.IsThereAt(now));

    /// <summary>Judges an import.</summary>
    /// <param name="key">The key.</param>
    /// <param name="versions">All its versions.</param>
    /// <param name="materialId">The id of the material.</param>
    /// <param name="isNew">Whether the caller says that it is new (true) or known (false); null for the API's default.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="KmsException">It is not what the caller says, or cannot be imported now.</exception>
    public static ImportPlace PlaceOf(KmsKey key, IReadOnlyList<KmsKeyVersion> versions, string materialId, bool? isNew, DateTimeOffset now)
    {
        KmsKeyVersion? abandoned = versions.FirstOrDefault(version => version.Version > key.CurrentVersion && !version.IsThereAt(now));
        KmsKeyVersion? known = versions.FirstOrDefault(version => version != abandoned && version.MaterialId == materialId);
        if (!(isNew ?? key.CurrentVersion == 0))
        {
            return known is null ? throw new KmsException(KmsErrors.IncorrectKeyMaterial) : new(known.Version, known, null);
        }

        // Only symmetric encryption keys are rotated to other material.
        if (known is not null || (key.CurrentVersion > 0 && key.Spec != KeySpec.SymmetricDefault))
        {
            throw new KmsException(KmsErrors.IncorrectKeyMaterial);
        }

        return PendingOf(key, versions, now) is { } pending
            ? throw new KmsException(KmsErrors.AnotherMaterialPending(materialId, key.Arn, pending.MaterialId))
            : new(checked(key.LastImport + 1), null, abandoned?.Version);
    }

    /// <summary>The key with imported material in its place.</summary>
    public static KeyChange Import(KmsKey key, IReadOnlyList<KmsKeyVersion> versions, KmsKeyVersion imported, uint? removed)
    {
        KmsKey changed = key with { LastImport = Math.Max(key.LastImport, imported.Version) };
        if (key.CurrentVersion == 0)
        {
            changed = changed with { CurrentVersion = imported.Version, CurrentMaterialId = imported.MaterialId };
        }

        return ChangeOf(changed, versions, [imported], removed);
    }

    /// <summary>The key without a version's material; null when it is not there, so that nothing changes.</summary>
    public static KeyChange? Delete(KmsKey key, IReadOnlyList<KmsKeyVersion> versions, KmsKeyVersion version) =>
        !version.HasMaterial ? null
        : version.Version > key.CurrentVersion ? ChangeOf(key, versions, [], version.Version)
        : ChangeOf(key, versions, [Empty(version)], removed: null);

    /// <summary>The versions whose material has expired and is still there.</summary>
    public static IReadOnlyList<KmsKeyVersion> ExpiredOf(IEnumerable<KmsKeyVersion> versions, DateTimeOffset now) =>
        [.. versions.Where(version => version.HasMaterial && !version.IsThereAt(now))];

    /// <summary>The key without the material that has expired.</summary>
    public static KeyChange Expire(KmsKey key, IReadOnlyList<KmsKeyVersion> versions, DateTimeOffset now)
    {
        IReadOnlyList<KmsKeyVersion> expired = ExpiredOf(versions, now);
        return ChangeOf(
            key,
            versions,
            [.. expired.Where(version => version.Version <= key.CurrentVersion).Select(Empty)],
            expired.FirstOrDefault(version => version.Version > key.CurrentVersion)?.Version);
    }

    private static KmsKeyVersion Empty(KmsKeyVersion version) => version with { Wrapped = [], ValidTo = null };

    private static KeyChange ChangeOf(KmsKey key, IReadOnlyList<KmsKeyVersion> versions, IReadOnlyList<KmsKeyVersion> written, uint? removed)
    {
        KmsKeyVersion[] after = [.. written.UnionBy(versions, version => version.Version).Where(version => version.Version != removed)];
        ILookup<bool, KmsKeyVersion> isForGood = after.ToLookup(version => version.Version <= key.CurrentVersion);
        bool isIncomplete = key.CurrentVersion == 0 || isForGood[true].Any(version => !version.HasMaterial);
        KmsKey changed = key with
        {
            IsIncomplete = isIncomplete,
            ValidTo = KmsKey.Earliest(isForGood[true].Select(version => version.ValidTo)),
            PendingValidTo = KmsKey.Earliest(isForGood[false].Select(version => version.ValidTo)),
            State = key.State switch
            {
                KeyState.PendingDeletion => KeyState.PendingDeletion,
                _ when isIncomplete => KeyState.PendingImport,
                KeyState.PendingImport => KeyState.Enabled,
                _ => key.State,
            },
        };
        return new(changed, new(written, removed));
    }
}
