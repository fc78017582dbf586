using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <inheritdoc cref="IMasterKeys"/>
internal sealed class MasterKeys(
    MasterKeyring keyring, IMasterKeyStore store, IAuditTrail trail, IOptions<AuditOptions> audit, IOptions<ServiceIdentity> identity, TimeProvider time) : IMasterKeys
{
    private WrapMeter? _meter;

    public async ValueTask<byte[]> WrapAsync(SecretKey dataKey, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        byte[] wrapped = await WrapUnrecordedAsync(dataKey, context, cancellationToken).ConfigureAwait(false);
        await RecordAsync("GenerateDataKey", "AwsApiCall", wrapped, context, use, null, cancellationToken).ConfigureAwait(false);
        return wrapped;
    }

    public async ValueTask<SecretKey> UnwrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        SecretKey? dataKey = null;
        try
        {
            Exception? refusal = null;
            try
            {
                dataKey = await UnwrapUnrecordedAsync(wrapped, context, cancellationToken).ConfigureAwait(false);
                refusal = dataKey is null ? new DataKeyException() : null;
            }
            catch (RetiredVersionException retired)
            {
                refusal = retired;
            }

            await RecordAsync("Decrypt", "AwsApiCall", wrapped, context, use, refusal, cancellationToken).ConfigureAwait(false);
            return dataKey ?? throw refusal!;
        }
        catch
        {
            dataKey?.Dispose();
            throw;
        }
    }

    public async ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken)
    {
        uint current = await keyring.CurrentAsync(cancellationToken).ConfigureAwait(false);
        if (KeyWrap.TryReadHeader(wrapped.Span, out WrapHeader header) && header.KeyId == MasterKeyring.WrapKeyId && header.KeyVersion == current)
        {
            return null;
        }

        using SecretKey dataKey = await UnwrapUnrecordedAsync(wrapped, context, cancellationToken).ConfigureAwait(false) ?? throw new DataKeyException();
        byte[] rewrapped = await WrapUnrecordedAsync(dataKey, context, cancellationToken).ConfigureAwait(false);
        var use = KeyUse.OfService(identity.Value.AccountId, identity.Value.Region);
        await RecordAsync("ReEncrypt", "AwsServiceEvent", rewrapped, context, use, null, cancellationToken).ConfigureAwait(false);
        return rewrapped;
    }

    private async ValueTask<byte[]> WrapUnrecordedAsync(SecretKey dataKey, EncryptionContext context, CancellationToken cancellationToken)
    {
        using BackingKey master = await keyring.HoldCurrentAsync(cancellationToken).ConfigureAwait(false);
        await MeterOf(master.Version).CountAsync(cancellationToken).ConfigureAwait(false);
        KeyMetrics.CountWrap(master.Version);
        return master.Wrap(context, dataKey.Bytes);
    }

    private async ValueTask<SecretKey?> UnwrapUnrecordedAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken)
    {
        if (!KeyWrap.TryReadHeader(wrapped.Span, out WrapHeader header) || header.KeyId != MasterKeyring.WrapKeyId)
        {
            return null;
        }

        using BackingKey? master = await keyring.HoldAsync(header.KeyVersion, cancellationToken).ConfigureAwait(false);
        return master?.TryUnwrapKey(wrapped.Span, context);
    }

    // Two threads that meet a new version at once may make two meters; the one that is dropped leaves a part of its block counted and unused.
    private WrapMeter MeterOf(uint version)
    {
        WrapMeter? meter = Volatile.Read(ref _meter);
        if (meter?.Version != version)
        {
            meter = new WrapMeter(store, version);
            Volatile.Write(ref _meter, meter);
        }

        return meter;
    }

    private ValueTask RecordAsync(
        string name, string type, ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, Exception? refusal, CancellationToken cancellationToken)
    {
        if (audit.Value.Scope != AuditScope.All)
        {
            return default;
        }

        JsonObject? version = KeyWrap.TryReadHeader(wrapped.Span, out WrapHeader header) ? new JsonObject { ["masterKeyVersion"] = header.KeyVersion } : null;
        return trail.RecordAsync(
            new AuditEvent
            {
                EventTime = time.GetUtcNow(),
                EventSource = "s3.amazonaws.com",
                EventName = name,
                EventType = type,
                Region = use.Region,
                Caller = use.Caller,
                ReadOnly = true,
                RequestParameters = new JsonObject { ["encryptionContext"] = context.ToJson() },
                AdditionalEventData = version,
                Resources = use.ObjectArn is { } arn ? [new("AWS::S3::Object", arn)] : [],
                ErrorCode = refusal switch { null => null, RetiredVersionException => "KMSInvalidStateException", _ => "InvalidCiphertextException" },
                ErrorMessage = refusal?.Message,
            },
            cancellationToken);
    }
}
