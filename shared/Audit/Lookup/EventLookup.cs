namespace Serverless.Audit;

/// <summary>
/// Finds a page of events, newest first, day by day. The first day is read alone; each time that days do not fill the page, twice as many are read at once: a busy
/// attribute costs one query, and 90 empty days cost eight rounds instead of 90. Memory is bounded by <see cref="MaxDaysAtOnce"/> pages.
/// </summary>
internal sealed class EventLookup(IAuditStore store)
{
    internal const int MaxDaysAtOnce = 16;

    /// <returns>The page's records, and the token of the next page where there is one.</returns>
    public async Task<(IReadOnlyList<AuditRecord> Records, string? NextToken)> FindAsync(LookupRequest request, CancellationToken cancellationToken)
    {
        var to = request.To;
        if (request.After is { } position && AuditKey.TryGetTicks(position, out var ticks)) to = Math.Min(to, ticks);
        if (request.IsInsight || to < request.From) return ([], null);

        var value = AuditIndex.Value(request.Attribute.Value);
        var after = AuditKey.Row(value, request.After ?? AuditKey.At(request.To));
        var before = AuditKey.Row(value, AuditKey.Before(request.From));
        var firstDay = AuditIndex.Day(request.From);
        // One more than the page holds: whether there is a next page is known, not guessed.
        var wanted = request.MaxResults + 1;
        var rows = new List<AuditRow>(wanted);
        var days = 1;
        for (var day = AuditIndex.Day(to); day >= firstDay && rows.Count < wanted; day = day.AddDays(-days), days = Math.Min(days * 2, MaxDaysAtOnce))
        {
            days = Math.Min(days, day.DayNumber - firstDay.DayNumber + 1);
            var pages = await Task.WhenAll(Enumerable.Range(0, days).Select(back =>
                store.ReadAsync(AuditIndex.Partition(request.Attribute.Key, day.AddDays(-back)), after, before, wanted - rows.Count, cancellationToken))).ConfigureAwait(false);
            foreach (var page in pages) rows.AddRange(page.Take(wanted - rows.Count));
        }

        var more = rows.Count == wanted;
        if (more) rows.RemoveAt(request.MaxResults);
        return ([.. rows.Select(Record)], more ? LookupToken.Seal(AuditKey.PositionOf(rows[^1].Key), request.Binding) : null);
    }

    private static AuditRecord Record(AuditRow row) =>
        AuditKey.TryGetTicks(AuditKey.PositionOf(row.Key), out var ticks) ? AuditRecord.Parse(ticks, row.Json) : throw new InvalidDataException("The audit table holds a row with a foreign key.");
}
