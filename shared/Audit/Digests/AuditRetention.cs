using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Serverless.Access;

namespace Serverless.Audit;

/// <summary>
/// Removes the records whose retention is over: what lookups read of days that the newest digest gives up, and a day behind them journals and log files. Digests stay: they tell that it was rightful.
/// It begins with what is oldest, so a run that is cut short is gone on with by the next one; several at once do no harm.
/// </summary>
public sealed class AuditRetention(
    IAuditStore store, IDigestStore digests, IDigestKeys keys, IAuditArchive archive, IAuditTrail trail, ServiceIdentity identity, TimeProvider time, ILogger<AuditRetention> logger)
{
    /// <summary>A run ends before the host's limit for a function (host.json, functionTimeout: 10 minutes) and the next one goes on.</summary>
    private static readonly TimeSpan RunTime = TimeSpan.FromMinutes(8);

    /// <summary>Removes what is due, until the run's time is over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await ReadRetainedFromAsync(cancellationToken).ConfigureAwait(false) is not { } retainedFrom) return;
        var began = time.GetTimestamp();
        var isRecorded = false;
        while (time.GetElapsedTime(began) < RunTime && await FindDueAsync(retainedFrom, cancellationToken).ConfigureAwait(false) is { } due)
        {
            if (!isRecorded) await trail.RecordAsync(EventOf(retainedFrom), cancellationToken).ConfigureAwait(false);
            isRecorded = true;
            await due(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<DateOnly?> ReadRetainedFromAsync(CancellationToken cancellationToken)
    {
        if (await digests.ReadAsync(null, 1, cancellationToken).ConfigureAwait(false) is not [var newest]) return null;
        using var key = await keys.ReadAsync(cancellationToken).ConfigureAwait(false);
        return key is not null && AuditDigest.Open(newest, key) is { } genuine ? genuine.RetainedFrom
            : throw new InvalidDataException($"The audit digest of {newest.Hour} was not signed by this service. No records are removed.");
    }

    /// <summary>The removal of the oldest day's copies, or else of the oldest hour's journal, that is due.</summary>
    private async ValueTask<Func<CancellationToken, Task>?> FindDueAsync(DateOnly retainedFrom, CancellationToken cancellationToken)
    {
        // Every record has a copy there, and it is removed last.
        var eventIds = new AuditPlace(LookupKey.EventId, "");
        if (await store.FindPartitionAsync(eventIds.Partition(DateOnly.MinValue), eventIds.Partition(retainedFrom.AddDays(-1)), cancellationToken).ConfigureAwait(false) is { } ofDay
            && AuditPlace.TryGetDay(ofDay) is { } day)
        {
            return token => RemoveDayAsync(day, token);
        }
        var (oldest, last) = (AuditHour.Of(DateOnly.MinValue), AuditHour.Of(retainedFrom.AddDays(-1)).Previous);
        return await store.FindPartitionAsync(AuditJournal.Partition(oldest), AuditJournal.Partition(last), cancellationToken).ConfigureAwait(false) is { } ofHour
            && AuditJournal.TryGetHour(ofHour) is { } hour ? token => RemoveHourAsync(hour, token) : null;
    }

    private async Task RemoveDayAsync(DateOnly day, CancellationToken cancellationToken)
    {
        foreach (var key in Enum.GetValues<LookupKey>().OrderBy(key => key == LookupKey.EventId))
            await store.RemoveAsync(new AuditPlace(key, "").Partition(day), cancellationToken).ConfigureAwait(false);
        AuditMetrics.CountRemovedDay();
        logger.LogInformation("The audit records of {Day} were removed at the end of their retention.", day);
    }

    private async Task RemoveHourAsync(AuditHour hour, CancellationToken cancellationToken)
    {
        if (await digests.ReadAsync(hour, 1, cancellationToken).ConfigureAwait(false) is [var digest] && digest.Hour == hour)
        {
            foreach (var file in AuditDigest.Parse(digest)?.LogFiles ?? []) await archive.RemoveAsync(file.S3Object, cancellationToken).ConfigureAwait(false);
        }
        await store.RemoveAsync(AuditJournal.Partition(hour), cancellationToken).ConfigureAwait(false);
    }

    private AuditEvent EventOf(DateOnly retainedFrom) => new()
    {
        EventTime = time.GetUtcNow(),
        EventSource = "cloudtrail.amazonaws.com",
        EventName = "RemoveExpiredRecords",
        EventType = "AwsServiceEvent",
        Region = identity.Region,
        Caller = Caller.Service(identity.AccountId, Guid.NewGuid().ToString()),
        ServiceEventDetails = new JsonObject { ["retainedFrom"] = retainedFrom.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) },
    };
}
