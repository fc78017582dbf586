using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>Which operation a key of which usage and origin is for; an operation that is not in the table takes any key.</summary>
internal static class KeyUsageTable
{
    /// <summary>Why the key's usage or origin does not admit the operation; null when they do.</summary>
    public static KmsError? Refusal(KmsOperation operation, KmsKey key) => UsageRefusal(operation, key) ?? operation switch
    {
        KmsOperation.EnableKeyRotation or KmsOperation.DisableKeyRotation or KmsOperation.GetKeyRotationStatus => RotationRefusal(key) ?? OriginRefusal(key, KeyOrigin.AwsKms),
        KmsOperation.RotateKeyOnDemand or KmsOperation.ListKeyRotations => RotationRefusal(key),
        KmsOperation.GetParametersForImport or KmsOperation.ImportKeyMaterial or KmsOperation.DeleteImportedKeyMaterial => OriginRefusal(key, KeyOrigin.External),
        _ => null,
    };

    private static KmsError? RotationRefusal(KmsKey key) => key.Spec == KeySpec.SymmetricDefault ? null : KmsErrors.NotRotated(key.Arn, key.Spec.Name());

    private static KmsError? OriginRefusal(KmsKey key, KeyOrigin needed) => key.Origin == needed ? null : KmsErrors.WrongOrigin(key.Arn, key.Origin);

    private static KmsError? UsageRefusal(KmsOperation operation, KmsKey key)
    {
        string? needed = operation switch
        {
            KmsOperation.Encrypt or KmsOperation.Decrypt or KmsOperation.ReEncrypt
                or KmsOperation.GenerateDataKey or KmsOperation.GenerateDataKeyWithoutPlaintext => KeySpecs.EncryptDecrypt,
            KmsOperation.GenerateMac or KmsOperation.VerifyMac => KeySpecs.GenerateVerifyMac,
            _ => null,
        };
        string usage = key.Spec.Usage();
        return needed is null || needed == usage ? null : KmsErrors.InvalidKeyUsage(key.Arn, usage, operation.ToString());
    }

    /// <summary>The hash that an HMAC key is used with.</summary>
    public static HmacAlgorithm HmacAlgorithmOf(KeySpec spec) => spec switch
    {
        KeySpec.Hmac224 => HmacAlgorithm.Sha224,
        KeySpec.Hmac256 => HmacAlgorithm.Sha256,
        KeySpec.Hmac384 => HmacAlgorithm.Sha384,
        KeySpec.Hmac512 => HmacAlgorithm.Sha512,
        _ => throw new ArgumentOutOfRangeException(nameof(spec)),
    };
}
