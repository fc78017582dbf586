using Serverless.Audit;

namespace Serverless.Benchmarks.Report;

/// <summary>An audit table in memory that finds a row as Azure's does, by the order of keys in a partition, in whatever number of rows: it is filled, and then read. Copies of a record share its bytes.</summary>
internal sealed class OrderedAuditStore : IAuditStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, (List<AuditRow> Rows, bool IsSorted)> partitions = [];

    public Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var stored = partitions.TryGetValue(partition, out var there) ? there.Rows : [];
            stored.AddRange(rows);
            partitions[partition] = (stored, false);
        }
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (!partitions.TryGetValue(partition, out var there)) return Task.FromResult<IReadOnlyList<AuditRow>>([]);
            if (!there.IsSorted)
            {
                there.Rows.Sort(ByKey);
                partitions[partition] = there with { IsSorted = true };
            }
            var first = there.Rows.BinarySearch(new(after, default), ByKey);
            IReadOnlyList<AuditRow> found = [.. there.Rows.Skip(first < 0 ? ~first : first + 1).Take(limit).TakeWhile(row => string.CompareOrdinal(row.Key, before) < 0)];
            return Task.FromResult(found);
        }
    }

    public Task<string?> FindPartitionAsync(string first, string last, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemoveAsync(string partition, CancellationToken cancellationToken) => throw new NotSupportedException();

    private static Comparer<AuditRow> ByKey { get; } = Comparer<AuditRow>.Create((one, other) => string.CompareOrdinal(one.Key, other.Key));
}
