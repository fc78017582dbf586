namespace Serverless.Audit;

/// <summary>What is wrong with the trail.</summary>
public enum AuditFindingKind
{
    /// <summary>An hour has no digest.</summary>
    DigestMissing,

    /// <summary>A digest was not signed by this service, or does not follow the one before it.</summary>
    DigestForged,

    /// <summary>A log file is missing, or is not as it was sealed, though the records that it should hold are as they were.</summary>
    LogFileChanged,

    /// <summary>A record is not as it was written.</summary>
    RecordChanged,

    /// <summary>A record, or a copy of it that a lookup would find, is gone.</summary>
    RecordRemoved,

    /// <summary>There is a record, or a copy of one, that the service's writer did not put there.</summary>
    RecordInserted,
}

/// <summary>The first thing that is wrong with the trail.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Hour">The start of the hour that it is in: of a digest the hour that it covers, of a record that in which it happened.</param>
/// <param name="EventId">The record, where it is one that has an id.</param>
/// <param name="Detail">Where it was found, for people.</param>
public sealed record AuditFinding(AuditFindingKind Kind, DateTimeOffset Hour, Guid? EventId, string Detail);

/// <summary>What a verification came to.</summary>
/// <param name="ChainStart">The beginning of the oldest digest that was looked at.</param>
/// <param name="Start">The beginning of the first day that was verified.</param>
/// <param name="VerifiedUntil">Up to here, all is as it was sealed; the end of the last sealed hour, at most.</param>
/// <param name="SealedUntil">The end of the newest digest: what is behind it is not sealed yet, and nobody can say whether it was changed.</param>
/// <param name="RetainedFrom">The day before which records have been removed at the end of their retention; there, only digests were verified.</param>
/// <param name="Digests">How many digests were verified.</param>
/// <param name="Records">How many records were verified.</param>
/// <param name="Finding">The first thing that is wrong, or null.</param>
/// <param name="Next">The day to go on with when the time was over, or null: all is verified.</param>
public sealed record AuditVerification(
    DateTimeOffset? ChainStart, DateTimeOffset? Start, DateTimeOffset? VerifiedUntil, DateTimeOffset? SealedUntil, DateOnly? RetainedFrom, long Digests, long Records, AuditFinding? Finding, DateOnly? Next);
