using Serverless.Keys;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Rotation;

/// <summary>
/// Which versions of which keys an object needs, as its wraps' headers say: <see cref="KeyVersionName"/>s in their order, with a space between, each once. A key that its owner has, and the bucket key,
/// which is itself wrapped, do not count.
/// </summary>
public static class ObjectReferences
{
    public const string None = "";

    /// <summary>Stands for wraps that do not say it: they may need anything.</summary>
    public const string Unreadable = "?";

    private const char Space = ' ';

    /// <summary>What an object needs; null for what does not describe one.</summary>
    public static string Of(StoredObject? stored) =>
        stored is null ? Unreadable : string.Join(Space, WrapsOf(stored).Select(wrap => NameOf(wrap.Wrapped)).Distinct().Order(StringComparer.Ordinal));

    /// <summary>The wraps that name a key of the service, each with what is in it.</summary>
    public static IEnumerable<(WrappedKeyKind Kind, byte[] Wrapped)> WrapsOf(StoredObject stored)
    {
        var keys = stored.Keys;
        var isBucketKeyUsed = stored.Description.Mode is EncryptionMode.Kms && keys.BucketKey is not null;
        if (stored.Description.Mode is not EncryptionMode.Customer && !isBucketKeyUsed) yield return (WrappedKeyKind.DataKey, keys.DataKey);
        if (keys.BucketKey is { } bucketKey) yield return (WrappedKeyKind.BucketKey, bucketKey);
        if (keys.OuterKey is { } outerKey) yield return (WrappedKeyKind.OuterKey, outerKey);
        if (keys.ManifestKey is { } manifestKey) yield return (WrappedKeyKind.ManifestKey, manifestKey);
    }

    /// <summary>Whether they may need anything.</summary>
    public static bool AreUnreadable(string references) => references.Contains(Unreadable, StringComparison.Ordinal);

    /// <summary>The names that are readable.</summary>
    public static IEnumerable<string> Split(string references) => references.Split(Space, StringSplitOptions.RemoveEmptyEntries).Where(name => name != Unreadable);

    private static string NameOf(byte[] wrapped) => KeyVersionName.TryRead(wrapped, out var name) ? name.ToString() : Unreadable;
}

/// <summary>What of an object is wrapped.</summary>
public enum WrappedKeyKind { DataKey, BucketKey, OuterKey, ManifestKey }
