using System.Globalization;

namespace Serverless.Audit;

/// <summary>An hour of UTC, counted from the beginning of year 1: what a digest covers.</summary>
public readonly record struct AuditHour(long Number)
{
    /// <summary>The hour that a time is in.</summary>
    public static AuditHour Of(DateTimeOffset time) => new(time.UtcTicks / TimeSpan.TicksPerHour);

    /// <summary>The first hour of a day.</summary>
    public static AuditHour Of(DateOnly day) => new(day.DayNumber * 24L);

    public DateTimeOffset Start => new(Number * TimeSpan.TicksPerHour, TimeSpan.Zero);

    /// <summary>The start of the next one.</summary>
    public DateTimeOffset End => Start.AddHours(1);

    public DateOnly Day => DateOnly.FromDateTime(Start.UtcDateTime);

    public AuditHour Next => new(Number + 1);

    public AuditHour Previous => new(Number - 1);

    public static bool operator <(AuditHour left, AuditHour right) => left.Number < right.Number;

    public static bool operator >(AuditHour left, AuditHour right) => left.Number > right.Number;

    public static bool operator <=(AuditHour left, AuditHour right) => left.Number <= right.Number;

    public static bool operator >=(AuditHour left, AuditHour right) => left.Number >= right.Number;

    public override string ToString() => Start.ToString("yyyy-MM-dd'T'HH'Z'", CultureInfo.InvariantCulture);
}
