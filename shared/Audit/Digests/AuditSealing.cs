using System.IO.Compression;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Audit;

/// <summary>
/// Seals hours that are over, in order: their records become log files, then their digest is added to the chain, then it is made known. A run that is cut short at any step is gone on with by the
/// next one, and of several at once one adds each digest, as an hour gets only one; log files that are written twice are the same.
/// </summary>
public sealed class AuditSealing(
    IAuditStore store, IDigestStore digests, IDigestKeys keys, IAuditArchive archive, ServiceIdentity identity, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditSealing> logger)
{
    /// <summary>A run ends before the host's limit for a function (host.json, functionTimeout: 10 minutes) and the next one goes on.</summary>
    private static readonly TimeSpan RunTime = TimeSpan.FromMinutes(8);

    /// <summary>The chain begins with the first hour that has records, at most this long ago.</summary>
    private static readonly TimeSpan LongestUnsealed = TimeSpan.FromDays(30);

    /// <summary>Seals all hours that are over and were not sealed, until the run's time is over.</summary>
    /// <exception cref="InvalidDataException">The newest digest is not one that this service has signed: nothing is sealed behind it until somebody has looked.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var newest = await FindAsync(null, cancellationToken).ConfigureAwait(false);
        if ((newest?.Hour.Next ?? await FindFirstHourAsync(cancellationToken).ConfigureAwait(false)) is not { } hour) return;
        AuditMetrics.ReportDigestAge(time.GetUtcNow() - hour.Start);

        // A key that is lost is not replaced: under a new one, the chain would go on as if nothing had happened.
        using var key = newest is null
            ? await keys.ReadOrCreateAsync(cancellationToken).ConfigureAwait(false)
            : await keys.ReadAsync(cancellationToken).ConfigureAwait(false) ?? throw new InvalidDataException("The key that the audit trail's digests are signed with is missing, or does not open.");
        // It may have been added by a run that was cut short before it had made it known.
        if (newest is not null) await AnnounceAsync(newest, key, cancellationToken).ConfigureAwait(false);

        for (; hour.End + AuditJournal.Grace <= time.GetUtcNow() && time.GetElapsedTime(began) < RunTime; hour = hour.Next)
        {
            newest = await SealAsync(hour, newest, key, cancellationToken).ConfigureAwait(false);
            await AnnounceAsync(newest, key, cancellationToken).ConfigureAwait(false);
        }
        AuditMetrics.ReportDigestAge(time.GetUtcNow() - hour.Start);
    }

    private async ValueTask<SealedDigest?> FindAsync(AuditHour? hour, CancellationToken cancellationToken) =>
        await digests.ReadAsync(hour, 1, cancellationToken).ConfigureAwait(false) is [var digest] && (hour is null || digest.Hour == hour) ? digest : null;

    private async ValueTask<AuditHour?> FindFirstHourAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (first, last) = (AuditJournal.Partition(AuditHour.Of(now - LongestUnsealed)), AuditJournal.Partition(AuditHour.Of(now)));
        return await store.FindPartitionAsync(first, last, cancellationToken).ConfigureAwait(false) is { } partition ? AuditJournal.TryGetHour(partition) : null;
    }

    private async Task<SealedDigest> SealAsync(AuditHour hour, SealedDigest? previous, SecretKey key, CancellationToken cancellationToken)
    {
        using var records = new RecordsHash();
        using var export = new LogExport(hour, archive, identity);
        await foreach (var row in store.ReadAsync(hour, cancellationToken).ConfigureAwait(false))
        {
            records.Add(row);
            if (AuditJournal.TryRead(row) is { } record) await export.AddAsync(record, cancellationToken).ConfigureAwait(false);
            // Sealed as it is, it is found by whoever verifies the trail; it must not keep the hour from being sealed.
            else logger.LogError("The audit journal of {Hour} holds a row that is no record of the writer's: {Key}.", hour, row.Key);
        }
        var logFiles = await export.CloseAsync(cancellationToken).ConfigureAwait(false);
        var digest = AuditDigest.Of(hour, identity, logFiles, records, previous, RetainedFrom(hour, previous)).Sign(key);
        return await digests.TryAddAsync(digest, cancellationToken).ConfigureAwait(false) ? digest
            : await FindAsync(hour, cancellationToken).ConfigureAwait(false) ?? throw new InvalidDataException($"The audit digest of {hour} was removed while it was added.");
    }

    /// <summary>What may be removed is in the chain before it is removed. A longer retention than before brings nothing back, so the day never moves backwards.</summary>
    private DateOnly? RetainedFrom(AuditHour hour, SealedDigest? previous)
    {
        var before = previous is null ? null : AuditDigest.Parse(previous)?.RetainedFrom;
        if (options.Value.RetentionDays == 0) return before;
        var now = hour.Day.AddDays(-options.Value.RetentionDays);
        return before > now ? before : now;
    }

    /// <summary>
    /// Exports the digest, and tells the log its hash: that is kept outside of the storage account, where whoever cuts off the chain's end does not reach it.
    /// </summary>
    private async ValueTask AnnounceAsync(SealedDigest digest, SecretKey key, CancellationToken cancellationToken)
    {
        var opened = AuditDigest.Open(digest, key) ?? throw new InvalidDataException($"The audit digest of {digest.Hour} was not signed by this service. No hour behind it is sealed.");
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) await gzip.WriteAsync(digest.Content, cancellationToken).ConfigureAwait(false);
        var metadata = new Dictionary<string, string> { ["signature"] = Convert.ToHexStringLower(digest.Signature.Span), ["signature_algorithm"] = AuditDigest.SignatureAlgorithm };
        await archive.WriteAsync(opened.DigestS3Object, compressed.ToArray(), metadata, cancellationToken).ConfigureAwait(false);
        logger.LogInformation("Audit digest of {Hour}: {Records} records, SHA-256 {Hash}.", digest.Hour, opened.RecordCount, AuditDigest.HashOf(digest));
    }
}
