using System.Security.Cryptography;
using Serverless.Access;
using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Sse;

/// <summary>A new object's data keys in both forms: plain, to seal the data with, and wrapped, to be stored.</summary>
/// <param name="KmsKeyArn">The KMS key's ARN in the KMS modes.</param>
public sealed record SealingKeys(SecretKey Inner, SecretKey? Outer, ObjectKeys Wrapped, string? KmsKeyArn) : IDisposable
{
    /// <summary>The plain keys, as they are had again when they are unwrapped; they are disposed with these.</summary>
    public OpenKeys Plain { get; } = new(Inner, Outer);

    public void Dispose()
    {
        Inner.Dispose();
        Outer?.Dispose();
    }
}

/// <summary>An object's data keys, unwrapped.</summary>
/// <param name="Manifest">What the object's manifest is authenticated with where that is not the data key.</param>
public sealed record OpenKeys(SecretKey Inner, SecretKey? Outer, SecretKey? Manifest = null) : IDisposable
{
    /// <summary>Keys of their own with the same bytes.</summary>
    public OpenKeys Copy() => new(Copy(Inner), Outer is null ? null : Copy(Outer), Manifest is null ? null : Copy(Manifest));

    public void Dispose()
    {
        Inner.Dispose();
        Outer?.Dispose();
        Manifest?.Dispose();
    }

    private static SecretKey Copy(SecretKey key) => SecretKey.Copy(key.Bytes);
}

/// <summary>
/// Makes, opens and re-wraps objects' data keys in each mode. The object's ARN is in every wrap's encryption context,
/// so that a wrapped key that was moved to another object does not open there.
/// </summary>
public sealed class DataKeyring(IKmsKeys kms, IMasterKeys masterKeys)
{
    /// <summary>The context's pair that S3 adds (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context).</summary>
    private const string ArnPair = "aws:s3:arn";

    /// <summary>What the wraps under a customer's key and under a bucket key name as their key: neither has an id of its own.</summary>
    private const string CustomerKeyId = "customer";
    private const string BucketKeyId = "bucket";

    /// <exception cref="S3Exception">The client's encryption context names another object, or the mode is one of KMS and the caller anonymous.</exception>
    /// <exception cref="KmsException">The KMS key cannot be used.</exception>
    public async ValueTask<SealingKeys> CreateAsync(
        EffectiveEncryption encryption, Bucket bucket, string key, Caller caller, CancellationToken cancellationToken)
    {
        if (encryption.UsesKms) RequireSignature(caller);
        var arn = bucket.ObjectArn(key);
        var use = Use(bucket, arn, caller, encryption.BucketKey);
        var boundTo = encryption.BucketKey ? bucket.Arn : arn;
        if (encryption.Context.Pairs.TryGetValue(ArnPair, out var named) && named != boundTo) throw new S3Exception(SseErrors.ForeignArn(ArnPair, boundTo));
        switch (encryption.Mode)
        {
            case EncryptionMode.Customer:
                var customerData = SecretKey.Generate();
                return new(customerData, null, new(WrapUnder(encryption.CustomerKey!.Key!, CustomerKeyId, arn, customerData)), null);

            case EncryptionMode.Kms when use.BucketKey:
                using (var bucketKey = await kms.GenerateDataKeyAsync(
                    encryption.KmsKeyId, ContextOf(encryption.Context, bucket.Arn), use, cancellationToken).ConfigureAwait(false))
                {
                    var data = SecretKey.Generate();
                    return new(data, null, new(WrapUnder(bucketKey.Plaintext, BucketKeyId, arn, data), bucketKey.Wrapped), bucketKey.KeyArn);
                }

            case EncryptionMode.Kms:
                var dataKey = await kms.GenerateDataKeyAsync(
                    encryption.KmsKeyId, ContextOf(encryption.Context, arn), use, cancellationToken).ConfigureAwait(false);
                return new(dataKey.Plaintext, null, new(dataKey.Wrapped), dataKey.KeyArn);

            case EncryptionMode.DoubleKms:
                var inner = await kms.GenerateDataKeyAsync(
                    encryption.KmsKeyId, ContextOf(encryption.Context, arn), use, cancellationToken).ConfigureAwait(false);
                try
                {
                    var (outer, wrappedOuter) = await CreateUnderMasterKeyAsync(arn, use, cancellationToken).ConfigureAwait(false);
                    return new(inner.Plaintext, outer, new(inner.Wrapped, OuterKey: wrappedOuter), inner.KeyArn);
                }
                catch
                {
                    inner.Dispose();
                    throw;
                }

            default:
                var (plain, wrapped) = await CreateUnderMasterKeyAsync(arn, use, cancellationToken).ConfigureAwait(false);
                return new(plain, null, new(wrapped), null);
        }
    }

