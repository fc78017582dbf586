using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Serverless.Encryption;

namespace Serverless.Keys;

// Import token
//
// Purpose: what GetParametersForImport gives out and ImportKeyMaterial takes back, so that any instance can finish the import and nothing is stored meanwhile.
// References: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html; its form is ours, clients treat it as opaque. KeyWrap.cs for the wraps.
//
//   +--------+-----------+------------------+--------------+------------------------------+-----------------------------------+
//   | format | algorithm | expiry           | length of    | token key (32)               | private key, PKCS #8              |
//   |   1    |     1     | 8, BE, Unix ms   | next, 2, BE  | wrapped under the root key   | wrapped under the token key       |
//   +--------+-----------+------------------+--------------+------------------------------+-----------------------------------+
//
// The root key wraps keys of 28 to 64 bytes only, hence the key between. Both wraps' encryption context binds them to the KMS key, the algorithm and the expiry.

/// <summary>An import token that was opened: with which private key, and how, the material is to be unwrapped.</summary>
internal sealed class ImportToken : IDisposable
{
    private const byte Format = 1;
    private const int HeaderSize = 1 + 1 + sizeof(long) + sizeof(ushort);
    private const string WrapKeyId = "import";

    private readonly byte[] _privateKey;

    private ImportToken(WrappingAlgorithm algorithm, DateTimeOffset validTo, byte[] privateKey)
    {
        Algorithm = algorithm;
        ValidTo = validTo;
        _privateKey = privateKey;
    }

    public WrappingAlgorithm Algorithm { get; }

    public DateTimeOffset ValidTo { get; }

    /// <summary>The private key, until <see cref="Dispose"/> clears it.</summary>
    public ReadOnlySpan<byte> PrivateKey => _privateKey;

    /// <summary>Makes a token.</summary>
    /// <param name="root">What nobody else has.</param>
    /// <param name="key">The only KMS key that it will be good for.</param>
    /// <param name="algorithm">The only algorithm that it will be good for.</param>
    /// <param name="validTo">Until when; whole milliseconds.</param>
    /// <param name="privateKey">Stays the caller's to clear.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<byte[]> CreateAsync(
        IRootKey root, KmsKey key, WrappingAlgorithm algorithm, DateTimeOffset validTo, ReadOnlyMemory<byte> privateKey, CancellationToken cancellationToken)
    {
        EncryptionContext context = ContextOf(key, algorithm, validTo);
        using SecretKey tokenKey = SecretKey.Generate();
        byte[] wrappedKey = await root.WrapAsync(tokenKey, context, cancellationToken).ConfigureAwait(false);
        byte[] header = new byte[HeaderSize];
        header[0] = Format;
        header[1] = (byte)algorithm;
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(2), validTo.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2 + sizeof(long)), checked((ushort)wrappedKey.Length));
        return [.. header, .. wrappedKey, .. KeyWrap.Wrap(tokenKey.Bytes, WrapKeyId, Format, context, privateKey.Span)];
    }

    /// <summary>Opens a token; null, without a reason, for anything that was not made for this KMS key. Whether it has expired is for the caller to judge.</summary>
    public static async ValueTask<ImportToken?> OpenAsync(IRootKey root, KmsKey key, ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
    {
        if (!TryReadHeader(token.Span, out WrappingAlgorithm algorithm, out DateTimeOffset validTo, out int keySize))
        {
            return null;
        }

        EncryptionContext context = ContextOf(key, algorithm, validTo);
        using SecretKey? tokenKey = await root.UnwrapAsync(token.Slice(HeaderSize, keySize), context, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> wrapped = token[(HeaderSize + keySize)..];
        if (tokenKey is null || !KeyWrap.TryReadHeader(wrapped.Span, out WrapHeader header))
        {
            return null;
        }

        byte[] privateKey = GC.AllocateUninitializedArray<byte>(header.PlaintextLength, pinned: true);
        return KeyWrap.TryUnwrap(tokenKey.Bytes, wrapped.Span, context, privateKey) ? new(algorithm, validTo, privateKey) : null;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_privateKey);

    private static bool TryReadHeader(ReadOnlySpan<byte> token, out WrappingAlgorithm algorithm, out DateTimeOffset validTo, out int keySize)
    {
        (algorithm, validTo, keySize) = (default, default, 0);
        if (token.Length < HeaderSize || token[0] != Format)
        {
            return false;
        }

        algorithm = (WrappingAlgorithm)token[1];
        long milliseconds = BinaryPrimitives.ReadInt64BigEndian(token[2..]);
        keySize = BinaryPrimitives.ReadUInt16BigEndian(token[(2 + sizeof(long))..]);
        if (!Enum.IsDefined(algorithm) || keySize > token.Length - HeaderSize
            || milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return false;
        }

        validTo = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }

    private static EncryptionContext ContextOf(KmsKey key, WrappingAlgorithm algorithm, DateTimeOffset validTo) => EncryptionContext.Of(
    [
        new("purpose", "import-token"),
        new("key", KmsBackingKeys.WrapKeyId(key.Region, key.Id)),
        new("algorithm", algorithm.ToString()),
        new("valid-to", validTo.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
    ]);
}
