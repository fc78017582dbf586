namespace Serverless.Audit;

/// <summary>Which uses of keys are on the audit trail.</summary>
public enum AuditScope
{
    /// <summary>Uses of KMS keys, changes to keys, and refusals: what CloudTrail's management events hold on AWS.</summary>
    Kms,

    /// <summary>Besides, every use of the service's master key by SSE-S3.</summary>
    All,
}

/// <summary>The settings <c>Audit__…</c>; a value that is none of its kind's stops the app at start.</summary>
public sealed class AuditOptions
{
    /// <summary><c>Audit__Scope</c>: <c>Kms</c> (default) or <c>All</c>.</summary>
    public AuditScope Scope { get; set; } = AuditScope.Kms;

    /// <summary><c>Audit__RetentionDays</c>: how many days records are kept, from <see cref="MinRetentionDays"/> to <see cref="MaxRetentionDays"/>; 0: for ever.</summary>
    public int RetentionDays { get; set; } = 400;

    /// <summary>What LookupEvents sees.</summary>
    public const int MinRetentionDays = 90;

    public const int MaxRetentionDays = 36_500;
}
