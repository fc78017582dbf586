using Microsoft.Extensions.Options;

namespace Serverless.Keys;

/// <summary>What a rotation came to.</summary>
/// <param name="CurrentVersion">The version that wraps new data keys now.</param>
/// <param name="Rotated">Whether it has come into use during this call, by this instance or by another.</param>
public sealed record MasterKeyRotationResult(uint CurrentVersion, bool Rotated);

/// <summary>
/// Rotates the master key. Any number of instances may do so at once: they make one new version between them.
/// A rotation that crashed half-way is finished by the next call, whatever the clock says then. Old versions stay readable.
/// </summary>
public sealed class MasterKeyRotation
{
    // A version that came into use further in the future than clocks differ did so while the clock was wrong. From when that is seen, its age is counted anew: neither is it due
    // for having been young on two clocks, nor does its rotation wait until the clock has caught up.
    private static readonly TimeSpan MaxSkew = TimeSpan.FromHours(1);

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
        return current is null || await IsDueAsync(current, cancellationToken).ConfigureAwait(false)
            ? await AdvanceAsync(current, cancellationToken).ConfigureAwait(false)
            : new(current.Version, Rotated: false);
    }

    /// <summary>
    /// Rotates now, due or not. A call is served by a version that comes into use while it is under way, whoever makes it: calls at the same moment, and the timer's, may share one.
    /// </summary>
    public async Task<MasterKeyRotationResult> RotateAsync(CancellationToken cancellationToken) =>
        await AdvanceAsync(await _store.ReadCurrentAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private async Task<bool> IsDueAsync(MasterKeyPointer current, CancellationToken cancellationToken)
    {
        if (await _store.ReadVersionAsync(current.Version + 1, cancellationToken).ConfigureAwait(false) is not null)
        {
            return true;
        }

        MasterKeyVersion version = await _store.ReadVersionAsync(current.Version, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Version {current.Version} of the master key has been deleted from storage.");
        DateTimeOffset since = current.Since ?? version.CreatedAt;
        DateTimeOffset now = _time.GetUtcNow();
        if (since - now > MaxSkew)
        {
            await _store.TryMoveCurrentAsync(current, current.Version, now, cancellationToken).ConfigureAwait(false);
        }

        long wraps = await _store.ReadWrapsAsync(current.Version, cancellationToken).ConfigureAwait(false);
        return _options.Value.IsDue(now, since, wraps);
    }

    private async Task<MasterKeyRotationResult> AdvanceAsync(MasterKeyPointer? from, CancellationToken cancellationToken)
    {
        MasterKeyPointer to = await _succession.AdvanceAsync(from, cancellationToken).ConfigureAwait(false);
        _keyring.ForgetCurrent();
        return new(to.Version, Rotated: to.Version != from?.Version);
    }
}
