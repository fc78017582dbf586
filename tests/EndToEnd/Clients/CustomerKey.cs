using System.Security.Cryptography;

namespace Serverless.EndToEnd.Clients;

/// <summary>A client's key for SSE-C, in the forms that clients send it.</summary>
internal sealed record CustomerKey(byte[] Bytes)
{
    public static CustomerKey New() => new(RandomNumberGenerator.GetBytes(32));

    public string Base64 => Convert.ToBase64String(Bytes);

    public string Md5 => Convert.ToBase64String(MD5.HashData(Bytes));

    public (string Name, string Value)[] Headers =>
        [("x-amz-server-side-encryption-customer-algorithm", "AES256"), KeyHeader, ("x-amz-server-side-encryption-customer-key-MD5", Md5)];

    /// <summary>The same where the key is that of a copy's source.</summary>
    public (string Name, string Value)[] CopySourceHeaders => [.. Headers.Select(header => (header.Name.Replace("x-amz-", "x-amz-copy-source-", StringComparison.Ordinal), header.Value))];

    public (string Name, string Value) KeyHeader => ("x-amz-server-side-encryption-customer-key", Base64);
}
