using Microsoft.Extensions.Options;

namespace Serverless.Keys;

/// <summary>Says whether a KMS key whose waiting period is over may be destroyed. What keeps it is on the audit trail, once a day.</summary>
internal sealed class KeyDeletionGuard(IKeyReferences references, KmsServiceEvents events, IOptions<KeyDeletionOptions> options)
{
    // A key is scheduled for deletion at least so long before it is due, and from then on not used any more.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromDays(KeyStateOperations.MinDeletionDays);

    /// <summary>Whether it may; if not, that is recorded when this returns.</summary>
    public async ValueTask<bool> AllowsAsync(KmsKey key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!options.Value.KeepKeysInUse)
        {
            return true;
        }

        KeyReferences? found = await references.FindAsync(KeyVersionName.OfKms(key.Region, key.Id), cancellationToken).ConfigureAwait(false);
        long needed = found?.Buckets.Sum(bucket => bucket.Found) ?? 0;
        if (found?.Proves(needed, key.DeletionDate!.Value - ShortestWait, now) is true)
        {
            return true;
        }

        KeyMetrics.CountKept();
        await events.RecordKeptAsync(key, KmsErrors.StillNeeded(key.Arn, needed), found?.Pass, now, cancellationToken).ConfigureAwait(false);
        return false;
    }
}