    /// <summary>
    /// The keys of an object that will come in parts. With SSE-C also one for its manifest, which is written by a request that need not carry the customer's key.
    /// </summary>
    /// <exception cref="KmsException">The KMS key cannot be used.</exception>
    public async ValueTask<SealingKeys> CreateForPartsAsync(
        EffectiveEncryption encryption, Bucket bucket, string key, Caller caller, CancellationToken cancellationToken)
    {
        var keys = await CreateAsync(encryption, bucket, key, caller, cancellationToken).ConfigureAwait(false);
        if (encryption.Mode is not EncryptionMode.Customer) return keys;
        try
        {
            var arn = bucket.ObjectArn(key);
            var (manifest, wrapped) = await CreateUnderMasterKeyAsync(arn, Use(bucket, arn, caller, bucketKey: false), cancellationToken).ConfigureAwait(false);
            manifest.Dispose();
            return keys with { Wrapped = keys.Wrapped with { ManifestKey = wrapped } };
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <summary>What the manifest of an object that came in parts is authenticated with: the data key, or with SSE-C, whose data key the request cannot open, a key of its own.</summary>
    /// <exception cref="KmsException">The KMS key cannot be used.</exception>
    /// <exception cref="DataKeyException">The wrapped key is not this object's, or was changed.</exception>
    public async ValueTask<SecretKey> OpenManifestKeyAsync(StoredObject stored, Bucket bucket, string key, Caller caller, CancellationToken cancellationToken)
    {
        if (stored.Description.Mode is EncryptionMode.Customer)
            return await UnwrapManifestKeyAsync(stored, bucket, key, caller, cancellationToken).ConfigureAwait(false) ?? throw new DataKeyException();
        using var keys = await OpenAsync(stored, customerKey: null, bucket, key, caller, cancellationToken).ConfigureAwait(false);
        return SecretKey.Copy(keys.Inner.Bytes);
    }

    /// <exception cref="S3Exception">
    /// The object is SSE-C and the request's key is missing or wrong, or it is not SSE-C and the request has one, or its key is one of KMS and the caller anonymous.
    /// </exception>
    /// <exception cref="KmsException">The KMS key cannot be used.</exception>
    /// <exception cref="DataKeyException">The wrapped key is not this object's, or was changed.</exception>
    public async ValueTask<OpenKeys> OpenAsync(
        StoredObject stored, CustomerKey? customerKey, Bucket bucket, string key, Caller caller, CancellationToken cancellationToken)
    {
        if (CheckCustomerKey(stored, customerKey, bucket, key) is { } customerData)
        {
            try
            {
                return new(customerData, null, await UnwrapManifestKeyAsync(stored, bucket, key, caller, cancellationToken).ConfigureAwait(false));
            }
            catch
            {
                customerData.Dispose();
                throw;
            }
        }

        var arn = bucket.ObjectArn(key);
        var keys = stored.Keys;
        var use = Use(bucket, arn, caller, keys.BucketKey is not null);
        if (stored.Description.Mode is EncryptionMode.S3)
            return new(await masterKeys.UnwrapAsync(keys.DataKey, ArnContext(arn), use, cancellationToken).ConfigureAwait(false), null);

        RequireSignature(caller);
        var context = StoredContext(stored);
        if (keys.BucketKey is not null && stored.Description.Mode is EncryptionMode.Kms)
        {
            using var bucketKey = await kms.DecryptDataKeyAsync(keys.BucketKey, ContextOf(context, bucket.Arn), use, cancellationToken).ConfigureAwait(false);
            return new(UnwrapUnder(bucketKey, arn, keys.DataKey) ?? throw new DataKeyException(), null);
        }

        var inner = await kms.DecryptDataKeyAsync(keys.DataKey, ContextOf(context, arn), use, cancellationToken).ConfigureAwait(false);
        if (stored.Description.Mode is EncryptionMode.Kms) return new(inner, null);
        try
        {
            return new(inner, await masterKeys.UnwrapAsync(
                keys.OuterKey ?? throw new DataKeyException(), ArnContext(arn), use, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            inner.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Judges a request's customer key against the object: the data key where it opens, null where the object is in another mode and the request has no key.
    /// </summary>
    /// <exception cref="S3Exception">The key is missing, wrong, or not applicable.</exception>
    public static SecretKey? CheckCustomerKey(StoredObject stored, CustomerKey? customerKey, Bucket bucket, string key)
    {
        if (stored.Description.Mode is not EncryptionMode.Customer)
            return customerKey is null ? null : throw new S3Exception(SseErrors.NotApplicable);
        if (customerKey is null) throw new S3Exception(SseErrors.KeyNeeded);
        if (customerKey.Key is null) throw new S3Exception(SseErrors.WrongKey);
        return UnwrapUnder(customerKey.Key, bucket.ObjectArn(key), stored.Keys.DataKey) ?? throw new S3Exception(SseErrors.WrongKey);
    }

    /// <summary>The object's keys under their wrapping keys' current versions; null when they are already, or when the client alone has the wrapping key.</summary>
    public async ValueTask<ObjectKeys?> RewrapAsync(StoredObject stored, Bucket bucket, string key, CancellationToken cancellationToken)
    {
        var arn = bucket.ObjectArn(key);
        var keys = stored.Keys;
        var context = StoredContext(stored);
        switch (stored.Description.Mode)
        {
            case EncryptionMode.S3:
                return await masterKeys.RewrapAsync(keys.DataKey, ArnContext(arn), cancellationToken).ConfigureAwait(false) is { } s3
                    ? keys with { DataKey = s3 } : null;

            case EncryptionMode.Kms when keys.BucketKey is not null:
                return await kms.RewrapAsync(keys.BucketKey, ContextOf(context, bucket.Arn), bucket.Region, cancellationToken).ConfigureAwait(false) is { } bk
                    ? keys with { BucketKey = bk } : null;

            case EncryptionMode.Kms or EncryptionMode.DoubleKms:
                var inner = await kms.RewrapAsync(keys.DataKey, ContextOf(context, arn), bucket.Region, cancellationToken).ConfigureAwait(false);
                var outer = keys.OuterKey is null ? null
                    : await masterKeys.RewrapAsync(keys.OuterKey, ArnContext(arn), cancellationToken).ConfigureAwait(false);
                return inner is null && outer is null ? null : keys with { DataKey = inner ?? keys.DataKey, OuterKey = outer ?? keys.OuterKey };

            case EncryptionMode.Customer when keys.ManifestKey is not null:
                return await masterKeys.RewrapAsync(keys.ManifestKey, ArnContext(arn), cancellationToken).ConfigureAwait(false) is { } manifest
                    ? keys with { ManifestKey = manifest } : null;

            default:
                return null;
        }
    }

    private async ValueTask<SecretKey?> UnwrapManifestKeyAsync(StoredObject stored, Bucket bucket, string key, Caller caller, CancellationToken cancellationToken)
    {
        if (stored.Keys.ManifestKey is not { } wrapped) return null;
        var arn = bucket.ObjectArn(key);
        return await masterKeys.UnwrapAsync(wrapped, ArnContext(arn), Use(bucket, arn, caller, bucketKey: false), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<(SecretKey Plain, byte[] Wrapped)> CreateUnderMasterKeyAsync(string arn, KeyUse use, CancellationToken cancellationToken)
    {
        var data = SecretKey.Generate();
        try
        {
            return (data, await masterKeys.WrapAsync(data, ArnContext(arn), use, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>A KMS key is used for somebody (API_GetObject.html: SSE-KMS needs Signature Version 4), whatever a bucket's policy lets everybody do.</summary>
    private static void RequireSignature(Caller caller)
    {
        if (caller.Principal.Type is PrincipalType.Anonymous) throw new S3Exception(SseErrors.SignatureV4Needed);
    }

    private static KeyUse Use(Bucket bucket, string arn, Caller caller, bool bucketKey) => new(caller, bucket.Region, "s3", arn, bucketKey);

    /// <summary>The client's own context and S3's pair. A client may send that pair itself; what it says never counts.</summary>
    private static EncryptionContext ContextOf(EncryptionContext client, string arn) =>
        EncryptionContext.Of([.. client.Pairs.Where(pair => pair.Key != ArnPair), new(ArnPair, arn)]);

    private static EncryptionContext ArnContext(string arn) => EncryptionContext.Empty.With(ArnPair, arn);

    private static EncryptionContext StoredContext(StoredObject stored) =>
        stored.Description.EncryptionContext is { } pairs ? EncryptionContext.Of(pairs) : EncryptionContext.Empty;

    private static byte[] WrapUnder(SecretKey wrappingKey, string keyId, string arn, SecretKey data) =>
        KeyWrap.Wrap(wrappingKey.Bytes, keyId, 0, ArnContext(arn), data.Bytes);

    private static SecretKey? UnwrapUnder(SecretKey wrappingKey, string arn, byte[] wrapped)
    {
        Span<byte> data = stackalloc byte[SecretKey.Size];
        try
        {
            return KeyWrap.TryUnwrap(wrappingKey.Bytes, wrapped, ArnContext(arn), data) ? SecretKey.Copy(data) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(data);
        }
    }
}
