using Microsoft.Extensions.Options;

namespace Serverless.Keys;

/// <summary>What a rotation came to.</summary>
/// <param name="CurrentVersion">The version that wraps new data keys now.</param>
/// <param name="Rotated">Whether it has come into use during this call, by this instance or by another.</param>
public sealed record MasterKeyRotationResult(uint CurrentVersion, bool Rotated);

/// <summary>
/// Rotates the master key. Any number of instances may do so at once: they make one new version between them.
/// A rotation that crashed half-way is finished by the next call. Old versions stay readable.
/// </summary>
public sealed class MasterKeyRotation
{
    private readonly IMasterKeyStore _store;
    private readonly MasterKeySuccession _succession;
    private readonly MasterKeyring _keyring;
    private readonly IOptions<RotationOptions> _options;
    private readonly TimeProvider _time;

    internal MasterKeyRotation(IMasterKeyStore store, MasterKeySuccession succession, MasterKeyring keyring, IOptions<RotationOptions> options, TimeProvider time)
    {
        _store = store;
        _succession = succession;
        _keyring = keyring;
        _options = options;
        _time = time;
    }

    /// <summary>Rotates when the current version is due by age or use, or when an earlier rotation has still to be finished.</summary>
    public async Task<MasterKeyRotationResult> RotateIfDueAsync(CancellationToken cancellationToken)
    {
        MasterKeyPointer? current = await _store.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
        return current is null || await IsDueAsync(current.Version, cancellationToken).ConfigureAwait(false)
            ? await AdvanceAsync(current, cancellationToken).ConfigureAwait(false)
            : new(current.Version, Rotated: false);
    }

    /// <summary>Rotates now, due or not.</summary>
    public async Task<MasterKeyRotationResult> RotateAsync(CancellationToken cancellationToken) =>
        await AdvanceAsync(await _store.ReadCurrentAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private async Task<bool> IsDueAsync(uint current, CancellationToken cancellationToken)
    {
        if (await _store.ReadVersionAsync(current + 1, cancellationToken).ConfigureAwait(false) is not null)
        {
            return true;
        }

        MasterKeyVersion version = await _store.ReadVersionAsync(current, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Version {current} of the master key has been deleted from storage.");
        long wraps = await _store.ReadWrapsAsync(current, cancellationToken).ConfigureAwait(false);
        return _options.Value.IsDue(_time.GetUtcNow(), version.CreatedAt, wraps);
    }

    private async Task<MasterKeyRotationResult> AdvanceAsync(MasterKeyPointer? from, CancellationToken cancellationToken)
    {
        MasterKeyPointer to = await _succession.AdvanceAsync(from, cancellationToken).ConfigureAwait(false);
        _keyring.ForgetCurrent();
        return new(to.Version, Rotated: to.Version != from?.Version);
    }
}
