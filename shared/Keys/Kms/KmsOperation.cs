using System.Collections.Frozen;

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

/// <summary>Which operation a key in which state admits (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html).</summary>
internal static class KeyStateTable
{
    private enum Needs { AnyState, Enabled, NotPendingDeletion, PendingDeletion }

    private static readonly FrozenDictionary<KmsOperation, Needs> Rules = new Dictionary<KmsOperation, Needs>
    {
        [KmsOperation.DescribeKey] = Needs.AnyState,
        [KmsOperation.ListAliases] = Needs.AnyState,
        [KmsOperation.EnableKey] = Needs.NotPendingDeletion,
        [KmsOperation.DisableKey] = Needs.NotPendingDeletion,
        [KmsOperation.ScheduleKeyDeletion] = Needs.NotPendingDeletion,
        [KmsOperation.CreateAlias] = Needs.NotPendingDeletion,
        [KmsOperation.CancelKeyDeletion] = Needs.PendingDeletion,
        [KmsOperation.RotateKeyOnDemand] = Needs.Enabled,
        [KmsOperation.GenerateDataKey] = Needs.Enabled,
        [KmsOperation.Encrypt] = Needs.Enabled,
        [KmsOperation.Decrypt] = Needs.Enabled,
        [KmsOperation.ReEncrypt] = Needs.Enabled,
    }.ToFrozenDictionary();

    /// <summary>Why the key's state does not admit the operation; null when it does.</summary>
    public static KmsError? Refusal(KmsOperation operation, KmsKey key) => (Rules[operation], key.State) switch
    {
        (Needs.Enabled, KeyState.Disabled) => KmsErrors.Disabled(key.Arn),
        (Needs.Enabled or Needs.NotPendingDeletion, KeyState.PendingDeletion) => KmsErrors.PendingDeletion(key.Arn),
        (Needs.PendingDeletion, not KeyState.PendingDeletion) => KmsErrors.NotPendingDeletion(key.Arn),
        _ => null,
    };
}
