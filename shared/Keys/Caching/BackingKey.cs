using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>One version of a master or KMS key, unwrapped and shared between requests.</summary>
internal sealed class BackingKey(string keyId, uint version, string materialId, SecretKey key) : SharedSecret
{
    /// <summary>The version's number, from 1.</summary>
    public uint Version => version;

    /// <summary>The material's public name, as KMS's KeyMaterialId.</summary>
    public string MaterialId => materialId;

    public byte[] Wrap(EncryptionContext context, ReadOnlySpan<byte> plaintext) => KeyWrap.Wrap(key.Bytes, keyId, version, context, plaintext);

    public bool TryUnwrap(ReadOnlySpan<byte> wrapped, EncryptionContext context, Span<byte> plaintext) => KeyWrap.TryUnwrap(key.Bytes, wrapped, context, plaintext);

    public byte[] ComputeMac(HmacAlgorithm algorithm, ReadOnlySpan<byte> message) => Hmac.Compute(algorithm, key.Bytes, message);

    public bool VerifyMac(HmacAlgorithm algorithm, ReadOnlySpan<byte> message, ReadOnlySpan<byte> mac) => Hmac.Verify(algorithm, key.Bytes, message, mac);

    /// <summary>Unwraps what must be a key of 32 bytes; null, without a reason, for anything else.</summary>
    public SecretKey? TryUnwrapKey(ReadOnlySpan<byte> wrapped, EncryptionContext context) => KeyWrap.TryUnwrapKey(key.Bytes, wrapped, context);

    protected override void Wipe() => key.Dispose();
}
