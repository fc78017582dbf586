namespace Serverless.Keys;

/// <summary>What can be done with KMS keys. The names are the API's, the permissions' (<c>kms:Encrypt</c>) and the audit events'.</summary>
internal enum KmsOperation
{
    CreateKey, DescribeKey, ListKeys, UpdateKeyDescription, EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion,
    CreateAlias, UpdateAlias, DeleteAlias, ListAliases,
    TagResource, UntagResource, ListResourceTags,
    PutKeyPolicy, GetKeyPolicy, ListKeyPolicies,
    CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant,
    EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand, ListKeyRotations,
    GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial,
    Encrypt, Decrypt, ReEncrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom, GenerateMac, VerifyMac,
}
