namespace Serverless.Audit.Tests.Fakes;

/// <summary>The audit table in memory; the contract holds it to what the real one does.</summary>
internal sealed class MemoryAuditStore : IAuditStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SortedDictionary<string, byte[]>> partitions = [];

    public int Reads { get; private set; }

    /// <summary>Called before and after each change.</summary>
    public Action Step { get; set; } = () => { };

    /// <summary>Every row of every partition.</summary>
    public IReadOnlyList<(string Partition, string Key)> Rows
    {
        get { lock (gate) return [.. partitions.SelectMany(partition => partition.Value.Keys.Select(key => (partition.Key, key))).Order()]; }
    }

    public Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Step();
        lock (gate)
        {
            if (!partitions.TryGetValue(partition, out var stored)) partitions[partition] = stored = new(StringComparer.Ordinal);
            foreach (var row in rows) stored[row.Key] = row.Json.ToArray();
        }
        Step();
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

    public Task<string?> FindPartitionAsync(string first, string last, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(partitions.Where(partition => partition.Value.Count > 0).Select(partition => partition.Key)
                .Where(key => string.CompareOrdinal(key, first) >= 0 && string.CompareOrdinal(key, last) <= 0).Order(StringComparer.Ordinal).FirstOrDefault());
        }
    }

    public Task RemoveAsync(string partition, CancellationToken cancellationToken)
    {
        Step();
        lock (gate) partitions.Remove(partition);
        Step();
        return Task.CompletedTask;
    }

    /// <summary>Does to a row what somebody does who has the storage account: changes its record (null: removes it), or puts one there.</summary>
    public void Tamper(string partition, string key, byte[]? json)
    {
        lock (gate)
        {
            if (!partitions.TryGetValue(partition, out var stored)) partitions[partition] = stored = new(StringComparer.Ordinal);
            if (json is null) Assert.True(stored.Remove(key));
            else stored[key] = json;
        }
    }

    public byte[] Json(string partition, string key)
    {
        lock (gate) return partitions[partition][key];
    }
}
