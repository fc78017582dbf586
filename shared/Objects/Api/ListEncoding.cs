using System.Buffers;
using System.Globalization;
using System.Text;

namespace Serverless.Objects.Api;

/// <summary>
/// How a listing writes keys, prefixes and delimiters: as they are, or with <c>encoding-type=url</c> in a form that any XML can carry. S3 encodes as Java's URLEncoder does, but leaves slashes:
/// a space becomes <c>+</c>, and of ASCII's signs <c>-_.*/</c> stay.
/// </summary>
/// <param name="type">The parameter as it was sent, which the answer repeats; null where it was not.</param>
public readonly struct ListEncoding(string? type)
{
    private static readonly SearchValues<char> Kept = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*/");

    public string? Type => type;

    /// <exception cref="S3Exception">InvalidArgument: S3 has no other encoding than <c>url</c>, in any letter case.</exception>
    public static ListEncoding Parse(string? type) => type is null || type.Equals("url", StringComparison.OrdinalIgnoreCase)
        ? new(type) : throw new S3Exception(S3Errors.InvalidArgument("Invalid Encoding Method specified in Request", "encoding-type", type));

    public string Write(string text)
    {
        if (type is null || !text.AsSpan().ContainsAnyExcept(Kept)) return text;
        var written = new StringBuilder(text.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (Kept.Contains((char)value)) written.Append((char)value);
            else if (value == ' ') written.Append('+');
            else written.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }
        return written.ToString();
    }
}
