using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Access;

/// <summary>
/// AWS Signature Version 4, AWS4-HMAC-SHA256: key derivation, string to sign, signature
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
/// </summary>
internal static class SigV4
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string Terminator = "aws4_request";

    /// <summary>The SHA-256 of nothing.</summary>
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>A derived key's length in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>A signature's or hash's length in hexadecimal digits.</summary>
    public const int HexSize = 64;

    /// <summary>The longest string to sign in bytes: <see cref="CredentialScope.MaxLength"/> bounds its only variable part.</summary>
    public const int MaxStringToSign = 64 + CredentialScope.MaxLength + HexSize;

    /// <summary>The key of one day, Region and service.</summary>
    /// <param name="secret">The secret access key with <c>AWS4</c> before it, in UTF-8.</param>
    /// <param name="scope">Date, Region and service.</param>
    /// <param name="key">Receives <see cref="KeySize"/> bytes.</param>
    public static void DeriveKey(ReadOnlySpan<byte> secret, CredentialScope scope, Span<byte> key)
    {
        Span<byte> text = stackalloc byte[CredentialScope.MaxLength];
        HMACSHA256.HashData(secret, text[..Encoding.UTF8.GetBytes(scope.Date, text)], key);
        HMACSHA256.HashData(key, text[..Encoding.UTF8.GetBytes(scope.Region, text)], key);
        HMACSHA256.HashData(key, text[..Encoding.UTF8.GetBytes(scope.Service, text)], key);
        HMACSHA256.HashData(key, "aws4_request"u8, key);
    }

    /// <summary>Writes the string to sign of a request.</summary>
    /// <param name="timestamp">The request's time as <c>yyyyMMddTHHmmssZ</c>.</param>
    /// <param name="scope">The credential's scope.</param>
    /// <param name="canonicalRequest">What is signed.</param>
    /// <param name="destination">At least <see cref="MaxStringToSign"/> bytes.</param>
    /// <returns>The length.</returns>
    public static int WriteStringToSign(string timestamp, CredentialScope scope, ReadOnlySpan<byte> canonicalRequest, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(canonicalRequest, hash);
        var length = WritePrefix(Algorithm, timestamp, scope, destination);
        WriteHex(hash, destination[length..]);
        return length + HexSize;
    }

    /// <summary>The lines that every string to sign begins with: algorithm, time, scope.</summary>
    public static int WritePrefix(string algorithm, string timestamp, CredentialScope scope, Span<byte> destination)
    {
        var length = WriteLine(algorithm, destination);
        length += WriteLine(timestamp, destination[length..]);
        return length + WriteLine(scope.Text.AsSpan(scope.AccessKeyId.Length + 1), destination[length..]);
    }

    /// <summary>The signature, as <see cref="HexSize"/> lower-case digits.</summary>
    public static void Sign(ReadOnlySpan<byte> key, ReadOnlySpan<byte> stringToSign, Span<byte> signature)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, stringToSign, mac);
        WriteHex(mac, signature);
    }

    /// <summary>Compares in constant time. Upper-case digits are as good as lower-case ones.</summary>
    public static bool Matches(ReadOnlySpan<byte> signature, ReadOnlySpan<char> provided)
    {
        Span<byte> lower = stackalloc byte[HexSize];
        return provided.Length == HexSize && Ascii.ToLower(provided, lower, out _) == OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(signature, lower);
    }

    /// <summary>Lower-case hexadecimal digits in ASCII.</summary>
    public static void WriteHex(ReadOnlySpan<byte> bytes, Span<byte> destination) =>
        Convert.TryToHexStringLower(bytes, destination, out _);

    private static int WriteLine(ReadOnlySpan<char> text, Span<byte> destination)
    {
        var length = Encoding.UTF8.GetBytes(text, destination);
        destination[length] = (byte)'\n';
        return length + 1;
    }
}
