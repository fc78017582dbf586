using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Serverless.Keys;

/// <summary>
/// Proves of master key versions that nothing needs them any more, and destroys them when the policy says so. Their rows stay, so that no number comes again. Any number of instances may do so at once,
/// and each may be cut short: every step is conditional on the version that it was decided on, and decided anew.
/// </summary>
public sealed class MasterKeyRetirement
{
    private readonly IMasterKeyStore _store;
    private readonly IKeyReferences _references;
    private readonly MasterKeyring _keyring;
    private readonly RetirementEvents _events;
    private readonly IOptions<RotationOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger<MasterKeyRetirement> _logger;

    internal MasterKeyRetirement(
        IMasterKeyStore store, IKeyReferences references, MasterKeyring keyring, RetirementEvents events, IOptions<RotationOptions> options, TimeProvider time,
        ILogger<MasterKeyRetirement> logger)
    {
        _store = store;
        _references = references;
        _keyring = keyring;
        _events = events;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Does for each version what is to be done now.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (MasterKeyVersion listed in await _store.ListVersionsAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await StepAsync(listed.Version, cancellationToken).ConfigureAwait(false))
            {
            }
        }
    }

    /// <summary>One step of a version's, from what is known when it is made. False when there is none, or somebody else has made one.</summary>
    private async ValueTask<bool> StepAsync(uint number, CancellationToken cancellationToken)
    {
        // The pointer last: a version before the one that it names then has been replaced for good.
        MasterKeyVersion? version = await _store.ReadVersionAsync(number, cancellationToken).ConfigureAwait(false);
        MasterKeyVersion? successor = await _store.ReadVersionAsync(number + 1, cancellationToken).ConfigureAwait(false);
        KeyReferences? references = await _references.FindAsync(KeyVersionName.Master, cancellationToken).ConfigureAwait(false);
        MasterKeyPointer? current = await _store.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
        if (version is null || successor is null || current is null || number >= current.Version)
        {
            return false;
        }

        WarnOfLost(version, references);
        MasterKeyVersion next = RetirementRules.Next(version, successor, references, _options.Value.RetireAfterDays, _time.GetUtcNow());
        if (ReferenceEquals(next, version))
        {
            return false;
        }

        await _events.RecordAsync(version, next, references?.Pass, cancellationToken).ConfigureAwait(false);
        if (!await _store.TryChangeVersionAsync(next, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (next.IsRetired)
        {
            _keyring.Forget(number);
            _logger.LogInformation("Version {Version} of the master key is retired: its material is destroyed.", number);
        }

        return true;
    }

    private void WarnOfLost(MasterKeyVersion version, KeyReferences? references)
    {
        if (version.IsRetired && references?.FoundOf(version.Version) is > 0 and var lost)
        {
            _logger.LogError("{Count} objects are under version {Version} of the master key, which is retired: they cannot be read.", lost, version.Version);
            KeyMetrics.ReportLost(version.Version, lost);
        }
    }
}
