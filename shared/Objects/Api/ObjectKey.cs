using System.Text;

namespace Serverless.Objects.Api;

/// <summary>
/// An object's name as the request's raw path spells it: percent-encoded UTF-8 of at most 1024 bytes
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html). Nothing in it is normalised.
/// </summary>
public static class ObjectKey
{
    private const int MaxSize = 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Splits a raw path into bucket and key, each decoded once; either may be empty.</summary>
    /// <exception cref="S3Exception">InvalidURI where the path is not percent-encoded UTF-8, KeyTooLongError over 1024 bytes.</exception>
    public static (string Bucket, string Key) SplitPath(string rawPath)
    {
        var path = rawPath.AsSpan(rawPath is ['/', ..] ? 1 : 0);
        var slash = path.IndexOf('/');
        return slash < 0
            ? (Decode(path), "")
            : (Decode(path[..slash]), Decode(path[(slash + 1)..]));
    }

    /// <summary>Judges a key that is no path's.</summary>
    /// <exception cref="S3Exception">KeyTooLongError.</exception>
    public static void RequireSize(string key)
    {
        var size = Encoding.UTF8.GetByteCount(key);
        if (size > MaxSize) throw new S3Exception(S3Errors.KeyTooLong(size, MaxSize));
    }

    /// <summary>The key that a raw path spells where the host names the bucket.</summary>
    /// <exception cref="S3Exception">As for <see cref="SplitPath"/>.</exception>
    public static string OfPath(string rawPath) => Decode(rawPath.AsSpan(rawPath is ['/', ..] ? 1 : 0));

    private static string Decode(ReadOnlySpan<char> encoded)
    {
        Span<byte> bytes = stackalloc byte[MaxSize];
        var size = 0;
        for (var i = 0; i < encoded.Length; i++, size++)
        {
            int value = encoded[i];
            if (value == '%')
            {
                if (i + 2 >= encoded.Length || !char.IsAsciiHexDigit(encoded[i + 1]) || !char.IsAsciiHexDigit(encoded[i + 2]))
                    throw new S3Exception(S3Errors.InvalidUri);
                value = (HexValue(encoded[i + 1]) << 4) | HexValue(encoded[i + 2]);
                i += 2;
            }
            else if (value > 0x7F)
            {
                throw new S3Exception(S3Errors.InvalidUri);
            }
            if (size < MaxSize) bytes[size] = (byte)value;
        }
        if (size > MaxSize) throw new S3Exception(S3Errors.KeyTooLong(size, MaxSize));
        try
        {
            return StrictUtf8.GetString(bytes[..size]);
        }
        catch (DecoderFallbackException)
        {
            throw new S3Exception(S3Errors.InvalidUri);
        }
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
