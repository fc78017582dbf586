namespace Serverless.Keys;

/// <summary>Whether a KMS key's deletion is final; section <c>Keys</c> of the settings.</summary>
public sealed class KeyDeletionOptions
{
    /// <summary>Whether a key whose waiting period is over is kept, unusable as it is, until a pass has found no object that needs it. Not on AWS, where the date is final.</summary>
    public bool KeepKeysInUse { get; set; }
}
