using System.Globalization;

namespace Serverless.Audit;

/// <summary>
/// A row's key: <c>TTTTTTTTTTTTTTTTTTT_event-id</c>, where T is the time that remains until the end of time in ticks, 19 digits, so that ordinal order is newest first.
/// It is a function of the record alone, so a record that comes twice has one row.
/// </summary>
internal static class AuditKey
{
    private const int TickDigits = 19;

    public static string Of(AuditRecord record) => $"{Prefix(record.Ticks)}_{record.EventId:D}";

    /// <summary>Precedes the key of every record of that time or an earlier one, and follows those of later ones.</summary>
    public static string At(long ticks) => Prefix(ticks);

    /// <summary>Follows the key of every record of that time or a later one, and precedes those of earlier ones.</summary>
    public static string Before(long ticks) => Prefix(ticks) + "~";

    /// <summary>The time in a key, in ticks; false for what is no key.</summary>
    public static bool TryGetTicks(string key, out long ticks)
    {
        ticks = 0;
        if (key.Length != TickDigits + 1 + 36 || key[TickDigits] != '_' || !Guid.TryParseExact(key.AsSpan(TickDigits + 1), "D", out _)) return false;
        if (!long.TryParse(key.AsSpan(0, TickDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var remaining)) return false;
        ticks = DateTime.MaxValue.Ticks - remaining;
        return ticks >= 0;
    }

    private static string Prefix(long ticks) => (DateTime.MaxValue.Ticks - ticks).ToString("D19", CultureInfo.InvariantCulture);
}
