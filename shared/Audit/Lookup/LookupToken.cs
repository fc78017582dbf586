using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Audit;

/// <summary>
/// A page's token: base64url of the key of the last row given ‖ the first 16 bytes of SHA-256(key ‖ 0x00 ‖ the request's parameters). The hash finds a token that was altered
/// or belongs to another request. It needs no secret: a token says only where to go on, and whoever presents it may read every page anyway.
/// </summary>
internal static class LookupToken
{
    private const int HashBytes = 16;

    public static string Seal(string key, string binding) => Base64Url.EncodeToString([.. Encoding.ASCII.GetBytes(key), .. Hash(key, binding)]);

    /// <summary>The key in a token, or null: it is none, or none of this request's.</summary>
    public static string? Open(string token, string binding)
    {
        if (!Base64Url.IsValid(token, out var length) || length <= HashBytes) return null;
        var bytes = Base64Url.DecodeFromChars(token);
        var key = Encoding.ASCII.GetString(bytes.AsSpan(..^HashBytes));
        return Hash(key, binding).AsSpan().SequenceEqual(bytes.AsSpan(^HashBytes..)) && AuditKey.TryGetTicks(key, out _) ? key : null;
    }

    private static byte[] Hash(string key, string binding) => SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\0{binding}"))[..HashBytes];
}
