using System.Buffers;
using System.Security.Cryptography;

namespace Serverless.Access;

/// <summary>
/// IAM's unique ids: four letters that tell what it is the id of, and random base32
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids).
/// </summary>
internal static class UniqueId
{
    private const string UserPrefix = "AIDA";
    private const string AccessKeyPrefix = "AKIA";
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int UserIdLength = 21;
    private const int AccessKeyIdLength = 20;

    private static readonly SearchValues<char> Base32Characters = SearchValues.Create(Base32);

    public static string NewUserId() => New(UserPrefix, UserIdLength);

    public static string NewAccessKeyId() => New(AccessKeyPrefix, AccessKeyIdLength);

    /// <summary>Whether a text could be the id of a user's access key; anything else need not be looked up.</summary>
    public static bool IsAccessKeyId(string text) =>
        text.Length == AccessKeyIdLength && text.StartsWith(AccessKeyPrefix, StringComparison.Ordinal) && !text.AsSpan(AccessKeyPrefix.Length).ContainsAnyExcept(Base32Characters);

    private static string New(string prefix, int length) => prefix + RandomNumberGenerator.GetString(Base32, length - prefix.Length);
}
