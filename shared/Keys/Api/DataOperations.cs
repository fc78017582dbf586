using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>Encrypt, Decrypt and ReEncrypt.</summary>
internal sealed class DataOperations(KmsKeyring keyring, KmsTrail trail)
{
    private const int MaxCiphertextLength = 6144;
    private const string IgnoreCiphertext = "IGNORE_CIPHERTEXT";
    private const string EncryptionAlgorithm = "kms:EncryptionAlgorithm";

    private static readonly string[] Algorithms = [KmsAnswers.Algorithm, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"];

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html</summary>
    public async Task EncryptAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        EncryptionContext context = request.EncryptionContext();
        call.With(keyId, context);
        string algorithm = Algorithm(request, call, "EncryptionAlgorithm");
        byte[] plaintext = request.Blob("Plaintext", KeyWrap.MaxPlaintextSize);
        try
        {
            using BackingKey backing = await keyring.HoldCurrentAsync(call, keyId, cancellationToken).ConfigureAwait(false);
            CheckAlgorithm(algorithm, call.Key!);
            call.StopIfDryRun();
            byte[] wrapped = backing.Wrap(context, plaintext);
            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            answer.WriteStartObject();
            answer.WriteBase64String("CiphertextBlob"u8, wrapped);
            answer.WriteString("EncryptionAlgorithm"u8, algorithm);
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
        string algorithm = Algorithm(request, call, "EncryptionAlgorithm");
        request.Refuse("Recipient");
        byte[]? wrapped = Ciphertext(request, call, keyId, "KeyId");

        KmsKey key = await FindAsync(call, keyId, wrapped, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        CheckAlgorithm(algorithm, key);
        byte[] plaintext = await OpenAsync(call, key, wrapped, context, cancellationToken).ConfigureAwait(false);
        try
        {
            call.StopIfDryRun();
            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            answer.WriteStartObject();
            answer.WriteString("EncryptionAlgorithm"u8, algorithm);
            answer.WriteString("KeyId"u8, key.Arn);
            answer.WriteString("KeyMaterialId"u8, call.Material!.Value.MaterialId);
            answer.WriteBase64String("Plaintext"u8, plaintext);
            answer.WriteEndObject();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html</summary>
    public async Task ReEncryptAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string? sourceId = request.Text("SourceKeyId", KmsRequest.MaxKeyIdLength, minLength: 1);
        string destinationId = request.RequiredText("DestinationKeyId", KmsRequest.MaxKeyIdLength);
        EncryptionContext sourceContext = request.EncryptionContext("SourceEncryptionContext");
        EncryptionContext destinationContext = request.EncryptionContext("DestinationEncryptionContext");
        call.Note("sourceKeyId", sourceId);
        call.Note("sourceEncryptionContext", sourceContext);
        call.Note("destinationKeyId", destinationId);
        call.Note("destinationEncryptionContext", destinationContext);
        string destinationAlgorithm = Algorithm(request, call, "DestinationEncryptionAlgorithm");
        string sourceAlgorithm = Algorithm(request, call, "SourceEncryptionAlgorithm");
        byte[]? wrapped = Ciphertext(request, call, sourceId, "SourceKeyId");

        KmsKey source = call.Source = await FindAsync(call, sourceId, wrapped, cancellationToken).ConfigureAwait(false);
        var from = new KeyAccess("ReEncryptFrom", sourceContext, call.Alias);
        KmsKey destination = await keyring.FindAsync(call, destinationId, cancellationToken).ConfigureAwait(false);
        var to = new KeyAccess("ReEncryptTo", destinationContext, call.Alias);
        call.Condition("kms:ReEncryptOnSameKey", source.Id == destination.Id ? "true" : "false");
        await keyring.AdmitAsync(call, source, from, cancellationToken).ConfigureAwait(false);
        call.Condition(EncryptionAlgorithm, destinationAlgorithm);
        await keyring.AdmitAsync(call, destination, to, cancellationToken).ConfigureAwait(false);
        CheckAlgorithm(sourceAlgorithm, source);
        CheckAlgorithm(destinationAlgorithm, destination);
        byte[] plaintext = await OpenAsync(call, source, wrapped, sourceContext, cancellationToken).ConfigureAwait(false);
        try
        {
            string sourceMaterial = call.Material!.Value.MaterialId;
            using BackingKey backing = await keyring.HoldCurrentAsync(call, destination, cancellationToken).ConfigureAwait(false);
            call.StopIfDryRun();
            byte[] rewrapped = backing.Wrap(destinationContext, plaintext);
            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            answer.WriteStartObject();
            answer.WriteBase64String("CiphertextBlob"u8, rewrapped);
            answer.WriteString("DestinationEncryptionAlgorithm"u8, destinationAlgorithm);
            answer.WriteString("DestinationKeyMaterialId"u8, backing.MaterialId);
            answer.WriteString("KeyId"u8, destination.Arn);
            answer.WriteString("SourceEncryptionAlgorithm"u8, sourceAlgorithm);
            answer.WriteString("SourceKeyId"u8, source.Arn);
            answer.WriteString("SourceKeyMaterialId"u8, sourceMaterial);
            answer.WriteEndObject();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static string Algorithm(KmsRequest request, KmsCall call, string member)
    {
        string algorithm = request.Choice(member, Algorithms) ?? KmsAnswers.Algorithm;
        call.Condition(EncryptionAlgorithm, algorithm);
        return algorithm;
    }

    private static void CheckAlgorithm(string algorithm, KmsKey key)
    {
        if (algorithm != key.Spec.Algorithm())
        {
            throw new KmsException(KmsErrors.IncompatibleAlgorithm(algorithm, key.Spec.Name()));
        }
    }

    // Null for a dry run that is about the permission alone; the key has to be named then.
    private static byte[]? Ciphertext(KmsRequest request, KmsCall call, string? keyId, string keyMember)
    {
        IReadOnlyList<string> modifiers = request.Texts("DryRunModifiers") ?? [];
        if (modifiers.FirstOrDefault(modifier => modifier != IgnoreCiphertext) is { } unknown)
        {
            throw new KmsException(KmsErrors.Constraint(unknown, "dryRunModifiers.1.member", $"Member must satisfy enum value set: [{IgnoreCiphertext}]"));
        }

        if (modifiers.Count == 0)
        {
            return request.Blob("CiphertextBlob", MaxCiphertextLength);
        }

        return !call.DryRun ? throw new KmsException(KmsErrors.Validation("DryRunModifiers can only be specified when DryRun is true."))
            : keyId is null ? throw new KmsException(KmsErrors.Validation($"{keyMember} is required when the ciphertext is ignored."))
            : null;
    }

    /// <summary>Finds the key that the caller names, else the one that the ciphertext does.</summary>
    private async ValueTask<KmsKey> FindAsync(KmsCall call, string? keyId, byte[]? wrapped, CancellationToken cancellationToken)
    {
        if (keyId is not null)
        {
            return await keyring.FindAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await keyring.FindAsync(call, KmsBackingKeys.HeaderOf(wrapped), cancellationToken).ConfigureAwait(false);
        }
        catch (KmsException e) when (e.Error.Code == "NotFoundException")
        {
            // Who has only a ciphertext is not told which keys exist.
            throw new KmsException(KmsErrors.CiphertextKeyNotFound);
        }
    }

    /// <summary>Opens a ciphertext with an admitted key. The array is the caller's, to be cleared.</summary>
    private async ValueTask<byte[]> OpenAsync(KmsCall call, KmsKey key, byte[]? wrapped, EncryptionContext context, CancellationToken cancellationToken)
    {
        if (wrapped is null)
        {
            throw new KmsException(KmsErrors.DryRun);
        }

        WrapHeader header = KmsBackingKeys.HeaderOf(wrapped);
        if (header.KeyId != KmsBackingKeys.WrapKeyId(key.Region, key.Id))
        {
            throw new KmsException(KmsErrors.IncorrectKey);
        }

        using BackingKey backing = await keyring.HoldAsync(call, key, header.KeyVersion, cancellationToken).ConfigureAwait(false)
            ?? throw new KmsException(KmsErrors.InvalidCiphertext);
        byte[] plaintext = GC.AllocateUninitializedArray<byte>(header.PlaintextLength, pinned: true);
        return backing.TryUnwrap(wrapped, context, plaintext) ? plaintext : throw new KmsException(KmsErrors.InvalidCiphertext);
    }
}
