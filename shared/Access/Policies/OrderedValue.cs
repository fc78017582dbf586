using System.Globalization;

namespace Serverless.Access;

/// <summary>A number, or a date as seconds since 1970, and how a request's value must lie to it.</summary>
/// <param name="value">The policy's value.</param>
/// <param name="isDate">Whether values are dates.</param>
/// <param name="accepts">Judges the sign of (the request's value - the policy's value).</param>
internal sealed class OrderedValue(decimal value, bool isDate, Func<int, bool> accepts) : IConditionTest
{
    // https://www.w3.org/TR/NOTE-datetime; without a zone, UTC.
    private static readonly string[] DateFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd", "yyyy-MM",
    ];

    /// <returns>Null where the text is no number.</returns>
    public static OrderedValue? Number(string text, Func<int, bool> accepts) =>
        TryReadNumber(text, out var number) ? new(number, isDate: false, accepts) : null;

    /// <returns>Null where the text is no date.</returns>
    public static OrderedValue? Date(string text, Func<int, bool> accepts) =>
        TryReadDate(text, out var date) ? new(date, isDate: true, accepts) : null;

    public bool Matches(string text, IConditionKeys keys) =>
        (isDate ? TryReadDate(text, out var given) : TryReadNumber(text, out given)) && accepts(given.CompareTo(value));

    private static bool TryReadNumber(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number);

    // Digits alone are seconds, as aws:EpochTime has them.
    private static bool TryReadDate(string text, out decimal seconds)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch))
        {
            seconds = epoch;
            return true;
        }
        var isDate = DateTimeOffset.TryParseExact(
            text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date);
        seconds = (date - DateTimeOffset.UnixEpoch).Ticks / (decimal)TimeSpan.TicksPerSecond;
        return isDate;
    }
}
