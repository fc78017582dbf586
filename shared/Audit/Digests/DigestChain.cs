using Serverless.Encryption;

namespace Serverless.Audit;

/// <summary>The part of the chain from an hour to its end, each digest verified by its signature and by the one before it.</summary>
/// <param name="Hours">The hours that have a digest that is genuine, oldest first.</param>
/// <param name="RetainedFrom">What the newest digest says of the retention.</param>
/// <param name="Finding">The first thing that is wrong with the digests, or null.</param>
internal sealed record DigestChain(IReadOnlyList<ChainedHour> Hours, DateOnly? RetainedFrom, AuditFinding? Finding)
{
    private const int PageSize = 200;

    /// <summary>The start of the oldest digest that was read.</summary>
    public DateTimeOffset? Start => Hours is [var oldest, ..] ? oldest.Hour.Start : null;

    /// <summary>The end of the newest digest.</summary>
    public DateTimeOffset? SealedUntil => Hours is [.., var last] ? last.Hour.End : null;

    /// <summary>Reads the chain backwards, from its end to an hour; null: to its beginning. A few bytes of each digest are kept.</summary>
    public static async Task<DigestChain> ReadAsync(IDigestStore digests, SecretKey? key, AuditHour? first, CancellationToken cancellationToken)
    {
        var hours = new List<ChainedHour>();
        AuditFinding? finding = null;
        DateOnly? retainedFrom = null;
        (SealedDigest Sealed, AuditDigest? Opened)? later = null;
        var isComplete = false;
        while (!isComplete)
        {
            var page = await digests.ReadAsync(later?.Sealed.Hour.Previous, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (var digest in page)
            {
                // Of several findings, the one that comes last here is the first in time.
                if (later is var (behind, opened)) finding = Link(digest, behind, opened) ?? finding;
                isComplete = digest.Hour < first;
                if (isComplete) break;
                later = (digest, key is null ? null : AuditDigest.Open(digest, key));
                if (later.Value.Opened is not { } genuine)
                {
                    finding = new(AuditFindingKind.DigestForged, digest.Hour.Start, null, $"The digest of {digest.Hour} was not signed by this service.");
                    continue;
                }
                if (hours.Count == 0) retainedFrom = genuine.RetainedFrom;
                hours.Add(ChainedHour.Of(digest.Hour, genuine));
                isComplete = genuine.Follows(null);
                if (isComplete) break;
            }
            if (isComplete || page.Count == PageSize) continue;
            // A genuine digest that is not the first one has one before it; of a forged one that is not known.
            if (later is { Opened: not null } oldest) finding = Missing(oldest.Sealed.Hour.Previous);
            isComplete = true;
        }
        hours.Reverse();
        return new(hours, retainedFrom, finding);
    }

    private static AuditFinding? Link(SealedDigest digest, SealedDigest behind, AuditDigest? opened) =>
        digest.Hour != behind.Hour.Previous ? Missing(digest.Hour.Next)
        : opened?.Follows(digest) == false
            ? new(AuditFindingKind.DigestForged, digest.Hour.Start, null, $"The digest of {digest.Hour} is not the one that the digest behind it follows.")
            : null;

    private static AuditFinding Missing(AuditHour hour) => new(AuditFindingKind.DigestMissing, hour.Start, null, $"There is no digest of {hour}.");
}

/// <summary>An hour of the chain, and the days on which what it holds happened; none in an empty hour.</summary>
internal readonly record struct ChainedHour(AuditHour Hour, DateOnly? OldestEvent, DateOnly? NewestEvent)
{
    public static ChainedHour Of(AuditHour hour, AuditDigest digest) => new(hour, Day(digest.OldestEventTime), Day(digest.NewestEventTime));

    /// <summary>Whether the hour may hold records of events of that day.</summary>
    public bool Concerns(DateOnly day) => OldestEvent <= day && day <= NewestEvent;

    private static DateOnly? Day(DateTime? time) => time is { } known ? DateOnly.FromDateTime(known) : null;
}
