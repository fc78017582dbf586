using System.Text.Json;

namespace Serverless.Audit;

/// <summary>
/// Takes the queue's messages into the audit table. A message is deleted only when this has returned, and every step can be repeated:
/// killed at any point, it does the same again at the next delivery, and a record that comes twice is there once.
/// </summary>
/// <remarks>
/// The host hands over up to 16 messages at a time. Those that come while a write is under way are written together: all go to the same few partitions,
/// so that the table is called a few times for all of them instead of a few times for each.
/// </remarks>
public sealed class AuditWriter(IAuditStore store, TimeProvider time)
{
    /// <summary>Partitions written at a time: enough to hide the store's latency, few beside what requests do.</summary>
    private const int ParallelWrites = 4;

    private readonly Lock gate = new();
    // What the next write takes along, and the last write that was begun or waits.
    private List<AuditRecord>? open;
    private Task last = Task.CompletedTask;

    /// <summary>Stores a message's records in every index.</summary>
    /// <exception cref="InvalidDataException">
    /// Something in the message is no record. The records around it are stored, and the message must not be deleted: retried, it ends in the poison queue, whole.
    /// </exception>
    public async Task WriteAsync(string queueMessage, CancellationToken cancellationToken)
    {
        var (records, malformed) = Parse(queueMessage);
        var (together, written) = WriteTogether(records);
        try
        {
            await written.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (together.Count > records.Count && !cancellationToken.IsCancellationRequested)
        {
            // What failed may be another message's: each has its own outcome.
            await PutAsync(records, cancellationToken).ConfigureAwait(false);
        }
        AuditMetrics.CountWritten(records, time.GetUtcNow());
        if (malformed > 0) throw new InvalidDataException($"{malformed} of {malformed + records.Count} entries of the audit message are not records.");
    }

    private (List<AuditRecord> Together, Task Written) WriteTogether(IReadOnlyList<AuditRecord> records)
    {
        lock (gate)
        {
            if (open is null) last = WriteAfterAsync(last, open = []);
            open.AddRange(records);
            return (open, last);
        }
    }

    private async Task WriteAfterAsync(Task previous, List<AuditRecord> records)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (gate) open = null;
        await PutAsync(records, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task PutAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        await PutInJournalAsync(records, cancellationToken).ConfigureAwait(false);
        // All events of a day come last: what is found among them is in every index.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelWrites, CancellationToken = cancellationToken };
        foreach (var stage in RowsByPartition(records).GroupBy(partition => partition.Key.Key == LookupKey.None).OrderBy(stage => stage.Key))
        {
            await Parallel.ForEachAsync(stage, parallel, Put).ConfigureAwait(false);
        }

        ValueTask Put(KeyValuePair<(LookupKey Key, string Partition), SortedDictionary<string, AuditRow>> rows, CancellationToken token) =>
            new(store.PutAsync(rows.Key.Partition, rows.Value.Values, token));
    }

    /// <summary>The journal comes first: what is in an index is in it.</summary>
    /// <exception cref="OperationCanceledException">It took too long for the hour that was chosen (<see cref="AuditJournal.LongestWrite"/>), or was given up.</exception>
    private async Task PutInJournalAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count == 0) return;
        var rows = new SortedDictionary<string, AuditRow>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            var key = AuditJournal.Key(record);
            rows[key] = new AuditRow(key, record.Json);
        }
        using var late = new CancellationTokenSource(AuditJournal.LongestWrite, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await store.PutAsync(AuditJournal.Partition(AuditHour.Of(time.GetUtcNow())), rows.Values, either.Token).ConfigureAwait(false);
        late.Token.ThrowIfCancellationRequested();
    }

    private static (IReadOnlyList<AuditRecord> Records, int Malformed) Parse(string queueMessage)
    {
        try
        {
            return AuditMessage.Parse(queueMessage);
        }
        catch (JsonException notJson)
        {
            throw new InvalidDataException("The audit message is not an array of records.", notJson);
        }
    }

    /// <summary>The rows of each partition, once each: a transaction takes no row twice.</summary>
    private static Dictionary<(LookupKey Key, string Partition), SortedDictionary<string, AuditRow>> RowsByPartition(IReadOnlyList<AuditRecord> records)
    {
        var rows = new Dictionary<(LookupKey, string), SortedDictionary<string, AuditRow>>();
        foreach (var record in records)
        {
            var (day, position) = (AuditIndex.Day(record.Ticks), AuditKey.Position(record));
            foreach (var place in AuditIndex.Places(record))
            {
                var partition = (place.Key, place.Partition(day));
                if (!rows.TryGetValue(partition, out var ofPartition)) rows[partition] = ofPartition = new(StringComparer.Ordinal);
                var key = AuditKey.Row(place.Value, position);
                ofPartition[key] = new AuditRow(key, record.Json);
            }
        }
        return rows;
    }
}
