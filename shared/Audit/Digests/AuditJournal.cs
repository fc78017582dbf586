using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Serverless.Audit;

/// <summary>
/// The journal: each record in the partition of the hour in which the writer wrote it, before it is anywhere else. So an hour that is over gets no record more, however late an event
/// comes from the queue, and its digest can be final; and what is in the table without being in the journal was not put there by the writer.
/// </summary>
internal static class AuditJournal
{
    /// <summary>From an hour's end to its digest: no writer, whatever its clock says and the store's answers take, still writes into the hour then.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>The longest that a writer tries to write into the hour that it chose; after that the message comes again, and it chooses anew.</summary>
    public static readonly TimeSpan LongestWrite = Grace / 2;

    private const int PageSize = 250;

    /// <summary>Follows every key that the writer makes, and every other that is a text.</summary>
    private const string LastKey = "\uFFFD";

    private const string PartitionFormat = "'log_'yyyyMMddHH";

    public static string Partition(AuditHour hour) => hour.Start.ToString(PartitionFormat, CultureInfo.InvariantCulture);

    /// <summary>The hour of a partition, or null: it is none of the journal's.</summary>
    public static AuditHour? TryGetHour(string partition) =>
        DateTimeOffset.TryParseExact(partition, PartitionFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start) ? AuditHour.Of(start) : null;

    /// <summary>The key of a record's row.</summary>
    public static string Key(AuditRecord record) => AuditKey.Row("", AuditKey.Position(record));

    /// <summary>The record in a row of whatever partition, or null: the row is not one that the writer makes.</summary>
    public static AuditRecord? TryRead(AuditRow row)
    {
        if (!AuditKey.TryGetTicks(AuditKey.PositionOf(row.Key), out var ticks)) return null;
        try
        {
            var record = AuditRecord.Parse(ticks, row.Json);
            return AuditKey.PositionOf(row.Key) == AuditKey.Position(record) ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>All rows of an hour, newest event first.</summary>
    public static IAsyncEnumerable<AuditRow> ReadAsync(this IAuditStore store, AuditHour hour, CancellationToken cancellationToken) =>
        store.ReadAllAsync(Partition(hour), cancellationToken);

    /// <summary>All rows of a partition in the order of their keys; a page of them is in memory.</summary>
    public static async IAsyncEnumerable<AuditRow> ReadAllAsync(this IAuditStore store, string partition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = "";
        IReadOnlyList<AuditRow> page;
        do
        {
            page = await store.ReadAsync(partition, after, LastKey, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (var row in page) yield return row;
            if (page.Count > 0) after = page[^1].Key;
        }
        while (page.Count == PageSize);
    }
}
