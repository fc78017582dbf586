using System.Text;

namespace Serverless.Objects.Listing;

/// <summary>
/// S3's order of keys: that of their UTF-8 bytes, which is that of their code points. .NET's ordinal order is that of UTF-16 code units, in which U+E000 to U+FFFF come
/// behind the supplementary characters.
/// </summary>
public sealed class KeyOrder : IComparer<string>
{
    private const char LastBelowSurrogates = '\uD7FF';
    private const char FirstAboveSurrogates = '\uE000';
    private const int LastCodePoint = 0x10FFFF;

    private KeyOrder()
    {
    }

    public static KeyOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var a = x.AsSpan();
        var b = y.AsSpan();
        var common = a.CommonPrefixLength(b);
        return common == a.Length || common == b.Length ? a.Length.CompareTo(b.Length) : Rank(a[common]).CompareTo(Rank(b[common]));
    }

    /// <summary>The first of all strings behind this key.</summary>
    public static string After(string key) => key + '\0';

    /// <summary>The first of all strings behind those that begin with this prefix; null where there is none.</summary>
    public static string? AfterPrefix(string prefix)
    {
        for (var rest = prefix.AsSpan(); !rest.IsEmpty;)
        {
            Rune.DecodeLastFromUtf16(rest, out var last, out var length);
            rest = rest[..^length];
            if (last.Value < LastCodePoint) return string.Concat(rest, new Rune(last.Value == LastBelowSurrogates ? FirstAboveSurrogates : last.Value + 1).ToString());
        }
        return null;
    }

    /// <summary>Puts the surrogates, of which the supplementary characters are made, behind all other code units.</summary>
    private static int Rank(char unit) => char.IsSurrogate(unit) ? char.MaxValue + unit : unit;
}
