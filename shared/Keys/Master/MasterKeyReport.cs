using Microsoft.Extensions.Options;

namespace Serverless.Keys;

/// <summary>How the master key stands.</summary>
/// <param name="Current">The version that wraps new data keys.</param>
/// <param name="Age">How long it has served.</param>
/// <param name="Wraps">How many wraps are accounted to it.</param>
/// <param name="MaxWraps">How many of them make it due.</param>
/// <param name="NextRotation">When it is due by age.</param>
/// <param name="IsRotationDue">Whether it is due already, by age or by use.</param>
public sealed record MasterKeyStanding(MasterKeyVersion Current, TimeSpan Age, long Wraps, long MaxWraps, DateTimeOffset NextRotation, bool IsRotationDue);

/// <summary>Reports how old the master key's current version is, and how much it was used.</summary>
public sealed class MasterKeyReport(IMasterKeyStore store, IOptions<RotationOptions> options, TimeProvider time)
{
    /// <summary>Null before the first version.</summary>
    public async Task<MasterKeyStanding?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await store.ReadCurrentAsync(cancellationToken).ConfigureAwait(false) is not { } current
            || await store.ReadVersionAsync(current.Version, cancellationToken).ConfigureAwait(false) is not { } version)
        {
            return null;
        }

        long wraps = await store.ReadWrapsAsync(current.Version, cancellationToken).ConfigureAwait(false);
        RotationOptions rotation = options.Value;
        DateTimeOffset now = time.GetUtcNow();
        // One that came into use on a clock that ran ahead is new.
        DateTimeOffset since = new DateTimeOffset(Math.Min((current.Since ?? version.CreatedAt).UtcTicks, now.UtcTicks), TimeSpan.Zero);
        return new(version, now - since, wraps, rotation.MasterKeyMaxWraps, since.AddDays(rotation.MasterKeyMaxAgeDays), rotation.IsDue(now, since, wraps));
    }

    /// <summary>Measures it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken).ConfigureAwait(false) is { } standing)
        {
            KeyMetrics.ReportMasterKey(standing.Age, TimeSpan.FromDays(options.Value.MasterKeyMaxAgeDays), standing.Wraps);
        }
    }
}
