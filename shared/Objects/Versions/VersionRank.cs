using System.Globalization;
using Serverless.Objects.Bodies;

namespace Serverless.Objects.Versions;

/// <summary>
/// A version's place among those of its key: 16 hexadecimal digits of its time, counted backwards, and 32 of its random id; 48 lower-case characters whose order is that in which
/// S3 lists versions, the newest first. It is the version's id, too, but for the one that clients know as <c>null</c>.
/// </summary>
/// <remarks>The time is in ticks of 100 ns, UTC, and always behind that of the version before: what a key's versions are in the order of does not hang on clocks.</remarks>
public readonly record struct VersionRank(string Text)
{
    public const int Length = TimeLength + 2 * StreamContext.IdSize;

    private const int TimeLength = 16;

    /// <summary>The time of the version: when it was written, or a little later where the clock was behind another one.</summary>
    public DateTimeOffset Time => new(Ticks, TimeSpan.Zero);

    private long Ticks => long.MaxValue - long.Parse(Text.AsSpan(0, TimeLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <param name="id">The object's random id: 16 bytes.</param>
    public static VersionRank Of(DateTimeOffset time, ReadOnlySpan<byte> id) => Of(time.UtcTicks, id);

    /// <summary>The rank of a new version.</summary>
    /// <param name="before">The version before it, or null.</param>
    public static VersionRank Behind(VersionRank? before, DateTimeOffset now, ReadOnlySpan<byte> id) => Of(Math.Max(now.UtcTicks, before is { } older ? older.Ticks + 1 : 0), id);

    /// <summary>False for a text that is no version's rank.</summary>
    public static bool TryParse(string text, out VersionRank rank)
    {
        rank = new(text);
        return text.Length == Length && text.All(char.IsAsciiHexDigitLower) && text[0] <= '7' && rank.Ticks <= DateTime.MaxValue.Ticks;
    }

    /// <summary>Whether the object that has this id is the one of this rank.</summary>
    public bool IsOf(ReadOnlySpan<byte> id) => Text.AsSpan(TimeLength).SequenceEqual(Convert.ToHexStringLower(id));

    public bool IsOlderThan(VersionRank other) => string.CompareOrdinal(Text, other.Text) > 0;

    public override string ToString() => Text;

    private static VersionRank Of(long ticks, ReadOnlySpan<byte> id) =>
        new((long.MaxValue - ticks).ToString("x16", CultureInfo.InvariantCulture) + Convert.ToHexStringLower(id));
}
