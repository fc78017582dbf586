using System.Collections.Frozen;

namespace Serverless.Keys;

/// <summary>
/// Which operation a key in which state admits: AWS's table (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html) for the operations and states
/// that exist here. Of UpdateAlias it is about the alias's new key, of ReEncrypt about both keys.
/// </summary>
internal static class KeyStateTable
{
    /// <summary>What a key in a state answers.</summary>
    private enum Cell { Yes, Disabled, PendingDeletion, NotPendingDeletion, PendingImport, External }

    /// <summary>One operation's cells, a column for each state.</summary>
    private readonly record struct Row(Cell Enabled, Cell Disabled, Cell PendingDeletion, Cell PendingImport)
    {
        public static Row Always { get; } = new(Cell.Yes, Cell.Yes, Cell.Yes, Cell.Yes);

        public static Row WhileEnabled { get; } = new(Cell.Yes, Cell.Disabled, Cell.PendingDeletion, Cell.PendingImport);

        public static Row UnlessPendingDeletion { get; } = new(Cell.Yes, Cell.Yes, Cell.PendingDeletion, Cell.Yes);

        public static Row UnlessPending { get; } = new(Cell.Yes, Cell.Yes, Cell.PendingDeletion, Cell.PendingImport);

        public Cell this[KeyState state] => state switch
        {
            KeyState.Enabled => Enabled,
            KeyState.Disabled => Disabled,
            KeyState.PendingDeletion => PendingDeletion,
            KeyState.PendingImport => PendingImport,
            _ => throw new ArgumentOutOfRangeException(nameof(state)),
        };
    }

    private static readonly FrozenDictionary<KmsOperation, Row> Rows = new Dictionary<KmsOperation, Row>
    {
        [KmsOperation.DescribeKey] = Row.Always,
        [KmsOperation.UpdateKeyDescription] = Row.UnlessPendingDeletion,
        [KmsOperation.EnableKey] = Row.UnlessPending,
        [KmsOperation.DisableKey] = Row.UnlessPending,
        [KmsOperation.ScheduleKeyDeletion] = Row.UnlessPendingDeletion,
        [KmsOperation.CancelKeyDeletion] = new(Cell.NotPendingDeletion, Cell.NotPendingDeletion, Cell.Yes, Cell.NotPendingDeletion),

        [KmsOperation.CreateAlias] = Row.UnlessPendingDeletion,
        [KmsOperation.UpdateAlias] = Row.UnlessPendingDeletion,
        [KmsOperation.DeleteAlias] = Row.Always,
        [KmsOperation.ListAliases] = Row.Always,

        [KmsOperation.TagResource] = Row.UnlessPendingDeletion,
        [KmsOperation.UntagResource] = Row.UnlessPendingDeletion,
        [KmsOperation.ListResourceTags] = Row.Always,

        [KmsOperation.PutKeyPolicy] = Row.Always,
        [KmsOperation.GetKeyPolicy] = Row.Always,
        [KmsOperation.ListKeyPolicies] = Row.Always,

        [KmsOperation.CreateGrant] = Row.WhileEnabled,
        [KmsOperation.ListGrants] = Row.Always,
        [KmsOperation.RetireGrant] = Row.Always,
        [KmsOperation.RevokeGrant] = Row.Always,

        [KmsOperation.EnableKeyRotation] = new(Cell.Yes, Cell.Disabled, Cell.PendingDeletion, Cell.External),
        [KmsOperation.DisableKeyRotation] = new(Cell.Yes, Cell.Disabled, Cell.PendingDeletion, Cell.External),
        [KmsOperation.GetKeyRotationStatus] = new(Cell.Yes, Cell.Yes, Cell.Yes, Cell.External),
        [KmsOperation.RotateKeyOnDemand] = Row.WhileEnabled,
        [KmsOperation.ListKeyRotations] = Row.Always,

        [KmsOperation.GetParametersForImport] = Row.UnlessPendingDeletion,
        [KmsOperation.ImportKeyMaterial] = Row.UnlessPendingDeletion,
        [KmsOperation.DeleteImportedKeyMaterial] = Row.Always,

        [KmsOperation.Encrypt] = Row.WhileEnabled,
        [KmsOperation.Decrypt] = Row.WhileEnabled,
        [KmsOperation.ReEncrypt] = Row.WhileEnabled,
        [KmsOperation.GenerateDataKey] = Row.WhileEnabled,
        [KmsOperation.GenerateDataKeyWithoutPlaintext] = Row.WhileEnabled,
        [KmsOperation.GenerateMac] = Row.WhileEnabled,
        [KmsOperation.VerifyMac] = Row.WhileEnabled,
    }.ToFrozenDictionary();

    /// <summary>Why the key's state does not admit the operation; null when it does.</summary>
    public static KmsError? Refusal(KmsOperation operation, KmsKey key) => Rows[operation][key.State] switch
    {
        Cell.Yes => null,
        Cell.Disabled => KmsErrors.Disabled(key.Arn),
        Cell.PendingDeletion => KmsErrors.PendingDeletion(key.Arn),
        Cell.NotPendingDeletion => KmsErrors.NotPendingDeletion(key.Arn),
        Cell.PendingImport => KmsErrors.PendingImport(key.Arn),
        _ => KmsErrors.WrongOrigin(key.Arn, KeyOrigin.External),
    };
}
