using System.Security.Cryptography;
using System.Text;

namespace Serverless.Access;

/// <summary>The account as S3 names an owner.</summary>
public static class CanonicalUser
{
    /// <summary>The canonical user id: 64 hexadecimal digits, the same for an account always.</summary>
    public static string IdOf(string accountId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(accountId)));
}
