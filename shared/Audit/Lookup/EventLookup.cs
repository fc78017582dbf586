using Serverless.Access;

namespace Serverless.Audit;

/// <summary>
/// Finds a page of events, newest first, day by day. The first day is read alone; each time that days end before the page is full, twice as many are read at once: a busy
/// attribute costs one query, and 90 empty days cost nine rounds instead of 90. Memory is bounded by <see cref="MaxDaysAtOnce"/> pages.
/// </summary>
internal sealed class EventLookup(IAuditStore store)
{
    internal const int MaxDaysAtOnce = 16;

    /// <summary>
    /// Rows read for one page, about. A value without a place of its own that turns out to be rare makes for short pages, as CloudTrail allows, not for long waits.
    /// </summary>
    internal const int MaxRowsRead = 1000;

    /// <returns>The page's records, and the token of the next page where there may be one.</returns>
    public async Task<(IReadOnlyList<AuditRecord> Records, string? NextToken)> FindAsync(LookupRequest request, CancellationToken cancellationToken)
    {
        var found = new List<AuditRecord>();
        if (request.IsInsight) return (found, null);

        var place = AuditIndex.PlaceOf(request.Attribute);
        var position = request.After ?? AuditKey.At(request.To);
        var end = AuditKey.Before(request.From);
        var day = AuditIndex.Day(request.After is not null && AuditKey.TryGetTicks(request.After, out var ticks) ? ticks : request.To);
        var firstDay = AuditIndex.Day(request.From);
        var rowsRead = 0;
        for (var days = 1; day >= firstDay && rowsRead < MaxRowsRead;)
        {
            // One more than the page holds: whether there is a next page is then known.
            var limit = request.MaxResults + 1 - found.Count;
            days = Math.Min(days, day.DayNumber - firstDay.DayNumber + 1);
            var (newest, after) = (day, position);
            var pages = await Task.WhenAll(Enumerable.Range(0, days).Select(back => store.ReadAsync(
                place.Partition(newest.AddDays(-back)), AuditKey.Row(place.Value, after), AuditKey.Row(place.Value, end), limit, cancellationToken))).ConfigureAwait(false);

            days = Math.Min(days * 2, MaxDaysAtOnce);
            foreach (var page in pages)
            {
                foreach (var row in page)
                {
                    var (record, at) = Read(row);
                    if (AuditIndex.Attributes(record).Contains(request.Attribute))
                    {
                        if (found.Count == request.MaxResults) return (found, PageToken.Seal(position, request.Binding));
                        found.Add(record);
                    }
                    position = at;
                }
                rowsRead += page.Count;
                if (page.Count == limit)
                {
                    // This day may have more, and comes before the days behind it.
                    days = 1;
                    break;
                }
                day = day.AddDays(-1);
            }
        }
        return (found, day >= firstDay ? PageToken.Seal(position, request.Binding) : null);
    }

    private static (AuditRecord Record, string Position) Read(AuditRow row)
    {
        var position = AuditKey.PositionOf(row.Key);
        return AuditKey.TryGetTicks(position, out var ticks)
            ? (AuditRecord.Parse(ticks, row.Json), position)
            : throw new InvalidDataException("The audit table holds a row with a foreign key.");
    }
}
