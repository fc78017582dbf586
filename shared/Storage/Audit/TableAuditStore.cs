using Azure.Data.Tables;
using Serverless.Audit;

namespace Serverless.Storage;

/// <summary>
/// The audit table, <see cref="TableName"/>. A record is one binary property: its bytes as they are, in half the space of a text (which Azure keeps as UTF-16);
/// a property's 64 KiB hold any record that a queue message holds.
/// </summary>
public sealed class TableAuditStore(StorageAccount account) : IAuditStore
{
    /// <summary>The table's name.</summary>
    public const string TableName = "AuditRecords";

    private const string RecordProperty = "Record";

    /// <summary>Bytes of records in a transaction, at most: 2.7 MiB as base64, of the 4 MiB that Azure takes with keys and headers.</summary>
    private const int MaxBytes = 2 * 1024 * 1024;

    private readonly LazyTable table = new(account.Tables.GetTableClient(TableName));

    /// <inheritdoc/>
    public async Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken)
    {
        var batch = new List<TableTransactionAction>(Math.Min(rows.Count, LazyTable.MaxTransaction));
        var bytes = 0;
        foreach (var row in rows)
        {
            if (batch.Count == LazyTable.MaxTransaction || (batch.Count > 0 && bytes + row.Json.Length > MaxBytes))
            {
                await SubmitAsync(batch, cancellationToken).ConfigureAwait(false);
                batch.Clear();
                bytes = 0;
            }
            // The row's key comes from the record, so what is replaced is the record itself.
            var entity = new TableEntity(partition, row.Key) { [RecordProperty] = new BinaryData(row.Json) };
            batch.Add(new TableTransactionAction(TableTransactionActionType.UpsertReplace, entity));
            bytes += row.Json.Length;
        }
        if (batch.Count > 0) await SubmitAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {after} and RowKey lt {before}");
        var rows = await table.QueryAsync(filter, limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => new AuditRow(row.RowKey, row.GetBinary(RecordProperty) ?? []))];
    }

    /// <inheritdoc/>
    public async Task<string?> FindPartitionAsync(string first, string last, CancellationToken cancellationToken)
    {
        var rows = await table.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey ge {first} and PartitionKey le {last}"), 1, cancellationToken).ConfigureAwait(false);
        return rows is [var row] ? row.PartitionKey : null;
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string partition, CancellationToken cancellationToken) =>
        table.RemoveAllAsync(TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), cancellationToken).AsTask();

    private async Task SubmitAsync(List<TableTransactionAction> batch, CancellationToken cancellationToken)
    {
        // Nothing is expected of the rows that are there, so nothing can be in conflict.
        if (!await table.TrySubmitAsync(batch, cancellationToken).ConfigureAwait(false)) throw new InvalidOperationException("The audit table refused rows.");
    }
}
