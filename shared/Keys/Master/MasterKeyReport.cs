using Microsoft.Extensions.Options;

namespace Serverless.Keys;

/// <summary>Reports how old the master key's current version is, and how much it was used.</summary>
public sealed class MasterKeyReport(IMasterKeyStore store, IOptions<RotationOptions> options, TimeProvider time)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await store.ReadCurrentAsync(cancellationToken).ConfigureAwait(false) is not { } current
            || await store.ReadVersionAsync(current.Version, cancellationToken).ConfigureAwait(false) is not { } version)
        {
            return;
        }

        long wraps = await store.ReadWrapsAsync(current.Version, cancellationToken).ConfigureAwait(false);
        KeyMetrics.ReportMasterKey(time.GetUtcNow() - version.CreatedAt, TimeSpan.FromDays(options.Value.MasterKeyMaxAgeDays), wraps);
    }
}
