using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Serverless.Audit;

namespace Serverless.Storage;

/// <summary>
/// The audit table as an Azure table, <see cref="TableName"/>, created when the first row finds none. A record is one binary property:
/// its bytes as they are, in half the space of a text (which Azure keeps as UTF-16); a property's 64 KiB hold any record that a queue message holds.
/// </summary>
public sealed class AzureAuditStore(StorageAccount account) : IAuditStore
{
    /// <summary>The table's name.</summary>
    public const string TableName = "AuditRecords";

    private const string RecordProperty = "Record";

    /// <summary>Rows in an entity-group transaction, at most.</summary>
    private const int MaxRows = 100;

    /// <summary>Bytes of records in a transaction, at most: 2.7 MiB as base64, of the 4 MiB that Azure takes with keys and headers.</summary>
    private const int MaxBytes = 2 * 1024 * 1024;

    private static readonly string[] ReadProperties = ["RowKey", RecordProperty];

    private readonly TableClient table = account.Tables.GetTableClient(TableName);

    /// <inheritdoc/>
    public async Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken)
    {
        var batch = new List<TableTransactionAction>(Math.Min(rows.Count, MaxRows));
        var bytes = 0;
        foreach (var row in rows)
        {
            if (batch.Count == MaxRows || (batch.Count > 0 && bytes + row.Json.Length > MaxBytes))
            {
                await SubmitAsync(batch, cancellationToken).ConfigureAwait(false);
                batch.Clear();
                bytes = 0;
            }
            var entity = new TableEntity(partition, row.Key) { [RecordProperty] = new BinaryData(row.Json) };
            batch.Add(new TableTransactionAction(TableTransactionActionType.UpsertReplace, entity));
            bytes += row.Json.Length;
        }
        if (batch.Count > 0) await SubmitAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<AuditRow>(limit);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {after} and RowKey lt {before}");
        try
        {
            // Azure may end a page early, so pages are read until the limit or the end.
            await foreach (var entity in table.QueryAsync<TableEntity>(filter, limit, ReadProperties, cancellationToken).ConfigureAwait(false))
            {
                rows.Add(new AuditRow(entity.RowKey, entity.GetBinaryData(RecordProperty)));
                if (rows.Count == limit) break;
            }
        }
        catch (RequestFailedException missing) when (missing.ErrorCode == TableErrorCode.TableNotFound)
        {
            // No event was ever stored.
        }
        return rows;
    }

    private async Task SubmitAsync(List<TableTransactionAction> batch, CancellationToken cancellationToken)
    {
        try
        {
            await table.SubmitTransactionAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException missing) when (missing.ErrorCode == TableErrorCode.TableNotFound)
        {
            await table.CreateIfNotExistsAsync(cancellationToken).ConfigureAwait(false);
            await table.SubmitTransactionAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }
}
