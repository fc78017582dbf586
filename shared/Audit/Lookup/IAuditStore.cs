namespace Serverless.Audit;

/// <summary>A record in a partition.</summary>
/// <param name="Key">Its place (see <see cref="AuditKey"/>), by which the partition is ordered.</param>
/// <param name="Json">The record, UTF-8, at most 48 KiB.</param>
public readonly record struct AuditRow(string Key, ReadOnlyMemory<byte> Json);

/// <summary>The audit table: partitions of rows in the ordinal order of their keys. Rows are only ever added, and removed when their time is over.</summary>
public interface IAuditStore
{
    /// <summary>
    /// When this returns, every row is durably in the partition, once, also if it was there before. Killed or failed, it may have stored some of them; repeating it stores the rest.
    /// </summary>
    /// <param name="partition">A partition of an <see cref="AuditPlace"/>, or of the <see cref="AuditJournal"/>.</param>
    /// <param name="rows">Any number of rows with different keys.</param>
    /// <param name="cancellationToken">Gives up; repeating it is harmless.</param>
    Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken);

    /// <summary>The partition's first rows whose keys are between two, both exclusive, in ordinal order; none where there is no such partition.</summary>
    /// <param name="partition">A partition of an <see cref="AuditPlace"/>, or of the <see cref="AuditJournal"/>.</param>
    /// <param name="after">The key that precedes them.</param>
    /// <param name="before">The key that follows them.</param>
    /// <param name="limit">How many, at most; 1 or more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken);

    /// <summary>The first partition that has rows, of those from one to another, both inclusive, in ordinal order; or null.</summary>
    Task<string?> FindPartitionAsync(string first, string last, CancellationToken cancellationToken);

    /// <summary>Removes all rows of a partition. Killed or failed, it may have removed some of them; repeating it removes the rest.</summary>
    Task RemoveAsync(string partition, CancellationToken cancellationToken);
}
