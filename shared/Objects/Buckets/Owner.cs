using System.Security.Cryptography;
using System.Text;

namespace Serverless.Objects.Buckets;

/// <summary>The account as S3 names an owner.</summary>
public static class Owner
{
    /// <summary>The canonical user id: 64 hexadecimal digits, the same for an account always.</summary>
    public static string CanonicalId(string accountId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(accountId)));
}
