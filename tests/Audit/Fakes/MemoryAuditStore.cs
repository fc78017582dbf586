namespace Serverless.Audit.Tests.Fakes;

/// <summary>The audit table in memory; the contract holds it to what the real one does.</summary>
internal sealed class MemoryAuditStore : IAuditStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SortedDictionary<string, byte[]>> partitions = [];

    public int Reads { get; private set; }

    /// <summary>Every row of every partition.</summary>
    public IReadOnlyList<(string Partition, string Key)> Rows
    {
        get { lock (gate) return [.. partitions.SelectMany(partition => partition.Value.Keys.Select(key => (partition.Key, key))).Order()]; }
    }

    public Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (!partitions.TryGetValue(partition, out var stored)) partitions[partition] = stored = new(StringComparer.Ordinal);
            foreach (var row in rows) stored[row.Key] = row.Json.ToArray();
        }
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            Reads++;
            IReadOnlyList<AuditRow> rows = !partitions.TryGetValue(partition, out var stored) ? [] :
            [
                .. stored.Where(row => string.CompareOrdinal(row.Key, after) > 0 && string.CompareOrdinal(row.Key, before) < 0)
                    .Take(limit).Select(row => new AuditRow(row.Key, row.Value)),
            ];
            return Task.FromResult(rows);
        }
    }
}
