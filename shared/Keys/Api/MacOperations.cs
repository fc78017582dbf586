using System.Text.Json;

namespace Serverless.Keys;

/// <summary>GenerateMac and VerifyMac. A MAC names no version of its key: HMAC keys are not rotated.</summary>
internal sealed class MacOperations(KmsKeyring keyring, KmsTrail trail)
{
    private const int MaxMessageLength = 4096;
    private const int MaxMacLength = 6144;

    private static readonly string[] Algorithms = ["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"];

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html</summary>
    public async Task GenerateMacAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        byte[] message = request.Blob("Message", MaxMessageLength);
        using BackingKey backing = await HoldAsync(request, call, cancellationToken).ConfigureAwait(false);
        KmsKey key = call.Key!;
        call.StopIfDryRun();
        byte[] mac = backing.ComputeMac(KeyUsageTable.HmacAlgorithmOf(key.Spec), message);
        await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        answer.WriteString("KeyId"u8, key.Arn);
        answer.WriteBase64String("Mac"u8, mac);
        answer.WriteString("MacAlgorithm"u8, key.Spec.Algorithm());
        answer.WriteEndObject();
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html</summary>
    public async Task VerifyMacAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        byte[] message = request.Blob("Message", MaxMessageLength);
        byte[] mac = request.Blob("Mac", MaxMacLength);
        using BackingKey backing = await HoldAsync(request, call, cancellationToken).ConfigureAwait(false);
        KmsKey key = call.Key!;
        if (!backing.VerifyMac(KeyUsageTable.HmacAlgorithmOf(key.Spec), message, mac))
        {
            throw new KmsException(KmsErrors.InvalidMac);
        }

        call.StopIfDryRun();
        await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        answer.WriteString("KeyId"u8, key.Arn);
        answer.WriteString("MacAlgorithm"u8, key.Spec.Algorithm());
        answer.WriteBoolean("MacValid"u8, true);
        answer.WriteEndObject();
    }

    private async Task<BackingKey> HoldAsync(KmsRequest request, KmsCall call, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        string algorithm = request.Choice("MacAlgorithm", Algorithms) ?? throw new KmsException(KmsErrors.Missing("macAlgorithm"));
        call.Note("keyId", keyId);
        call.Note("macAlgorithm", algorithm);
        call.Condition("kms:MacAlgorithm", algorithm);
        KmsKey key = await keyring.FindAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        return algorithm == key.Spec.Algorithm()
            ? await keyring.HoldCurrentAsync(call, key, cancellationToken).ConfigureAwait(false)
            : throw new KmsException(KmsErrors.IncompatibleAlgorithm(algorithm, key.Spec.Name()));
    }
}
