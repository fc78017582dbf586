using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Serverless.Objects.Rotation;

namespace Serverless.Storage;

/// <summary>Checkpoints as rows of one table.</summary>
public sealed class TableCheckpoints(StorageAccount account) : ICheckpoints
{
    public const string TableName = "Checkpoints";

    private const string Partition = "pass";
    private const string Progress = "Progress";

    private readonly TableClient _table = account.Tables.GetTableClient(TableName);

    public async ValueTask<RewrapProgress?> ReadAsync(string pass, CancellationToken cancellationToken)
    {
        try
        {
            var row = await StorageCalls.RunAsync(token => _table.GetEntityIfExistsAsync<TableEntity>(Partition, pass, cancellationToken: token), cancellationToken).ConfigureAwait(false);
            return row.HasValue ? JsonSerializer.Deserialize<RewrapProgress>(row.Value!.GetString(Progress)) : null;
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
        {
            return null;
        }
    }

    public async ValueTask WriteAsync(string pass, RewrapProgress progress, CancellationToken cancellationToken)
    {
        var row = new TableEntity(Partition, pass) { [Progress] = JsonSerializer.Serialize(progress) };
        try
        {
            await StorageCalls.RunAsync(token => _table.UpsertEntityAsync(row, TableUpdateMode.Replace, token), cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
        {
            await StorageCalls.RunAsync(token => _table.CreateIfNotExistsAsync(token), cancellationToken).ConfigureAwait(false);
            await StorageCalls.RunAsync(token => _table.UpsertEntityAsync(row, TableUpdateMode.Replace, token), cancellationToken).ConfigureAwait(false);
        }
    }
}
