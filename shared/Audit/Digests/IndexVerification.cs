namespace Serverless.Audit;

/// <summary>
/// Holds all copies of a day's records, which are what lookups read, against the journals: each copy is that of a record, the same, and where the writer puts it; and none is missing.
/// </summary>
/// <param name="store">The table.</param>
/// <param name="chainStart">What happened before it and is in no journal was not written under the chain.</param>
/// <param name="unsealed">The first hour that was not sealed when the journals were read.</param>
/// <param name="time">The clock.</param>
internal sealed class IndexVerification(IAuditStore store, DateTimeOffset chainStart, AuditHour unsealed, TimeProvider time)
{
    /// <summary>A day with so much wrong is not looked at to its end.</summary>
    private const int MaxFindings = 100;

    /// <summary>Answers the first thing in time that is wrong, or null.</summary>
    public async Task<AuditFinding?> VerifyAsync(DateOnly day, DayRecords records, CancellationToken cancellationToken)
    {
        var findings = new List<(long Ticks, AuditFinding Finding)>();
        foreach (var key in Enum.GetValues<LookupKey>())
        {
            await foreach (var row in store.ReadAllAsync(new AuditPlace(key, "").Partition(day), cancellationToken).ConfigureAwait(false))
            {
                if (await JudgeAsync(row, key, day, records, cancellationToken).ConfigureAwait(false) is not { } finding) continue;
                findings.Add((AuditKey.TryGetTicks(AuditKey.PositionOf(row.Key), out var ticks) ? ticks : finding.Hour.UtcTicks, finding));
                if (findings.Count == MaxFindings) return First();
            }
        }
        if (records.FirstIncomplete() is { } incomplete) findings.Add((incomplete.Ticks, await MissingAsync(incomplete, cancellationToken).ConfigureAwait(false)));
        return First();

        AuditFinding? First() => findings.Count == 0 ? null : findings.MinBy(found => found.Ticks).Finding;
    }

    private async ValueTask<AuditFinding?> JudgeAsync(AuditRow row, LookupKey key, DateOnly day, DayRecords records, CancellationToken cancellationToken)
    {
        var partition = new AuditPlace(key, "").Partition(day);
        var position = AuditKey.PositionOf(row.Key);
        if (!AuditKey.TryGetTicks(position, out var ticks)) return new(AuditFindingKind.RecordInserted, AuditHour.Of(day).Start, null, $"The partition {partition} holds a row that the writer does not make: {row.Key}.");
        var (hour, id) = (AuditHour.Of(new DateTimeOffset(ticks, TimeSpan.Zero)).Start, AuditKey.EventIdOf(position));
        var place = $"the partition {partition}, {row.Key}";
        if (!records.Knows(ticks, id))
        {
            return ticks < chainStart.UtcTicks || await IsInUnsealedJournalAsync(position, row, cancellationToken).ConfigureAwait(false) ? null
                : new(AuditFindingKind.RecordInserted, hour, id, $"A copy of a record that is in no journal was inserted into {place}.");
        }
        if (!records.Has(ticks, id, row.Json.Span)) return new(AuditFindingKind.RecordChanged, hour, id, $"A copy of a record was changed in {place}.");
        // The same bytes as the record's, so they are one.
        var record = AuditRecord.Parse(ticks, row.Json);
        if (!AuditIndex.Places(record).Any(right => right.Key == key && right.Partition(AuditIndex.Day(ticks)) == partition && row.Key == AuditKey.Row(right.Value, position)))
            return new(AuditFindingKind.RecordInserted, hour, id, $"A copy of a record was inserted where it does not belong, into {place}.");
        records.CountCopy(ticks, id);
        return null;
    }

    /// <summary>What was written since the journals were read is in the journal of an hour that was not sealed then.</summary>
    private async ValueTask<bool> IsInUnsealedJournalAsync(string position, AuditRow row, CancellationToken cancellationToken)
    {
        var key = AuditKey.Row("", position);
        for (var hour = unsealed; hour <= AuditHour.Of(time.GetUtcNow()); hour = hour.Next)
        {
            if (await FindAsync(AuditJournal.Partition(hour), key, cancellationToken).ConfigureAwait(false) is { } found && found.Json.Span.SequenceEqual(row.Json.Span)) return true;
        }
        return false;
    }

    private async ValueTask<AuditFinding> MissingAsync((long Ticks, Guid EventId, AuditHour Hour) incomplete, CancellationToken cancellationToken)
    {
        var (ticks, id, hour) = incomplete;
        var finding = new AuditFinding(AuditFindingKind.RecordRemoved, AuditHour.Of(new DateTimeOffset(ticks, TimeSpan.Zero)).Start, id, "A copy of a record that a lookup would find was removed.");
        var position = AuditKey.Position(ticks, id);
        if (await FindAsync(AuditJournal.Partition(hour), AuditKey.Row("", position), cancellationToken).ConfigureAwait(false) is not { } row) return finding;
        foreach (var place in AuditIndex.Places(AuditRecord.Parse(ticks, row.Json)))
        {
            var (partition, key) = (place.Partition(AuditIndex.Day(ticks)), AuditKey.Row(place.Value, position));
            if (await FindAsync(partition, key, cancellationToken).ConfigureAwait(false) is null) return finding with { Detail = $"A copy of a record was removed from the partition {partition}, {key}." };
        }
        return finding;
    }

    private async ValueTask<AuditRow?> FindAsync(string partition, string key, CancellationToken cancellationToken) =>
        await store.ReadAsync(partition, key[..^1], key + "~", 1, cancellationToken).ConfigureAwait(false) is [var row] && row.Key == key ? row : null;
}
