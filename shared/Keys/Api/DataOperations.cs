using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>GenerateDataKey, Encrypt and Decrypt.</summary>
internal sealed class DataOperations(KmsKeyring keyring, KmsTrail trail)
{
    private const int MaxCiphertextLength = 6144;
    private const int MaxDataKeyLength = 1024;
    private const string KeySpecs = "Member must satisfy enum value set: [AES_256, AES_128]";

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html</summary>
    public async Task GenerateDataKeyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        EncryptionContext context = request.EncryptionContext();
        call.With(keyId, context);
        byte[] plaintext = GC.AllocateUninitializedArray<byte>(DataKeyLength(request, call), pinned: true);
        request.Refuse("DryRun", "Recipient");
        RandomNumberGenerator.Fill(plaintext);
        try
        {
            byte[] wrapped = await WrapAsync(call, keyId, context, plaintext, cancellationToken).ConfigureAwait(false);
            answer.WriteStartObject();
            answer.WriteBase64String("CiphertextBlob"u8, wrapped);
            answer.WriteString("KeyId"u8, call.Key!.Arn);
            answer.WriteString("KeyMaterialId"u8, call.Material!.Value.MaterialId);
            answer.WriteBase64String("Plaintext"u8, plaintext);
            answer.WriteEndObject();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html</summary>
    public async Task EncryptAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        EncryptionContext context = request.EncryptionContext();
        call.With(keyId, context);
        request.AllowOnly("EncryptionAlgorithm", KmsAnswers.Algorithm);
        request.Refuse("DryRun");
        byte[] plaintext = request.Blob("Plaintext", KeyWrap.MaxPlaintextSize);
        try
        {
            byte[] wrapped = await WrapAsync(call, keyId, context, plaintext, cancellationToken).ConfigureAwait(false);
            answer.WriteStartObject();
            answer.WriteBase64String("CiphertextBlob"u8, wrapped);
            answer.WriteString("EncryptionAlgorithm"u8, KmsAnswers.Algorithm);
            answer.WriteString("KeyId"u8, call.Key!.Arn);
            answer.WriteEndObject();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html</summary>
    public async Task DecryptAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string? keyId = request.OptionalKeyId;
        EncryptionContext context = request.EncryptionContext();
        call.With(keyId, context);
        request.AllowOnly("EncryptionAlgorithm", KmsAnswers.Algorithm);
        request.Refuse("DryRun", "Recipient");
        byte[] wrapped = request.Blob("CiphertextBlob", MaxCiphertextLength);
        KmsKey? expected = keyId is null ? null : await keyring.FindAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        if (!KeyWrap.TryReadHeader(wrapped, out WrapHeader header))
        {
            throw new KmsException(KmsErrors.InvalidCiphertext);
        }

        using BackingKey backing = await HoldForAsync(call, header, expected, cancellationToken).ConfigureAwait(false);
        byte[] plaintext = GC.AllocateUninitializedArray<byte>(header.PlaintextLength, pinned: true);
        try
        {
            if (!backing.TryUnwrap(wrapped, context, plaintext))
            {
                throw new KmsException(KmsErrors.InvalidCiphertext);
            }

            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            answer.WriteStartObject();
            answer.WriteString("EncryptionAlgorithm"u8, KmsAnswers.Algorithm);
            answer.WriteString("KeyId"u8, call.Key!.Arn);
            answer.WriteString("KeyMaterialId"u8, backing.MaterialId);
            answer.WriteBase64String("Plaintext"u8, plaintext);
            answer.WriteEndObject();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private async Task<byte[]> WrapAsync(KmsCall call, string keyId, EncryptionContext context, byte[] plaintext, CancellationToken cancellationToken)
    {
        using BackingKey backing = await keyring.HoldCurrentAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        byte[] wrapped = backing.Wrap(context, plaintext);
        await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
        return wrapped;
    }

    private async Task<BackingKey> HoldForAsync(KmsCall call, WrapHeader header, KmsKey? expected, CancellationToken cancellationToken)
    {
        if (expected is not null && header.KeyId != KmsBackingKeys.WrapKeyId(expected.Region, expected.Id))
        {
            throw new KmsException(KmsErrors.IncorrectKey);
        }

        try
        {
            await keyring.FindAsync(call, header, cancellationToken).ConfigureAwait(false);
        }
        catch (KmsException e) when (e.Error.Code == "NotFoundException")
        {
            // Who has only a ciphertext is not told which keys exist.
            throw new KmsException(KmsErrors.CiphertextKeyNotFound);
        }

        return await keyring.HoldForAsync(call, header, cancellationToken).ConfigureAwait(false);
    }

    private static int DataKeyLength(KmsRequest request, KmsCall call)
    {
        string? spec = request.Text("KeySpec", int.MaxValue);
        int? length = request.Integer("NumberOfBytes", 1, MaxDataKeyLength);
        if (spec is null == length is null)
        {
            throw new KmsException(KmsErrors.Validation("Please specify either number of bytes or key spec."));
        }

        call.Parameters[spec is null ? "numberOfBytes" : "keySpec"] = spec is null ? JsonValue.Create(length) : JsonValue.Create(spec);
        return length ?? spec switch
        {
            "AES_256" => 32,
            "AES_128" => 16,
            _ => throw new KmsException(KmsErrors.Constraint(spec!, "keySpec", KeySpecs)),
        };
    }
}
