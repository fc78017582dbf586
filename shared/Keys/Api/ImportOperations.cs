using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>GetParametersForImport, ImportKeyMaterial and DeleteImportedKeyMaterial. They take a key id or key ARN, not an alias.</summary>
internal sealed partial class ImportOperations(IKmsKeyStore store, KmsKeyring keyring, KmsBackingKeys backing, KeyChanges changes, IRootKey root, KmsTrail trail, TimeProvider time)
{
    private const int MaxBlobLength = 6144;
    private const int MaxDescriptionLength = 256;
    private const int MaterialIdLength = 64;
    private const string DescriptionPattern = @"^[a-zA-Z0-9:/_\s.-]+$";
    private const string MaterialIdPattern = "^[a-f0-9]+$";
    private const string NewMaterial = "NEW_KEY_MATERIAL";

    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan MaxMaterialLifetime = TimeSpan.FromDays(365);
    private static readonly string[] ImportTypes = [NewMaterial, "EXISTING_KEY_MATERIAL"];
    private static readonly string[] Models = [ExpirationModels.DoesNotExpire, ExpirationModels.Expires];

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html</summary>
    public async Task GetParametersForImportAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        call.Parameters["keyId"] = keyId;
        (WrappingAlgorithm algorithm, int bits) = WrappingChoice.Read(request, call);
        KmsKey key = await keyring.FindExactlyAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        DateTimeOffset validTo = DateTimeOffset.FromUnixTimeMilliseconds((time.GetUtcNow() + TokenLifetime).ToUnixTimeMilliseconds());
        (byte[] publicKey, byte[] privateKey) = MaterialWrapping.Generate(bits);
        try
        {
            byte[] token = await ImportToken.CreateAsync(root, key, algorithm, validTo, privateKey, cancellationToken).ConfigureAwait(false);
            await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            answer.WriteStartObject();
            answer.WriteBase64String("ImportToken"u8, token);
            answer.WriteString("KeyId"u8, key.Arn);
            answer.WriteTime("ParametersValidTo", validTo);
            answer.WriteBase64String("PublicKey"u8, publicKey);
            answer.WriteEndObject();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html</summary>
    public async Task ImportKeyMaterialAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        byte[] token = request.Blob("ImportToken", MaxBlobLength);
        byte[] wrapped = request.Blob("EncryptedKeyMaterial", MaxBlobLength);
        DateTimeOffset? validTo = ReadExpiry(request, call);
        string? type = request.Choice("ImportType", ImportTypes);
        string? expectedId = ReadMaterialId(request, call);
        string? description = request.Text("KeyMaterialDescription", MaxDescriptionLength);
        if (description is { Length: > 0 } && !Description().IsMatch(description))
        {
            throw new KmsException(KmsErrors.Pattern(description, "keyMaterialDescription", DescriptionPattern));
        }

        call.Note("importType", type);
        call.Note("keyMaterialDescription", description);
        if (expectedId is not null && type == NewMaterial)
        {
            throw new KmsException(KmsErrors.NewMaterialWithId);
        }

        SecretKey? material = null;
        string materialId = "";
        try
        {
            KmsKey imported = await changes.ChangeAsync(request, call, ImportAsync, cancellationToken).ConfigureAwait(false);
            answer.WriteMaterial(imported, materialId);
        }
        finally
        {
            material?.Dispose();
        }

        async ValueTask<KeyChange> ImportAsync(KmsKey key)
        {
            bool isSymmetric = key.Spec == KeySpec.SymmetricDefault;
            if (!isSymmetric && (type ?? expectedId ?? description) is not null)
            {
                throw new KmsException(KmsErrors.NotOfSymmetricKey(key.Arn, key.Spec.Name()));
            }

            material ??= await OpenAsync(key, token, wrapped, cancellationToken).ConfigureAwait(false);
            materialId = MaterialId.Of(material.Bytes, KmsBackingKeys.WrapKeyId(key.Region, key.Id));
            if (expectedId is not null && expectedId != materialId)
            {
                throw new KmsException(KmsErrors.IncorrectKeyMaterial);
            }

            DateTimeOffset now = time.GetUtcNow();
            // A version that came after the key was read is not of this state, which will be found changed and judged anew.
            KmsKeyVersion[] versions =
                [.. (await store.ListVersionsAsync(key.Region, key.Id, cancellationToken).ConfigureAwait(false)).Where(version => version.Version <= key.LastImport)];
            ImportPlace place = ImportedMaterial.PlaceOf(key, versions, materialId, type is null ? null : type == NewMaterial, now);
            byte[] kept = await backing.WrapAsync(key, place.Version, material, cancellationToken).ConfigureAwait(false);
            KmsKeyVersion version = place.Known ?? new(key.Region, key.Id, place.Version, materialId, kept, now);
            version = version with { Wrapped = kept, ValidTo = validTo, Description = description ?? version.Description };
            call.Response = isSymmetric ? new() { ["keyMaterialId"] = materialId } : [];
            return ImportedMaterial.Import(key, versions, version, place.Removed);
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html</summary>
    public async Task DeleteImportedKeyMaterialAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string? named = ReadMaterialId(request, call);
        string materialId = "";
        KmsKey changed = await changes.ChangeAsync(
            request,
            call,
            async key =>
            {
                materialId = named ?? key.CurrentMaterialId;
                IReadOnlyList<KmsKeyVersion> versions = await store.ListVersionsAsync(key.Region, key.Id, cancellationToken).ConfigureAwait(false);
                KmsKeyVersion? version = versions.FirstOrDefault(version => version.MaterialId == materialId);
                if (version is null && named is not null)
                {
                    throw new KmsException(KmsErrors.MaterialNotFound(named, key.Arn));
                }

                call.Response = materialId.Length > 0 && key.Spec == KeySpec.SymmetricDefault ? new() { ["keyMaterialId"] = materialId } : [];
                return (version is null ? null : ImportedMaterial.Delete(key, versions, version)) ?? new KeyChange(key);
            },
            cancellationToken).ConfigureAwait(false);
        backing.ForgetImported(changed);
        answer.WriteMaterial(changed, materialId);
    }

    private async ValueTask<SecretKey> OpenAsync(KmsKey key, byte[] token, byte[] wrapped, CancellationToken cancellationToken)
    {
        using ImportToken opened = await ImportToken.OpenAsync(root, key, token, cancellationToken).ConfigureAwait(false)
            ?? throw new KmsException(KmsErrors.InvalidImportToken);
        if (opened.ValidTo <= time.GetUtcNow())
        {
            throw new KmsException(KmsErrors.ExpiredImportToken);
        }

        byte[] material = GC.AllocateUninitializedArray<byte>(wrapped.Length, pinned: true);
        try
        {
            return !MaterialWrapping.TryOpen(opened.PrivateKey, opened.Algorithm, wrapped, material, out int size) ? throw new KmsException(KmsErrors.InvalidWrappedMaterial)
                : size == key.Spec.MaterialSize() ? SecretKey.CopyAnySize(material.AsSpan(0, size))
                : throw new KmsException(KmsErrors.IncorrectKeyMaterial);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
        }
    }

    private DateTimeOffset? ReadExpiry(KmsRequest request, KmsCall call)
    {
        DateTimeOffset? validTo = request.Time("ValidTo");
        string model = request.Choice("ExpirationModel", Models) ?? ExpirationModels.Expires;
        call.Note("expirationModel", model);
        call.Note("validTo", validTo?.ToString("O"));
        call.Condition("kms:ExpirationModel", model);
        // Rounded up: policies say how late at most.
        call.Condition("kms:ValidTo", validTo?.AddTicks(TimeSpan.TicksPerSecond - 1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        DateTimeOffset now = time.GetUtcNow();
        KmsError? error = validTo is null ? (model == ExpirationModels.Expires ? KmsErrors.ValidToMissing : null)
            : model == ExpirationModels.DoesNotExpire ? KmsErrors.ValidToSuperfluous
            : validTo <= now ? KmsErrors.ValidToPast
            : validTo > now + MaxMaterialLifetime ? KmsErrors.ValidToTooFar
            : null;
        return error is null ? validTo : throw new KmsException(error);
    }

    private static string? ReadMaterialId(KmsRequest request, KmsCall call)
    {
        string? id = request.Text("KeyMaterialId", MaterialIdLength, MaterialIdLength);
        call.Note("keyMaterialId", id);
        return id is null || id.All(char.IsAsciiHexDigitLower) ? id
            : throw new KmsException(KmsErrors.Pattern(id, "keyMaterialId", MaterialIdPattern));
    }

    [GeneratedRegex(@"^[a-zA-Z0-9:/_\s.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Description();
}
