using Serverless.Access;
using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;
using static Serverless.Objects.Sse.KeyBinding;

namespace Serverless.Objects.Sse;

/// <summary>
/// Makes, opens and re-wraps objects' data keys in each mode. The object's ARN is in every wrap's encryption context,
/// so that a wrapped key that was moved to another object does not open there.
/// </summary>
public sealed class DataKeyring(IKmsKeys kms, IBucketKeys bucketKeys, IMasterKeys masterKeys, BucketKeyTrail trail)
{
    /// <exception cref="S3Exception">The client's encryption context names another object, or the mode is one of KMS and the caller anonymous.</exception>
    /// <exception cref="KmsException">The KMS key cannot be used.</exception>
    public async ValueTask<SealingKeys> CreateAsync(
        EffectiveEncryption encryption, Bucket bucket, string key, Caller caller, CancellationToken cancellationToken)
    {
        var arn = bucket.ObjectArn(key);
        var use = Admit(encryption, bucket, arn, caller);
        switch (encryption.Mode)
        {
            case EncryptionMode.Customer:
                var customerData = SecretKey.Generate();
                return new(customerData, null, new(WrapUnder(encryption.CustomerKey!.Key!, CustomerKeyId, arn, customerData)), null);

            case EncryptionMode.Kms when encryption.BucketKey:
                var data = SecretKey.Generate();
                try
                {
                    var (wrappedData, keyArn, recorded) = await WrapUnderBucketKeyAsync(data, encryption, bucket, arn, use, cancellationToken).ConfigureAwait(false);
                    return new(data, null, wrappedData, keyArn) { Recorded = recorded };
                }
                catch
                {
                    data.Dispose();
                    throw;
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
    /// Wraps a data key that an object has already in another way. The object's data, sealed under it, stay as they are: only what is sealed in one layer can be wrapped anew.
    /// </summary>
    /// <exception cref="S3Exception">The caller is anonymous and the mode one of KMS.</exception>
    /// <exception cref="KmsException">The KMS key cannot be used.</exception>
    public async ValueTask<(ObjectKeys Keys, string? KmsKeyArn)> WrapAsync(
        SecretKey data, EffectiveEncryption encryption, Bucket bucket, string key, Caller caller, CancellationToken cancellationToken)
    {
        var arn = bucket.ObjectArn(key);
        var use = Admit(encryption, bucket, arn, caller);
        switch (encryption.Mode)
        {
            case EncryptionMode.S3:
                return (new(await masterKeys.WrapAsync(data, ContextOf(arn), use, cancellationToken).ConfigureAwait(false)), null);

            case EncryptionMode.Kms when encryption.BucketKey:
                var (wrapped, keyArn, recorded) = await WrapUnderBucketKeyAsync(data, encryption, bucket, arn, use, cancellationToken).ConfigureAwait(false);
                await recorded.ConfigureAwait(false);
                return (wrapped, keyArn);

            case EncryptionMode.Kms:
                var (kmsKeyArn, underKms) = await kms.EncryptDataKeyAsync(
                    encryption.KmsKeyId!, data, ContextOf(encryption.Context, arn), use, cancellationToken).ConfigureAwait(false);
                return (new(underKms), kmsKeyArn);

            default:
                throw new ArgumentOutOfRangeException(nameof(encryption), encryption.Mode, "There is no data key to be wrapped anew.");
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
        try
        {
            await keys.Recorded.ConfigureAwait(false);
            if (encryption.Mode is not EncryptionMode.Customer) return keys;
            var arn = bucket.ObjectArn(key);
            var (manifest, wrapped) = await CreateUnderMasterKeyAsync(arn, UseFor(bucket, arn, caller, bucketKey: false), cancellationToken).ConfigureAwait(false);
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
        var keys = await OpenDataKeysAsync(stored, customerKey, bucket, key, caller, cancellationToken).ConfigureAwait(false);
        try
        {
            return keys with { Manifest = await UnwrapManifestKeyAsync(stored, bucket, key, caller, cancellationToken).ConfigureAwait(false) };
        }
        catch
        {
            keys.Dispose();
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
        var (keys, context) = (stored.Keys, ClientContextOf(stored.Description));
        var rewrapped = stored.Description.Mode switch
        {
            EncryptionMode.S3 => keys with { DataKey = await RewrapByMasterAsync(keys.DataKey).ConfigureAwait(false) ?? keys.DataKey },
            EncryptionMode.Kms when keys.BucketKey is not null => keys with
            {
                BucketKey = await bucketKeys.RewrapAsync(keys.BucketKey, ContextOf(context, bucket.Arn), bucket.Region, cancellationToken).ConfigureAwait(false) ?? keys.BucketKey,
            },
            EncryptionMode.Kms or EncryptionMode.DoubleKms => keys with
            {
                DataKey = await kms.RewrapAsync(keys.DataKey, ContextOf(context, arn), bucket.Region, cancellationToken).ConfigureAwait(false) ?? keys.DataKey,
                OuterKey = await RewrapByMasterAsync(keys.OuterKey).ConfigureAwait(false) ?? keys.OuterKey,
            },
            _ => keys,
        };
        rewrapped = rewrapped with { ManifestKey = await RewrapByMasterAsync(keys.ManifestKey).ConfigureAwait(false) ?? keys.ManifestKey };
        return rewrapped == keys ? null : rewrapped;

        ValueTask<byte[]?> RewrapByMasterAsync(byte[]? wrapped) => wrapped is null ? default : masterKeys.RewrapAsync(wrapped, ContextOf(arn), cancellationToken);
    }

    private async ValueTask<OpenKeys> OpenDataKeysAsync(
        StoredObject stored, CustomerKey? customerKey, Bucket bucket, string key, Caller caller, CancellationToken cancellationToken)
    {
        if (CheckCustomerKey(stored, customerKey, bucket, key) is { } customerData) return new(customerData, null);

        var arn = bucket.ObjectArn(key);
        var keys = stored.Keys;
        var use = UseFor(bucket, arn, caller, keys.BucketKey is not null);
        if (stored.Description.Mode is EncryptionMode.S3)
            return new(await masterKeys.UnwrapAsync(keys.DataKey, ContextOf(arn), use, cancellationToken).ConfigureAwait(false), null);

        RequireSignature(caller);
        var client = ClientContextOf(stored.Description);
        if (keys.BucketKey is not null && stored.Description.Mode is EncryptionMode.Kms)
        {
            var context = ContextOf(client, bucket.Arn);
            using var bucketKey = await bucketKeys.OpenAsync(keys.BucketKey, context, use, cancellationToken).ConfigureAwait(false);
            if (!bucketKey.IsRecorded) await trail.RecordAsync(BucketKeyTrail.Decrypted, use, bucketKey, context, cancellationToken).ConfigureAwait(false);
            return new(UnwrapUnder(bucketKey.Plaintext, arn, keys.DataKey) ?? throw new DataKeyException(), null);
        }

        var inner = await kms.DecryptDataKeyAsync(keys.DataKey, ContextOf(client, arn), use, cancellationToken).ConfigureAwait(false);
        if (stored.Description.Mode is EncryptionMode.Kms) return new(inner, null);
        try
        {
            return new(inner, await masterKeys.UnwrapAsync(
                keys.OuterKey ?? throw new DataKeyException(), ContextOf(arn), use, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            inner.Dispose();
            throw;
        }
    }

    /// <summary>Wraps a data key under a bucket key. The use is on its way to the trail when this returns.</summary>
    private async ValueTask<(ObjectKeys Keys, string KmsKeyArn, Task Recorded)> WrapUnderBucketKeyAsync(
        SecretKey data, EffectiveEncryption encryption, Bucket bucket, string arn, KeyUse use, CancellationToken cancellationToken)
    {
        var context = ContextOf(encryption.Context, bucket.Arn);
        using var bucketKey = await bucketKeys.CreateAsync(encryption.KmsKeyId, context, use, cancellationToken).ConfigureAwait(false);
        var recorded = bucketKey.IsRecorded ? Task.CompletedTask
            : trail.RecordAsync(BucketKeyTrail.Encrypted, use, bucketKey, context, cancellationToken).AsTask();
        return (new(WrapUnder(bucketKey.Plaintext, BucketKeyId, arn, data), bucketKey.Wrapped), bucketKey.KeyArn, recorded);
    }

    /// <exception cref="S3Exception">The client's encryption context names another object, or the caller is anonymous.</exception>
    private static KeyUse Admit(EffectiveEncryption encryption, Bucket bucket, string arn, Caller caller)
    {
        if (encryption.UsesKms) RequireSignature(caller);
        var boundTo = encryption.BucketKey ? bucket.Arn : arn;
        return encryption.Context.Pairs.TryGetValue(ArnPair, out var named) && named != boundTo
            ? throw new S3Exception(SseErrors.ForeignArn(ArnPair, boundTo))
            : UseFor(bucket, arn, caller, encryption.BucketKey);
    }

    private async ValueTask<SecretKey?> UnwrapManifestKeyAsync(StoredObject stored, Bucket bucket, string key, Caller caller, CancellationToken cancellationToken)
    {
        if (stored.Keys.ManifestKey is not { } wrapped) return null;
        var arn = bucket.ObjectArn(key);
        return await masterKeys.UnwrapAsync(wrapped, ContextOf(arn), UseFor(bucket, arn, caller, bucketKey: false), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<(SecretKey Plain, byte[] Wrapped)> CreateUnderMasterKeyAsync(string arn, KeyUse use, CancellationToken cancellationToken)
    {
        var data = SecretKey.Generate();
        try
        {
            return (data, await masterKeys.WrapAsync(data, ContextOf(arn), use, cancellationToken).ConfigureAwait(false));
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
}
