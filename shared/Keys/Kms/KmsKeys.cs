using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <inheritdoc cref="IKmsKeys"/>
internal sealed class KmsKeys(KmsKeyring keyring, KmsTrail trail, IOptions<ServiceIdentity> identity) : IKmsKeys
{
    public async ValueTask<WrappedDataKey> GenerateDataKeyAsync(string? keyId, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        KmsCall call = new KmsCall(KmsOperation.GenerateDataKey, use).With(keyId ?? KmsAlias.ManagedS3, context);
        call.Parameters["keySpec"] = "AES_256";
        SecretKey dataKey = SecretKey.Generate();
        try
        {
            using BackingKey backing = await keyring.HoldCurrentAsync(call, keyId, cancellationToken).ConfigureAwait(false);
            byte[] wrapped = backing.Wrap(context, dataKey.Bytes);
            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            return new WrappedDataKey(call.Key!.Arn, dataKey, wrapped);
        }
        catch (Exception e)
        {
            dataKey.Dispose();
            await RecordRefusalAsync(call, e, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<(string KeyArn, byte[] Wrapped)> EncryptDataKeyAsync(
        string keyId, SecretKey dataKey, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        KmsCall call = new KmsCall(KmsOperation.Encrypt, use).With(keyId, context);
        try
        {
            using BackingKey backing = await keyring.HoldCurrentAsync(call, keyId, cancellationToken).ConfigureAwait(false);
            byte[] wrapped = backing.Wrap(context, dataKey.Bytes);
            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            return (call.Key!.Arn, wrapped);
        }
        catch (KmsException e)
        {
            await trail.RecordRefusalAsync(call, e.Error, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<SecretKey> DecryptDataKeyAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        KmsCall call = new KmsCall(KmsOperation.Decrypt, use).With(null, context);
        SecretKey? dataKey = null;
        try
        {
            WrapHeader header = KmsBackingKeys.HeaderOf(wrapped.Span);
            using BackingKey backing = await keyring.HoldForAsync(call, header, cancellationToken).ConfigureAwait(false);
            dataKey = backing.TryUnwrapKey(wrapped.Span, context) ?? throw new KmsException(KmsErrors.InvalidCiphertext);
            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            return dataKey;
        }
        catch (Exception e)
        {
            dataKey?.Dispose();
            await RecordRefusalAsync(call, e, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, string region, CancellationToken cancellationToken)
    {
        var use = KeyUse.OfService(identity.Value.AccountId, region);
        KmsCall call = new KmsCall(KmsOperation.ReEncrypt, use) { EventType = "AwsServiceEvent" }.With(null, context);
        try
        {
            WrapHeader header = KmsBackingKeys.HeaderOf(wrapped.Span);
            KmsKey key = await keyring.FindAsync(call, header, cancellationToken).ConfigureAwait(false);
            if (header.KeyVersion == key.CurrentVersion)
            {
                return null;
            }

            await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
            using BackingKey before = await keyring.HoldAsync(call, key, header.KeyVersion, cancellationToken).ConfigureAwait(false)
                ?? throw new KmsException(KmsErrors.InvalidCiphertext);
            using SecretKey dataKey = before.TryUnwrapKey(wrapped.Span, context) ?? throw new KmsException(KmsErrors.InvalidCiphertext);
            using BackingKey current = await keyring.HoldCurrentAsync(call, key, cancellationToken).ConfigureAwait(false);
            byte[] rewrapped = current.Wrap(context, dataKey.Bytes);
            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            return rewrapped;
        }
        catch (KmsException e)
        {
            await trail.RecordRefusalAsync(call, e.Error, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<string?> ResolveAsync(string? keyId, string region, CancellationToken cancellationToken) =>
        (await keyring.TryFindAsync(keyId ?? KmsAlias.ManagedS3, region, cancellationToken).ConfigureAwait(false))?.Arn;

    private ValueTask RecordRefusalAsync(KmsCall call, Exception e, CancellationToken cancellationToken) =>
        e is KmsException refused ? trail.RecordRefusalAsync(call, refused.Error, cancellationToken) : default;
}
