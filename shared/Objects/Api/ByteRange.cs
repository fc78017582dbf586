using System.Globalization;

namespace Serverless.Objects.Api;

/// <summary>
/// One range of a Range header (RFC 9110 section 14): <c>bytes=a-b</c>, <c>bytes=a-</c> or <c>bytes=-n</c>.
/// As S3 does, a header of another form, or of several ranges, is ignored.
/// </summary>
/// <param name="First">The first byte; null for a suffix range.</param>
/// <param name="Last">The last byte, inclusive, or the suffix's length; null for "to the end".</param>
/// <param name="Text">The header as sent.</param>
public readonly record struct ByteRange(long? First, long? Last, string Text)
{
    public static ByteRange? Parse(string? header)
    {
        const string Unit = "bytes=";
        if (header is null || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase)) return null;
        var range = header.AsSpan(Unit.Length).Trim();
        var dash = range.IndexOf('-');
        if (dash < 0) return null;
        if (!TryParse(range[..dash], out var first) || !TryParse(range[(dash + 1)..], out var last)) return null;
        if (first is null && last is null || first > last) return null;
        return new(first, last, header);
    }

    /// <summary>The bytes that the range means in an object of <paramref name="length"/> bytes; null where it is not satisfiable (416).</summary>
    public (long Offset, long Count)? Resolve(long length)
    {
        if (First is not { } first)
        {
            var count = Math.Min(Last!.Value, length);
            return count == 0 ? null : (length - count, count);
        }
        if (first >= length) return null;
        return (first, Math.Min(Last ?? length - 1, length - 1) - first + 1);
    }

    private static bool TryParse(ReadOnlySpan<char> digits, out long? value)
    {
        value = null;
        if (digits.IsEmpty) return true;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)) return false;
        value = parsed;
        return true;
    }
}
