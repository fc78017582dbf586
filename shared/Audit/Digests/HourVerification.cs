namespace Serverless.Audit;

/// <summary>Holds the journal and the log files of a sealed hour against its digest. Of the two, one that is as it was sealed says what was done to the other.</summary>
internal sealed class HourVerification(IAuditStore store, IAuditArchive archive)
{
    /// <summary>Answers what is wrong, or null.</summary>
    /// <param name="hour">The hour.</param>
    /// <param name="digest">Its digest, which is genuine.</param>
    /// <param name="withLogFiles">Whether the log files are verified, too.</param>
    /// <param name="onRecord">Is told each record.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<AuditFinding?> VerifyAsync(AuditHour hour, AuditDigest digest, bool withLogFiles, Action<AuditRecord> onRecord, CancellationToken cancellationToken)
    {
        using var hash = new RecordsHash();
        string? foreign = null;
        await foreach (var row in store.ReadAsync(hour, cancellationToken).ConfigureAwait(false))
        {
            hash.Add(row);
            if (AuditJournal.TryRead(row) is { } record) onRecord(record);
            else foreign ??= row.Key;
        }
        if (hash.Count != digest.RecordCount || hash.Value != digest.RecordsHashValue) return await ExplainJournalAsync(hour, digest, cancellationToken).ConfigureAwait(false);
        if (foreign is not null) return new(AuditFindingKind.RecordInserted, hour.Start, null, $"The journal of {hour} was sealed with a row that is no record: {foreign}.");
        if (!withLogFiles) return null;
        foreach (var file in digest.LogFiles)
        {
            if (!await LogFileReader.IsIntactAsync(archive, file, cancellationToken).ConfigureAwait(false))
                return await ExplainLogFileAsync(hour, digest, file, cancellationToken).ConfigureAwait(false);
        }
        return null;
    }

    private async Task<AuditFinding> ExplainJournalAsync(AuditHour hour, AuditDigest digest, CancellationToken cancellationToken)
    {
        var (sealedRecords, areIntact) = (new List<RecordMark>(), true);
        foreach (var file in digest.LogFiles)
        {
            areIntact &= await LogFileReader.IsIntactAsync(archive, file, cancellationToken).ConfigureAwait(false);
            sealedRecords.AddRange(await LogFileReader.ReadMarksAsync(archive, file, cancellationToken).ConfigureAwait(false) ?? []);
        }
        var place = areIntact ? $"the journal of {hour}" : $"the journal of {hour}, held against log files of which not all are as they were sealed";
        return FirstDifference(sealedRecords, await ReadJournalAsync(hour, cancellationToken).ConfigureAwait(false), place)
            ?? new(AuditFindingKind.RecordChanged, hour.Start, null, $"In the journal of {hour}, a row is not in its place, though all records are there.");
    }

    private async Task<AuditFinding> ExplainLogFileAsync(AuditHour hour, AuditDigest digest, DigestLogFile broken, CancellationToken cancellationToken)
    {
        if (await LogFileReader.ReadMarksAsync(archive, broken, cancellationToken).ConfigureAwait(false) is { } found)
        {
            // What another file of the hour holds is not missing from this one.
            var others = new HashSet<Guid?>();
            foreach (var file in digest.LogFiles.Where(file => file != broken))
                foreach (var record in await LogFileReader.ReadMarksAsync(archive, file, cancellationToken).ConfigureAwait(false) ?? []) others.Add(record.EventId);
            var expected = (await ReadJournalAsync(hour, cancellationToken).ConfigureAwait(false)).Where(record => !others.Contains(record.EventId));
            if (FirstDifference(expected, found, $"the log file {broken.S3Object}") is { } difference) return difference;
        }
        return new(AuditFindingKind.LogFileChanged, hour.Start, null, $"The log file {broken.S3Object} is missing, or is not as it was sealed.");
    }

    private async Task<List<RecordMark>> ReadJournalAsync(AuditHour hour, CancellationToken cancellationToken)
    {
        var records = new List<RecordMark>();
        await foreach (var row in store.ReadAsync(hour, cancellationToken).ConfigureAwait(false))
        {
            var position = AuditKey.PositionOf(row.Key);
            var (id, time) = AuditKey.TryGetTicks(position, out var ticks) ? (AuditKey.EventIdOf(position), new DateTimeOffset(ticks, TimeSpan.Zero)) : ((Guid?)null, hour.Start);
            records.Add(new(id, Fingerprint.Of(row.Json.Span), time));
        }
        return records;
    }

    /// <summary>The first in time of the records that are not the same, or not there, on both sides.</summary>
    private static AuditFinding? FirstDifference(IEnumerable<RecordMark> expected, IEnumerable<RecordMark> found, string place)
    {
        var missing = new Dictionary<Guid, RecordMark>();
        foreach (var record in expected)
            if (record.EventId is { } id) missing[id] = record;
        (AuditFindingKind Kind, RecordMark Record)? first = null;
        foreach (var record in found)
        {
            if (record.EventId is not { } id || !missing.Remove(id, out var original)) Note(AuditFindingKind.RecordInserted, record);
            else if (original.Print != record.Print) Note(AuditFindingKind.RecordChanged, original);
        }
        foreach (var record in missing.Values) Note(AuditFindingKind.RecordRemoved, record);
        return first is var (kind, what)
            ? new(kind, AuditHour.Of(what.Time).Start, what.EventId, $"{Verb(kind)} {place}.")
            : null;

        void Note(AuditFindingKind kind, RecordMark record)
        {
            if (first is null || record.Time < first.Value.Record.Time) first = (kind, record);
        }
    }

    private static string Verb(AuditFindingKind kind) => kind switch
    {
        AuditFindingKind.RecordInserted => "A record was inserted into",
        AuditFindingKind.RecordRemoved => "A record was removed from",
        _ => "A record was changed in",
    };
}
