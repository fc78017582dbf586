using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Access;

/// <summary>
/// The token by which a client asks for a list's next page: base64url of the position of the last item given ‖ the first 16 bytes of SHA-256(position ‖ 0x00 ‖ what the list is of).
/// The hash finds a token that was altered or belongs to another list. It needs no secret: a token says only where to go on, and whoever presents it may read every page anyway.
/// </summary>
public static class PageToken
{
    private const int HashSize = 16;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <param name="position">Where the next page begins.</param>
    /// <param name="list">What the list is of; the token is good for no other.</param>
    public static string Seal(string position, string list) => Base64Url.EncodeToString([.. Encoding.UTF8.GetBytes(position), .. Hash(position, list)]);

    /// <summary>The position in a token, or null: it is none, or none of this list's.</summary>
    public static string? Open(string token, string list)
    {
        if (!Base64Url.IsValid(token, out var length) || length < HashSize)
        {
            return null;
        }
        var bytes = Base64Url.DecodeFromChars(token);
        try
        {
            var position = StrictUtf8.GetString(bytes.AsSpan(..^HashSize));
            return Hash(position, list).AsSpan().SequenceEqual(bytes.AsSpan(^HashSize..)) ? position : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static byte[] Hash(string position, string list) => SHA256.HashData(Encoding.UTF8.GetBytes($"{position}\0{list}"))[..HashSize];
}
