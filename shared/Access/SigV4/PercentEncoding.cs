using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Serverless.Access;

/// <summary>
/// SigV4's UriEncode and its inverse (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html): every byte of the UTF-8 form
/// but <c>A-Z a-z 0-9 - . _ ~</c> becomes <c>%XX</c> in upper case; in a path, <c>/</c> stays.
/// </summary>
internal static class PercentEncoding
{
    private const string UnreservedCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    private static readonly SearchValues<char> Unreserved = SearchValues.Create(UnreservedCharacters);
    private static readonly SearchValues<char> UnreservedOrSlash = SearchValues.Create(UnreservedCharacters + "/");

    public static void EncodePath(PooledBytes output, ReadOnlySpan<char> text) => Encode(output, text, UnreservedOrSlash);

    public static void EncodeQuery(PooledBytes output, ReadOnlySpan<char> text) => Encode(output, text, Unreserved);

    /// <summary>Decodes once; a path's <c>+</c> is itself.</summary>
    /// <exception cref="AccessException">InvalidURI: a <c>%</c> without two hexadecimal digits, or bytes that are not UTF-8.</exception>
    public static string DecodePath(string text) => text.Contains('%') ? Decode(text, false) : text;

    /// <summary>Decodes once; a query's <c>+</c> is a space, as S3 takes it (the clients that mean a plus send <c>%2B</c>).</summary>
    /// <exception cref="AccessException">As for <see cref="DecodePath"/>.</exception>
    public static string DecodeQuery(ReadOnlySpan<char> text) => text.IndexOfAny('%', '+') < 0 ? text.ToString() : Decode(text, true);

    private static void Encode(PooledBytes output, ReadOnlySpan<char> text, SearchValues<char> kept)
    {
        Span<byte> utf8 = stackalloc byte[4];
        while (true)
        {
            var run = text.IndexOfAnyExcept(kept);
            output.Add(run < 0 ? text : text[..run]);
            if (run < 0)
            {
                return;
            }
            Rune.DecodeFromUtf16(text[run..], out var rune, out var consumed);
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                output.Add((byte)'%');
                output.Add((byte)"0123456789ABCDEF"[value >> 4]);
                output.Add((byte)"0123456789ABCDEF"[value & 15]);
            }
            text = text[(run + consumed)..];
        }
    }

    private static string Decode(ReadOnlySpan<char> text, bool plusIsSpace)
    {
        using var bytes = new PooledBytes(text.Length);
        while (!text.IsEmpty)
        {
            var run = plusIsSpace ? text.IndexOfAny('%', '+') : text.IndexOf('%');
            bytes.Add(run < 0 ? text : text[..run]);
            if (run < 0)
            {
                break;
            }
            text = text[run..];
            if (text[0] == '+')
            {
                bytes.Add((byte)' ');
                text = text[1..];
                continue;
            }
            if (text.Length < 3 || !char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2]))
            {
                throw new AccessException(AccessErrors.InvalidUri);
            }
            bytes.Add((byte)(HexValue(text[1]) << 4 | HexValue(text[2])));
            text = text[3..];
        }
        return Utf8.IsValid(bytes.Written) ? Encoding.UTF8.GetString(bytes.Written) : throw new AccessException(AccessErrors.InvalidUri);
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
