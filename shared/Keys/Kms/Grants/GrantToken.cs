using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Serverless.Keys;

// Grant token
//
// Purpose: names a grant before every instance knows it, and proves that CreateGrant has named it. It gives nobody a permission: who uses it must be the grant's principal.
// Reference: https://docs.aws.amazon.com/kms/latest/developerguide/using-grant-token.html. Its form is ours; clients treat it as opaque.
//
//   base64 of  format (1) || key id (16) || grant id (32) || nonce (16) || HMAC-SHA-256 of all before under the grant's token key (32)
//
// The nonce makes the tokens of one grant differ; all are good as long as the grant is.

/// <summary>A grant token as it is read: which grant it claims to name.</summary>
internal sealed class GrantToken
{
    private const byte Format = 1;
    private const int KeyIdSize = 16;
    private const int GrantIdSize = 32;
    private const int NonceSize = 16;
    private const int SignedSize = 1 + KeyIdSize + GrantIdSize + NonceSize;
    private const int Size = SignedSize + HMACSHA256.HashSizeInBytes;

    private readonly byte[] _bytes;

    private GrantToken(byte[] bytes) => _bytes = bytes;

    /// <summary>The id of the grant's key.</summary>
    public string KeyId => new Guid(_bytes.AsSpan(1, KeyIdSize), bigEndian: true).ToString();

    /// <summary>The grant's id.</summary>
    public string GrantId => Convert.ToHexStringLower(_bytes.AsSpan(1 + KeyIdSize, GrantIdSize));

    private ReadOnlySpan<byte> Signed => _bytes.AsSpan(0, SignedSize);

    /// <summary>A new token of a grant.</summary>
    public static string Create(KmsGrant grant)
    {
        byte[] bytes = new byte[Size];
        bytes[0] = Format;
        Guid.Parse(grant.KeyId).TryWriteBytes(bytes.AsSpan(1), bigEndian: true, out _);
        Convert.FromHexString(grant.Id, bytes.AsSpan(1 + KeyIdSize, GrantIdSize), out _, out _);
        RandomNumberGenerator.Fill(bytes.AsSpan(SignedSize - NonceSize, NonceSize));
        HMACSHA256.HashData(grant.TokenKey, bytes.AsSpan(0, SignedSize), bytes.AsSpan(SignedSize));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Reads a token; false for anything that cannot be one. Whether it is, only its grant can tell.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out GrantToken? token)
    {
        byte[] bytes = new byte[Size];
        bool isToken = Convert.TryFromBase64String(text, bytes, out int written) && written == Size && bytes[0] == Format;
        token = isToken ? new(bytes) : null;
        return isToken;
    }

    /// <summary>Whether it was made for this grant.</summary>
    public bool IsOf(KmsGrant grant) =>
        grant.KeyId == KeyId && grant.Id == GrantId
        && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(grant.TokenKey, Signed), _bytes.AsSpan(SignedSize));
}
