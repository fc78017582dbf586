using Serverless.Encryption;

namespace Serverless.Audit;

/// <summary>
/// Verifies the trail: that the chain of digests is whole and genuine; that each hour's journal and log files are as they were sealed; and that what lookups read is what the journals hold, no more and no less.
/// It goes day by day, so that memory holds the hashes of a day's records.
/// </summary>
public sealed class AuditVerifier(IAuditStore store, IDigestStore digests, IDigestKeys keys, IAuditArchive archive, TimeProvider time)
{
    /// <summary>Events before the chain's beginning may come late into it, from so many days before.</summary>
    private const int DaysBeforeChain = 30;

    private const int HoursBefore = 24;

    private readonly HourVerification hours = new(store, archive);

    /// <summary>Verifies the days from <paramref name="start"/> to <paramref name="end"/>, both inclusive, until something is wrong or the time is over; at least one day.</summary>
    /// <param name="start">Null: the chain's beginning.</param>
    /// <param name="end">Null: now.</param>
    /// <param name="budget">How long it may take, about.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<AuditVerification> VerifyAsync(DateOnly? start, DateOnly? end, TimeSpan budget, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var key = await keys.ReadAsync(cancellationToken).ConfigureAwait(false);
        // By a clock that is wrong, an event may be written before it happens: on the day before.
        var chain = await DigestChain.ReadAsync(digests, key, start is { } from ? AuditHour.Of(from) with { Number = AuditHour.Of(from).Number - HoursBefore } : null, cancellationToken).ConfigureAwait(false);
        var result = new AuditVerification(chain.Start, null, null, chain.SealedUntil, chain.RetainedFrom, 0, 0, chain.Finding, null);
        if (chain.Finding is not null || chain.Hours.Count == 0) return result;

        var first = FirstDay(chain);
        if (start > first) first = start.Value;
        var last = Min(end ?? DateOnly.MaxValue, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        result = result with { Start = AuditHour.Of(first).Start };
        for (var day = first; day <= last; day = day.AddDays(1))
        {
            if (day > first && time.GetElapsedTime(began) >= budget) return result with { Next = day };
            var verified = await VerifyDayAsync(day, chain, key!, cancellationToken).ConfigureAwait(false);
            // What is gone may have been removed by the retention meanwhile, which a digest of since then tells.
            if (verified.Finding is not null && await IsPastRetentionAsync(day, key!, cancellationToken).ConfigureAwait(false)) verified = verified with { Finding = null };
            result = result with { Digests = result.Digests + verified.Digests, Records = result.Records + verified.Records, Finding = verified.Finding };
            if (verified.Finding is not null) return result;
            var until = AuditHour.Of(day.AddDays(1)).Start;
            result = result with { VerifiedUntil = until < chain.SealedUntil ? until : chain.SealedUntil };
        }
        return result;
    }

    private async Task<(long Digests, long Records, AuditFinding? Finding)> VerifyDayAsync(DateOnly day, DigestChain chain, SecretKey key, CancellationToken cancellationToken)
    {
        // Journals are kept a day longer than what is looked up, for the same reason.
        if (day < chain.RetainedFrom?.AddDays(-1)) return (chain.Hours.Count(hour => hour.Hour.Day == day), 0, null);
        var (records, verified) = (new DayRecords(), 0L);
        foreach (var chained in chain.Hours)
        {
            var isOwn = chained.Hour.Day == day;
            if (!isOwn && !chained.Concerns(day)) continue;
            if (isOwn) verified++;
            if (await ReadDigestAsync(chained.Hour, key, cancellationToken).ConfigureAwait(false) is not { } digest)
                return (verified, 0, new(AuditFindingKind.DigestForged, chained.Hour.Start, null, $"The digest of {chained.Hour} was changed or removed just now."));
            var finding = await hours.VerifyAsync(chained.Hour, digest, isOwn, record => AddIfOf(day, record, chained.Hour, isSealed: true), cancellationToken).ConfigureAwait(false);
            if (finding is not null) return (verified, 0, finding);
        }
        if (day < chain.RetainedFrom) return (verified, records.SealedCount, null);

        var unsealed = chain.Hours[^1].Hour.Next;
        var now = AuditHour.Of(time.GetUtcNow());
        // Records that wait to be sealed are seldom of days before: those are looked for one by one.
        for (var hour = unsealed; hour <= now && day >= unsealed.Day.AddDays(-1); hour = hour.Next)
        {
            await foreach (var row in store.ReadAsync(hour, cancellationToken).ConfigureAwait(false))
                if (AuditJournal.TryRead(row) is { } record) AddIfOf(day, record, hour, isSealed: false);
        }
        if (records.Conflict is { } conflict)
            return (verified, 0, new(AuditFindingKind.RecordChanged, AuditHour.Of(new DateTimeOffset(conflict.Ticks, TimeSpan.Zero)).Start, conflict.EventId, "Two journals hold the record with different contents."));
        var index = new IndexVerification(store, chain.Hours[0].Hour.Start, unsealed, time);
        return (verified, records.SealedCount, await index.VerifyAsync(day, records, cancellationToken).ConfigureAwait(false));

        void AddIfOf(DateOnly wanted, AuditRecord record, AuditHour hour, bool isSealed)
        {
            if (AuditIndex.Day(record.Ticks) == wanted) records.Add(record, hour, isSealed);
        }
    }

    private async ValueTask<AuditDigest?> ReadDigestAsync(AuditHour hour, SecretKey key, CancellationToken cancellationToken) =>
        await digests.ReadAsync(hour, 1, cancellationToken).ConfigureAwait(false) is [var digest] && digest.Hour == hour ? AuditDigest.Open(digest, key) : null;

    private async ValueTask<bool> IsPastRetentionAsync(DateOnly day, SecretKey key, CancellationToken cancellationToken) =>
        await digests.ReadAsync(null, 1, cancellationToken).ConfigureAwait(false) is [var newest] && day < AuditDigest.Open(newest, key)?.RetainedFrom;

    private static DateOnly FirstDay(DigestChain chain)
    {
        var begin = chain.Hours[0].Hour.Day;
        var oldestEvent = chain.Hours.Min(hour => hour.OldestEvent) ?? begin;
        return oldestEvent >= begin ? begin : oldestEvent > begin.AddDays(-DaysBeforeChain) ? oldestEvent : begin.AddDays(-DaysBeforeChain);
    }

    private static DateOnly Min(DateOnly one, DateOnly other) => one < other ? one : other;
}
