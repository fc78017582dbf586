using Microsoft.Extensions.Logging;

namespace Serverless.Keys;

/// <summary>
/// Does to KMS keys what is due by itself: deletes those whose waiting period is over, rotates those that have a schedule, deletes imported material that has expired.
/// Any number of instances may do so at once, and each may be cut short: every change is conditional on the key that was judged, and what is not done is found again.
/// </summary>
public sealed class KmsKeySchedule
{
    // What is held in memory at a time.
    private const int PageSize = 100;

    // A period that is counted from further in the future than clocks differ was begun while the clock was wrong. It is counted anew from when that is seen: else its end
    // would not come until the clock has caught up.
    private static readonly TimeSpan MaxSkew = TimeSpan.FromHours(1);

    private readonly IKmsKeyStore _store;
    private readonly IGrantStore _grants;
    private readonly KmsSuccession _succession;
    private readonly KmsKeyring _keyring;
    private readonly KmsBackingKeys _backing;
    private readonly KmsServiceEvents _events;
    private readonly KeyDeletionGuard _guard;
    private readonly TimeProvider _time;
    private readonly ILogger<KmsKeySchedule> _logger;

    internal KmsKeySchedule(
        IKmsKeyStore store, IGrantStore grants, KmsSuccession succession, KmsKeyring keyring, KmsBackingKeys backing, KmsServiceEvents events, KeyDeletionGuard guard,
        TimeProvider time, ILogger<KmsKeySchedule> logger)
    {
        _store = store;
        _grants = grants;
        _succession = succession;
        _keyring = keyring;
        _backing = backing;
        _events = events;
        _guard = guard;
        _time = time;
        _logger = logger;
    }

    /// <summary>Does all that is due now, in every Region. What fails for one key is logged, and tried again at the next run.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        string? region = null;
        IReadOnlyList<string> regions;
        do
        {
            regions = await _store.ListRegionsAsync(region, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (string next in regions)
            {
                await RunAsync(region = next, now, cancellationToken).ConfigureAwait(false);
            }
        }
        while (regions.Count == PageSize);
    }

    private async Task RunAsync(string region, DateTimeOffset now, CancellationToken cancellationToken)
    {
        KmsDueKey? last = null;
        IReadOnlyList<KmsDueKey> page;
        do
        {
            page = await _store.ListDueAsync(region, now, last, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (KmsDueKey due in page)
            {
                last = due;
                await TryAsync(due, () => RunAsync(due, now, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
        }
        while (page.Count == PageSize);

        // What is left of them is found by the next run.
        foreach (KmsDueKey ahead in await _store.ListCountedFromAsync(region, now + MaxSkew, PageSize, cancellationToken).ConfigureAwait(false))
        {
            await TryAsync(ahead, () => RecountAsync(ahead, now, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TryAsync(KmsDueKey due, Func<Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.LogError(failure, "What is due for the KMS key {Region}/{KeyId} could not be done.", due.Region, due.KeyId);
        }
    }

    private async Task RunAsync(KmsDueKey due, DateTimeOffset now, CancellationToken cancellationToken)
    {
        KmsKey? key = await _store.ReadKeyAsync(due.Region, due.KeyId, cancellationToken).ConfigureAwait(false);
        if (key is null || (IsDeletionDue(key, now) && await _guard.AllowsAsync(key, now, cancellationToken).ConfigureAwait(false)))
        {
            await DeleteAsync(due, key, now, cancellationToken).ConfigureAwait(false);
        }
        else if (KmsKey.Earliest(key.ValidTo, key.PendingValidTo) <= now)
        {
            await ExpireAsync(key, now, cancellationToken).ConfigureAwait(false);
        }
        else if (key.State == KeyState.Enabled && key.NextRotation <= now)
        {
            await RotateAsync(key, now, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsDeletionDue(KmsKey key, DateTimeOffset now) => key.State == KeyState.PendingDeletion && key.DeletionDate <= now;

    // First the key, if it still is what was judged: that is the deletion. Then what it leaves, which no use can reach any more; cut short, the next run finds it
    // by the place in the schedule, which goes last.
    private async Task DeleteAsync(KmsDueKey due, KmsKey? key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        KmsKey? recorded = null;
        while (key is not null)
        {
            if (!IsDeletionDue(key, now))
            {
                await _events.RecordRescueAsync(recorded!, cancellationToken).ConfigureAwait(false);
                return;
            }

            if (recorded?.DeletionDate != key.DeletionDate)
            {
                await _events.RecordDeletionAsync(recorded = key, cancellationToken).ConfigureAwait(false);
            }

            bool deleted = await _store.TryDeleteKeyAsync(key, cancellationToken).ConfigureAwait(false);
            _keyring.Forget(key);
            key = deleted ? null : await _store.ReadKeyAsync(due.Region, due.KeyId, cancellationToken).ConfigureAwait(false);
        }

        await _grants.DeleteGrantsAsync(due.Region, due.KeyId, cancellationToken).ConfigureAwait(false);
        await _store.RemoveRemainsAsync(due, cancellationToken).ConfigureAwait(false);
    }

    private async Task RotateAsync(KmsKey key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        KmsKeyVersion next = await _succession.NextAsync(key, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"The key {key.Arn} has a rotation schedule and no material to rotate to.");
        await _events.RecordRotationAsync(key, next, KeyRotationType.Automatic, next.CreatedAt, cancellationToken).ConfigureAwait(false);
        // From now, not from the date that was missed: a key that could not be rotated in time is not rotated twice in a row.
        KeyChange rotated = KmsSuccession.Rotate(
            key with { NextRotation = now.AddDays(key.RotationPeriodInDays!.Value) }, next, KeyRotationType.Automatic, now);
        await ReplaceAsync(rotated, cancellationToken).ConfigureAwait(false);
    }

    private async Task RecountAsync(KmsDueKey ahead, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await _store.ReadKeyAsync(ahead.Region, ahead.KeyId, cancellationToken).ConfigureAwait(false) is { } key && key.RotationCountedFrom - now > MaxSkew)
        {
            await ReplaceAsync(new(key with { NextRotation = now.AddDays(key.RotationPeriodInDays!.Value) }), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ExpireAsync(KmsKey key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        IReadOnlyList<KmsKeyVersion> versions = await _store.ListVersionsAsync(key.Region, key.Id, cancellationToken).ConfigureAwait(false);
        foreach (KmsKeyVersion expired in ImportedMaterial.ExpiredOf(versions, now))
        {
            await _events.RecordExpiryAsync(key, expired, cancellationToken).ConfigureAwait(false);
        }

        await ReplaceAsync(ImportedMaterial.Expire(key, versions, now), cancellationToken).ConfigureAwait(false);
        _backing.ForgetImported(key);
    }

    // Where another change has won, the key is judged again at the next run, if it still is due.
    private async Task ReplaceAsync(KeyChange change, CancellationToken cancellationToken)
    {
        await _store.TryReplaceKeyAsync(change.Key, change.Versions, cancellationToken).ConfigureAwait(false);
        _keyring.Forget(change.Key);
    }
}
