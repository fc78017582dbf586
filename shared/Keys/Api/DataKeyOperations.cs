using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>GenerateDataKey, GenerateDataKeyWithoutPlaintext and GenerateRandom.</summary>
internal sealed class DataKeyOperations(KmsKeyring keyring, KmsTrail trail)
{
    private const int MaxLength = 1024;

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html</summary>
    public Task GenerateDataKeyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken) =>
        GenerateAsync(request, call, answer, withPlaintext: true, cancellationToken);

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html</summary>
    public Task GenerateDataKeyWithoutPlaintextAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken) =>
        GenerateAsync(request, call, answer, withPlaintext: false, cancellationToken);

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html</summary>
    public async Task GenerateRandomAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        int length = request.Integer("NumberOfBytes", 1, MaxLength) ?? throw new KmsException(KmsErrors.Validation("NumberOfBytes is required."));
        request.Refuse("CustomKeyStoreId", "Recipient");
        keyring.Admit(call, "*");
        await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
        byte[] random = NewRandom(length);
        try
        {
            answer.WriteStartObject();
            answer.WriteBase64String("Plaintext"u8, random);
            answer.WriteEndObject();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(random);
        }
    }

    private async Task GenerateAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, bool withPlaintext, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        EncryptionContext context = request.EncryptionContext();
        call.With(keyId, context);
        int length = Length(request, call);
        request.Refuse("Recipient");
        using BackingKey backing = await keyring.HoldCurrentAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        call.StopIfDryRun();
        byte[] plaintext = NewRandom(length);
        try
        {
            byte[] wrapped = backing.Wrap(context, plaintext);
            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            answer.WriteStartObject();
            answer.WriteBase64String("CiphertextBlob"u8, wrapped);
            answer.WriteString("KeyId"u8, call.Key!.Arn);
            answer.WriteString("KeyMaterialId"u8, backing.MaterialId);
            if (withPlaintext)
            {
                answer.WriteBase64String("Plaintext"u8, plaintext);
            }

            answer.WriteEndObject();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static int Length(KmsRequest request, KmsCall call)
    {
        string? spec = request.Choice("KeySpec", ["AES_256", "AES_128"]);
        int? length = request.Integer("NumberOfBytes", 1, MaxLength);
        if (spec is null == length is null)
        {
            throw new KmsException(KmsErrors.Validation("Please specify either number of bytes or key spec."));
        }

        call.Parameters[spec is null ? "numberOfBytes" : "keySpec"] = spec is null ? JsonValue.Create(length) : JsonValue.Create(spec);
        return length ?? (spec == "AES_256" ? 32 : 16);
    }

    private static byte[] NewRandom(int length)
    {
        byte[] random = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        RandomNumberGenerator.Fill(random);
        return random;
    }
}
