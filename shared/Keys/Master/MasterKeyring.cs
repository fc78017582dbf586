using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>The master key's versions in memory, and which of them is current.</summary>
internal sealed class MasterKeyring
{
    /// <summary>The key id in every wrap under the master key.</summary>
    public const string WrapKeyId = "master";

    // An instance may go on wrapping under the version before for this long after another has rotated, which harms nothing: versions stay readable.
    private static readonly TimeSpan CurrentLifetime = TimeSpan.FromSeconds(5);
    private const int Capacity = 64;
    private const string CurrentEntry = "current";

    private readonly IMasterKeyStore _store;
    private readonly BackingKeys _versions;
    private readonly RecentCache<string, MasterKeyPointer> _current;

    public MasterKeyring(IMasterKeyStore store, MasterKeySuccession succession, IRootKey root, TimeProvider time)
    {
        _store = store;
        _versions = new BackingKeys("master_keys", ReadVersionAsync, root, time, Capacity);
        _current = new(
            "master_key_current",
            async _ => await store.ReadCurrentAsync(CancellationToken.None).ConfigureAwait(false)
                ?? await succession.AdvanceAsync(null, CancellationToken.None).ConfigureAwait(false),
            time, CurrentLifetime, capacity: 1);
    }

    /// <summary>The version that wraps new data keys; the first is made on first use.</summary>
    public async ValueTask<uint> CurrentAsync(CancellationToken cancellationToken) =>
        (await _current.GetAsync(CurrentEntry, cancellationToken).ConfigureAwait(false))!.Version;

    /// <summary>Holds the version that wraps new data keys until it is disposed.</summary>
    public async ValueTask<BackingKey> HoldCurrentAsync(CancellationToken cancellationToken)
    {
        uint current = await CurrentAsync(cancellationToken).ConfigureAwait(false);
        return await HoldAsync(current, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Version {current} of the master key has been deleted from storage.");
    }

    /// <summary>Holds a version until it is disposed; null where there is none.</summary>
    /// <exception cref="RetiredVersionException">Its material is destroyed.</exception>
    public ValueTask<BackingKey?> HoldAsync(uint version, CancellationToken cancellationToken) => _versions.HoldAsync(WrapKeyId, version, cancellationToken);

    /// <summary>A version's material is destroyed.</summary>
    public void Forget(uint version) => _versions.Forget(WrapKeyId, version);

    /// <summary>The pointer has moved: the next use reads it.</summary>
    public void ForgetCurrent() => _current.Forget(CurrentEntry);

    private async Task<StoredBackingKey?> ReadVersionAsync(string keyId, uint number) =>
        await _store.ReadVersionAsync(number, CancellationToken.None).ConfigureAwait(false) is not { } version ? null
            : version.IsRetired ? throw new RetiredVersionException(number)
            : new(version.Id.ToString(), version.Wrapped, MasterKeySuccession.ContextOf(number));
}
