using System.Text.Json;
using Azure.Data.Tables;
using Serverless.Objects.Rotation;

namespace Serverless.Storage;

/// <summary>Checkpoints as rows of one table.</summary>
public sealed class TableCheckpoints(StorageAccount account) : ICheckpoints
{
    public const string TableName = "Checkpoints";

    private const string Partition = "pass";
    private const string Progress = "Progress";

    private readonly LazyTable _table = new(account.Tables.GetTableClient(TableName));

    public async ValueTask<RewrapProgress?> ReadAsync(string pass, CancellationToken cancellationToken) =>
        await _table.ReadAsync(Partition, pass, cancellationToken).ConfigureAwait(false) is { } row
            ? JsonSerializer.Deserialize<RewrapProgress>(row.GetString(Progress)) : null;

    public async ValueTask WriteAsync(string pass, RewrapProgress progress, CancellationToken cancellationToken)
    {
        var row = new TableEntity(Partition, pass) { [Progress] = JsonSerializer.Serialize(progress) };
        await _table.TrySubmitAsync([new(TableTransactionActionType.UpsertReplace, row)], cancellationToken).ConfigureAwait(false);
    }
}
