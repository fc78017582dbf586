namespace Serverless.Keys;

/// <summary>What imported material means for its key: pure decisions over the key and its versions.</summary>
internal static class ImportedMaterial
{
    /// <summary>The version that has been imported to follow the current one, while it has not expired; null when there is none.</summary>
    public static KmsKeyVersion? PendingOf(KmsKey key, IEnumerable<KmsKeyVersion> versions, DateTimeOffset now) =>
        versions.FirstOrDefault(version => version.Version > key.CurrentVersion && version.IsThereAt(now));
}
