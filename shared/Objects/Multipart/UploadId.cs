using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Serverless.Objects.Bodies;

namespace Serverless.Objects.Multipart;

/// <summary>
/// The id of an upload: 12 hexadecimal digits of the time when it was begun, in milliseconds, and 32 of the random id that the object will have.
/// So the ids of one key's uploads are in the order in which they were begun, as S3 lists them.
/// </summary>
/// <param name="Text">The id as clients know it.</param>
public readonly record struct UploadId(string Text)
{
    public const int Length = TimeLength + 2 * StreamContext.IdSize;

    private const int TimeLength = 12;

    /// <summary>The id that the object will have.</summary>
    public byte[] ObjectId => Convert.FromHexString(Text.AsSpan(TimeLength));

    /// <summary>When it was begun, by the clock of whoever took it; clients may have made up any.</summary>
    public DateTimeOffset Begun => DateTimeOffset.FromUnixTimeMilliseconds(
        Math.Min(long.Parse(Text.AsSpan(0, TimeLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    public static UploadId New(DateTimeOffset now) => new(
        now.ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture) + RandomNumberGenerator.GetHexString(2 * StreamContext.IdSize, lowercase: true));

    /// <summary>False for a text that is no upload's id.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out UploadId id)
    {
        id = new(text ?? "");
        return id.Text.Length == Length && id.Text.All(char.IsAsciiHexDigitLower);
    }

    public override string ToString() => Text;
}
