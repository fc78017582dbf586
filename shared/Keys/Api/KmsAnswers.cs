using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Keys;

/// <summary>The shapes that several answers share; members in alphabetical order, as in AWS's recorded answers.</summary>
internal static class KmsAnswers
{
    public const string Algorithm = "SYMMETRIC_DEFAULT";

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="key">The key.</param>
    /// <param name="needed">Which objects need it, where that is told.</param>
    public static void WriteMetadata(this Utf8JsonWriter answer, KmsKey key, JsonObject? needed = null)
    {
        answer.WriteStartObject();
        if (needed is not null)
        {
            DependentObjects.Write(answer, needed);
        }

        answer.WriteStartObject("KeyMetadata"u8);
        answer.WriteString("AWSAccountId"u8, key.AccountId);
        answer.WriteString("Arn"u8, key.Arn);
        answer.WriteTime("CreationDate", key.CreatedAt);
        if (key is { Spec: KeySpec.SymmetricDefault, CurrentMaterialId: not "" })
        {
            answer.WriteString("CurrentKeyMaterialId"u8, key.CurrentMaterialId);
        }

        answer.WriteString("CustomerMasterKeySpec"u8, key.Spec.Name());
        if (key.DeletionDate is { } deletion)
        {
            answer.WriteTime("DeletionDate", deletion);
        }

        answer.WriteString("Description"u8, key.Description);
        answer.WriteBoolean("Enabled"u8, key.State == KeyState.Enabled);
        if (key.Spec.Usage() == KeySpecs.EncryptDecrypt)
        {
            answer.WriteAlgorithms("EncryptionAlgorithms", key);
        }

        bool hasMaterial = key is { Origin: KeyOrigin.External, IsIncomplete: false, State: not KeyState.PendingImport };
        if (hasMaterial)
        {
            answer.WriteExpirationModel(key.ValidTo);
        }

        answer.WriteString("KeyId"u8, key.Id);
        answer.WriteString("KeyManager"u8, key.Manager == KeyManager.Aws ? "AWS"u8 : "CUSTOMER"u8);
        answer.WriteString("KeySpec"u8, key.Spec.Name());
        answer.WriteString("KeyState"u8, key.State.ToString());
        answer.WriteString("KeyUsage"u8, key.Spec.Usage());
        if (key.Spec.Usage() == KeySpecs.GenerateVerifyMac)
        {
            answer.WriteAlgorithms("MacAlgorithms", key);
        }

        answer.WriteBoolean("MultiRegion"u8, false);
        answer.WriteString("Origin"u8, key.Origin.Name());
        if (hasMaterial && key.ValidTo is { } validTo)
        {
            answer.WriteTime("ValidTo", validTo);
        }

        answer.WriteEndObject();
        answer.WriteEndObject();
    }

    private static void WriteAlgorithms(this Utf8JsonWriter answer, string name, KmsKey key)
    {
        answer.WriteStartArray(name);
        answer.WriteStringValue(key.Spec.Algorithm());
        answer.WriteEndArray();
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_RotationsListEntry.html</summary>
    public static void WriteRotation(this Utf8JsonWriter answer, KmsKey key, KmsKeyVersion version, DateTimeOffset now)
    {
        bool isExternal = key.Origin == KeyOrigin.External;
        bool isThere = version.IsThereAt(now);
        answer.WriteStartObject();
        if (isExternal && isThere)
        {
            answer.WriteExpirationModel(version.ValidTo);
        }

        if (isExternal)
        {
            answer.WriteString("ImportState"u8, isThere ? "IMPORTED"u8 : "PENDING_IMPORT"u8);
        }

        answer.WriteString("KeyId"u8, key.Arn);
        if (version.Description.Length > 0)
        {
            answer.WriteString("KeyMaterialDescription"u8, version.Description);
        }

        answer.WriteString("KeyMaterialId"u8, version.MaterialId);
        answer.WriteString(
            "KeyMaterialState"u8,
            version.Version == key.CurrentVersion ? "CURRENT"u8 : version.Version < key.CurrentVersion ? "NON_CURRENT"u8 : "PENDING_ROTATION"u8);
        if (version is { Rotation: { } rotation, RotatedAt: { } rotatedAt })
        {
            answer.WriteTime("RotationDate", rotatedAt);
            answer.WriteString("RotationType"u8, rotation.Name());
        }

        if (isThere && version.ValidTo is { } validTo)
        {
            answer.WriteTime("ValidTo", validTo);
        }

        answer.WriteEndObject();
    }

    private static void WriteExpirationModel(this Utf8JsonWriter answer, DateTimeOffset? validTo) =>
        answer.WriteString("ExpirationModel"u8, validTo is null ? ExpirationModels.DoesNotExpire : ExpirationModels.Expires);

    /// <summary>An answer that only names the key, by its ARN whatever the request called it.</summary>
    public static void WriteKeyArn(this Utf8JsonWriter answer, KmsKey key)
    {
        answer.WriteStartObject();
        answer.WriteString("KeyId"u8, key.Arn);
        answer.WriteEndObject();
    }

    /// <summary>An answer that names a key, and its material where such keys have named material.</summary>
    public static void WriteMaterial(this Utf8JsonWriter answer, KmsKey key, string materialId)
    {
        answer.WriteStartObject();
        answer.WriteString("KeyId"u8, key.Arn);
        if (key.Spec == KeySpec.SymmetricDefault && materialId.Length > 0)
        {
            answer.WriteString("KeyMaterialId"u8, materialId);
        }

        answer.WriteEndObject();
    }

    /// <summary>Seconds since 1970 with milliseconds as decimals.</summary>
    public static void WriteTime(this Utf8JsonWriter answer, string name, DateTimeOffset time) => answer.WriteNumber(name, time.ToUnixTimeMilliseconds() / 1000m);
}
