using System.Runtime.InteropServices;

namespace Serverless.Audit;

/// <summary>The records of a day's events, as journals have them: about 100 bytes for each.</summary>
internal sealed class DayRecords
{
    private readonly Dictionary<(long Ticks, Guid EventId), Known> records = [];

    /// <summary>A record that two hours have with different contents, or null.</summary>
    public AuditRecord? Conflict { get; private set; }

    /// <summary>How many of them are sealed.</summary>
    public long SealedCount { get; private set; }

    /// <summary>Adds a record; one that was delivered twice is one.</summary>
    public void Add(AuditRecord record, AuditHour hour, bool isSealed)
    {
        var print = Fingerprint.Of(record.Json.Span);
        if (!records.TryAdd((record.Ticks, record.EventId), new(print, AuditIndex.Places(record).Count(), hour, isSealed)))
        {
            if (records[(record.Ticks, record.EventId)].Print != print) Conflict ??= record;
        }
        else if (isSealed)
        {
            SealedCount++;
        }
    }

    /// <summary>Whether there is a record with that time and id.</summary>
    public bool Knows(long ticks, Guid eventId) => records.ContainsKey((ticks, eventId));

    /// <summary>Whether the record with that time and id has exactly these bytes.</summary>
    public bool Has(long ticks, Guid eventId, ReadOnlySpan<byte> json) => records[(ticks, eventId)].Print == Fingerprint.Of(json);

    /// <summary>One of its copies was found.</summary>
    public void CountCopy(long ticks, Guid eventId)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(records, (ticks, eventId));
        known = known with { CopiesLeft = known.CopiesLeft - 1 };
    }

    /// <summary>The first record in time of those that are sealed and of which copies are left to be found; and its hour.</summary>
    public (long Ticks, Guid EventId, AuditHour Hour)? FirstIncomplete()
    {
        (long Ticks, Guid EventId, AuditHour Hour)? first = null;
        foreach (var (key, known) in records)
        {
            if (known.IsSealed && known.CopiesLeft > 0 && (first is null || key.Ticks < first.Value.Ticks)) first = (key.Ticks, key.EventId, known.Hour);
        }
        return first;
    }

    private readonly record struct Known(Fingerprint Print, int CopiesLeft, AuditHour Hour, bool IsSealed);
}
