using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Audit;

/// <summary>
/// A page's token: base64url of the position of the last record given ‖ the first 16 bytes of SHA-256(position ‖ 0x00 ‖ the request's parameters). The hash finds a token that was altered
/// or belongs to another request. It needs no secret: a token says only where to go on, and whoever presents it may read every page anyway.
/// </summary>
internal static class LookupToken
{
    private const int HashBytes = 16;

    public static string Seal(string position, string binding) => Base64Url.EncodeToString([.. Encoding.ASCII.GetBytes(position), .. Hash(position, binding)]);

    /// <summary>The position in a token, or null: it is none, or none of this request's.</summary>
    public static string? Open(string token, string binding)
    {
        if (!Base64Url.IsValid(token, out var length) || length <= HashBytes) return null;
        var bytes = Base64Url.DecodeFromChars(token);
        var position = Encoding.ASCII.GetString(bytes.AsSpan(..^HashBytes));
        return Hash(position, binding).AsSpan().SequenceEqual(bytes.AsSpan(^HashBytes..)) && AuditKey.TryGetTicks(position, out _) ? position : null;
    }

    private static byte[] Hash(string position, string binding) => SHA256.HashData(Encoding.UTF8.GetBytes($"{position}\0{binding}"))[..HashBytes];
}
