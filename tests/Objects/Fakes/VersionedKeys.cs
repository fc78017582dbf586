using Serverless.Encryption;
using Serverless.Keys;

namespace Serverless.Objects.Tests;

/// <summary>Master and KMS keys with versions that a test turns over: real wraps under keys that are made on demand.</summary>
internal sealed class VersionedKeys : IMasterKeys, IKmsKeys, IBucketKeys
{
    public const string MasterId = "master";
    public const string KmsId = "us-east-1/11111111-2222-4333-8444-555555555555";
    public const string KmsArn = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-4333-8444-555555555555";

    private readonly Dictionary<(string, uint), SecretKey> _backing = [];
    private readonly HashSet<string> _usedBucketKeys = [];
    private readonly Dictionary<(EncryptionContext, uint), WrappedDataKey> _bucketKeys = [];

    public uint MasterVersion { get; set; } = 1;

    public uint KmsVersion { get; set; } = 1;

    /// <summary>A KMS key that cannot be used: what it throws.</summary>
    public KmsError? KmsRefusal { get; set; }

    public int Refusals { get; private set; }

    public ValueTask<byte[]> WrapAsync(SecretKey dataKey, EncryptionContext context, KeyUse use, CancellationToken cancellationToken) =>
        ValueTask.FromResult(KeyWrap.Wrap(Backing(MasterId, MasterVersion).Bytes, MasterId, MasterVersion, context, dataKey.Bytes));

    public ValueTask<SecretKey> UnwrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Unwrap(wrapped, context));

    public ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Rewrap(wrapped, context, MasterVersion));

    public ValueTask<WrappedDataKey> GenerateDataKeyAsync(string? keyId, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        if (KmsRefusal is not null) throw new KmsException(KmsRefusal);
        var plain = SecretKey.Generate();
        return ValueTask.FromResult(new WrappedDataKey(KmsArn, plain, KeyWrap.Wrap(Backing(KmsId, KmsVersion).Bytes, KmsId, KmsVersion, context, plain.Bytes)));
    }

    public ValueTask<(string KeyArn, byte[] Wrapped)> EncryptDataKeyAsync(
        string keyId, SecretKey dataKey, EncryptionContext context, KeyUse use, CancellationToken cancellationToken) => KmsRefusal is null
        ? ValueTask.FromResult((KmsArn, KeyWrap.Wrap(Backing(KmsId, KmsVersion).Bytes, KmsId, KmsVersion, context, dataKey.Bytes))) : throw new KmsException(KmsRefusal);

    /// <summary>One bucket key in each context, whose first use each way is on the trail.</summary>
    public async ValueTask<BucketKey> CreateAsync(string? keyId, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        var isFirst = !_bucketKeys.TryGetValue((context, KmsVersion), out var key);
        key ??= _bucketKeys[(context, KmsVersion)] = await GenerateDataKeyAsync(keyId, context, use, cancellationToken);
        return new(KmsArn, key.Plaintext, key.Wrapped, isFirst, new MemoryStream());
    }

    public async ValueTask<BucketKey> OpenAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        var plain = await DecryptDataKeyAsync(wrapped, context, use, cancellationToken);
        return new(KmsArn, plain, wrapped.ToArray(), _usedBucketKeys.Add(Convert.ToHexString(wrapped.Span)), plain);
    }

    public ValueTask<SecretKey> DecryptDataKeyAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, CancellationToken cancellationToken) =>
        KmsRefusal is null ? ValueTask.FromResult(Unwrap(wrapped, context)) : throw new KmsException(KmsRefusal);

    public ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, string region, CancellationToken cancellationToken) =>
        KmsRefusal is null ? ValueTask.FromResult(Rewrap(wrapped, context, KmsVersion)) : throw Refuse(KmsRefusal);

    /// <summary>The ARNs of names; the managed key's under the empty name.</summary>
    public Dictionary<string, string> Arns { get; } = [];

    /// <summary>The names that were looked up.</summary>
    public List<string?> Resolved { get; } = [];

    public ValueTask<string?> ResolveAsync(string? keyId, string region, CancellationToken cancellationToken)
    {
        Resolved.Add(keyId);
        return ValueTask.FromResult(Arns.GetValueOrDefault(keyId ?? ""));
    }

    private KmsException Refuse(KmsError refusal)
    {
        Refusals++;
        return new(refusal);
    }

    private byte[]? Rewrap(ReadOnlyMemory<byte> wrapped, EncryptionContext context, uint current)
    {
        Assert.True(KeyWrap.TryReadHeader(wrapped.Span, out var header));
        if (header.KeyVersion == current) return null;
        using var plain = Unwrap(wrapped, context);
        return KeyWrap.Wrap(Backing(header.KeyId, current).Bytes, header.KeyId, current, context, plain.Bytes);
    }

    private SecretKey Unwrap(ReadOnlyMemory<byte> wrapped, EncryptionContext context)
    {
        Assert.True(KeyWrap.TryReadHeader(wrapped.Span, out var header));
        Span<byte> plain = stackalloc byte[SecretKey.Size];
        return KeyWrap.TryUnwrap(Backing(header.KeyId, header.KeyVersion).Bytes, wrapped.Span, context, plain) ? SecretKey.Copy(plain) : throw new DataKeyException();
    }

    private SecretKey Backing(string id, uint version) => _backing.TryGetValue((id, version), out var key) ? key : _backing[(id, version)] = SecretKey.Generate();
}
