using System.Globalization;

namespace Serverless.Audit;

/// <summary>
/// A record's position among others: <c>TTTTTTTTTTTTTTTTTTT_event-id</c>, where T is the time that remains until the end of time in ticks, 19 digits, so that ordinal order is
/// newest first. It is a function of the record alone, so a record that comes twice has one place. A row's key is the value that it is found by, <c>!</c>, and the position.
/// </summary>
internal static class AuditKey
{
    // Azurite 3.37 loses rows whose key begins with a comma.
    private const char Separator = '!';
    private const int TickDigits = 19;
    private const int PositionLength = TickDigits + 1 + 36;

    /// <summary>The position of a record.</summary>
    public static string Position(AuditRecord record) => Position(record.Ticks, record.EventId);

    /// <summary>The position of a record by its time, in ticks, and its id.</summary>
    public static string Position(long ticks, Guid eventId) => $"{Prefix(ticks)}_{eventId:D}";

    /// <summary>Precedes the position of every record of that time or an earlier one, and follows those of later ones.</summary>
    public static string At(long ticks) => Prefix(ticks);

    /// <summary>Follows the position of every record of that time or a later one, and precedes those of earlier ones.</summary>
    public static string Before(long ticks) => Prefix(ticks) + "~";

    /// <summary>The time of a position, in ticks; false for what is none.</summary>
    public static bool TryGetTicks(string position, out long ticks)
    {
        ticks = 0;
        if (position.Length != PositionLength || position[TickDigits] != '_' || !Guid.TryParseExact(position.AsSpan(TickDigits + 1), "D", out _)) return false;
        if (!long.TryParse(position.AsSpan(0, TickDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var remaining)) return false;
        ticks = DateTime.MaxValue.Ticks - remaining;
        return ticks >= 0;
    }

    /// <summary>The id in a position.</summary>
    public static Guid EventIdOf(string position) => Guid.ParseExact(position.AsSpan(TickDigits + 1), "D");

    /// <summary>The key of the row, or of the bound, at a position among those of a value (<see cref="AuditPlace"/>).</summary>
    public static string Row(string value, string position) => $"{value}{Separator}{position}";

    /// <summary>The position in a row's key.</summary>
    public static string PositionOf(string rowKey) => rowKey[(rowKey.LastIndexOf(Separator) + 1)..];

    private static string Prefix(long ticks) => (DateTime.MaxValue.Ticks - ticks).ToString("D19", CultureInfo.InvariantCulture);
}
