using System.Globalization;
using System.Security.Cryptography;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>The versions of KMS keys: made, kept under the root key, and unwrapped in memory while they are in use.</summary>
internal sealed class KmsBackingKeys
{
    // A backing key is 28 to 64 bytes and some bookkeeping: this is a few hundred kilobytes.
    private const int Capacity = 1024;
    private const int MaterialIdSize = 32;

    private readonly IKmsKeyStore _store;
    private readonly IRootKey _root;
    private readonly TimeProvider _time;
    private readonly BackingKeys _keys;

    public KmsBackingKeys(IKmsKeyStore store, IRootKey root, TimeProvider time)
    {
        _store = store;
        _root = root;
        _time = time;
        _keys = new BackingKeys("kms_backing_keys", ReadAsync, root, time, Capacity);
    }

    /// <summary>A new material id, as KMS makes them.</summary>
    public static string NewMaterialId() => RandomNumberGenerator.GetHexString(2 * MaterialIdSize, lowercase: true);

    /// <summary>The key id in every wrap under a KMS key, <c>REGION/ID</c>: a wrap names its key fully, so that opening never guesses.</summary>
    public static string WrapKeyId(string region, string id) => $"{region}/{id}";

    /// <summary>Takes a wrap's key id apart, which anybody may have written; false for what cannot be a KMS key's.</summary>
    public static bool TryParseWrapKeyId(string wrapKeyId, out string region, out string id)
    {
        int slash = wrapKeyId.IndexOf('/', StringComparison.Ordinal);
        (region, id) = slash > 0 ? (wrapKeyId[..slash], wrapKeyId[(slash + 1)..]) : ("", "");
        return KeyReference.IsKeyId(id);
    }

    /// <summary>What a wrap says of itself.</summary>
    /// <exception cref="KmsException">It is none.</exception>
    public static WrapHeader HeaderOf(ReadOnlySpan<byte> wrapped) =>
        KeyWrap.TryReadHeader(wrapped, out WrapHeader header) ? header : throw new KmsException(KmsErrors.InvalidCiphertext);

    /// <summary>Makes a version of a key, under the root key; it is not kept anywhere yet.</summary>
    public async Task<KmsKeyVersion> CreateAsync(KmsKey key, uint version, string materialId, CancellationToken cancellationToken)
    {
        using SecretKey material = SecretKey.Generate(key.Spec.MaterialSize());
        byte[] wrapped = await WrapAsync(key, version, material, cancellationToken).ConfigureAwait(false);
        return new KmsKeyVersion(key.Region, key.Id, version, materialId, wrapped, _time.GetUtcNow());
    }

    /// <summary>Wraps a version's material under the root key.</summary>
    public ValueTask<byte[]> WrapAsync(KmsKey key, uint version, SecretKey material, CancellationToken cancellationToken) =>
        _root.WrapAsync(material, ContextOf(key.Region, key.Id, version), cancellationToken);

    /// <summary>Drops a key's imported versions from memory; those in use are zeroed when their use ends.</summary>
    public void ForgetImported(KmsKey key)
    {
        for (uint version = 1; version <= key.LastImport; version++)
        {
            _keys.Forget(WrapKeyId(key.Region, key.Id), version);
        }
    }

    /// <summary>Holds a version until it is disposed; null where there is none, or its imported material is not there.</summary>
    public ValueTask<BackingKey?> HoldAsync(KmsKey key, uint version, CancellationToken cancellationToken) =>
        _keys.HoldAsync(WrapKeyId(key.Region, key.Id), version, cancellationToken);

    private async Task<StoredBackingKey?> ReadAsync(string wrapKeyId, uint number)
    {
        _ = TryParseWrapKeyId(wrapKeyId, out string region, out string id);
        return await _store.ReadVersionAsync(region, id, number, CancellationToken.None).ConfigureAwait(false) is { HasMaterial: true } version
            ? new(version.MaterialId, version.Wrapped, ContextOf(region, id, number))
            : null;
    }

    /// <summary>What a version's material is wrapped with under the root key: a row put in another key's or version's place does not open.</summary>
    public static EncryptionContext ContextOf(string region, string id, uint version) => EncryptionContext.Of(
    [
        new("purpose", "kms-key"),
        new("region", region),
        new("key", id),
        new("version", version.ToString(CultureInfo.InvariantCulture)),
    ]);
}
