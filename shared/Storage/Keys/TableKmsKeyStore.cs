using Azure.Data.Tables;
using Serverless.Keys;

namespace Serverless.Storage;

/// <summary>KMS keys in a table, as <see cref="KmsRows"/> lays them out.</summary>
public sealed class TableKmsKeyStore(StorageAccount account) : IKmsKeyStore
{
    public const string TableName = "KmsKeys";

    private readonly LazyTable _table = new(account.Tables.GetTableClient(TableName));

    public async ValueTask<KmsKey?> ReadKeyAsync(string region, string id, CancellationToken cancellationToken) =>
        await _table.ReadAsync(region, KmsRows.KeyRow(id), cancellationToken).ConfigureAwait(false) is { } row ? KmsRows.ToKey(row) : null;

    public async ValueTask<KmsKeyVersion?> ReadVersionAsync(string region, string keyId, uint version, CancellationToken cancellationToken) =>
        await _table.ReadAsync(region, KmsRows.VersionRow(keyId, version), cancellationToken).ConfigureAwait(false) is { } row
            ? KmsRows.ToVersion(row, keyId, version)
            : null;

    public async ValueTask<KmsAlias?> ReadAliasAsync(string region, string name, CancellationToken cancellationToken) =>
        await _table.ReadAsync(region, KmsRows.AliasRow(name), cancellationToken).ConfigureAwait(false) is { } row ? KmsRows.ToAlias(row) : null;

    public ValueTask<bool> TryCreateKeyAsync(KmsKey key, KmsKeyVersion? first, KmsAlias? alias, CancellationToken cancellationToken)
    {
        List<TableTransactionAction> rows = [Add(KmsRows.ToRow(key))];
        if (first is not null)
        {
            rows.Add(Add(KmsRows.ToRow(first)));
        }

        if (alias is not null)
        {
            rows.Add(Add(KmsRows.ToRow(alias)));
        }

        return _table.TrySubmitAsync(rows, cancellationToken);
    }

    public ValueTask<bool> TryReplaceKeyAsync(KmsKey key, KmsKeyVersion? added, CancellationToken cancellationToken)
    {
        TableEntity row = KmsRows.ToRow(key);
        return added is null
            ? _table.TryReplaceAsync(row, cancellationToken)
            : _table.TrySubmitAsync([new(TableTransactionActionType.UpdateReplace, row, row.ETag), Add(KmsRows.ToRow(added))], cancellationToken);
    }

    public ValueTask<bool> TryCreateAliasAsync(KmsAlias alias, CancellationToken cancellationToken) => _table.TryAddAsync(KmsRows.ToRow(alias), cancellationToken);

    public async ValueTask<IReadOnlyList<string>> ListKeyIdsAsync(string region, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await _table.QueryAsync(Range(region, KmsRows.KeyPrefix, KmsRows.KeyRow(after ?? "")), limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.RowKey[KmsRows.KeyPrefix.Length..])];
    }

    public async ValueTask<IReadOnlyList<KmsAlias>> ListAliasesAsync(string region, string? keyId, string? after, int limit, CancellationToken cancellationToken)
    {
        string filter = Range(region, KmsRows.AliasPrefix, KmsRows.AliasRow(after ?? ""));
        if (keyId is not null)
        {
            filter += TableClient.CreateQueryFilter($" and KeyId eq {keyId}");
        }

        var rows = await _table.QueryAsync(filter, limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(KmsRows.ToAlias)];
    }

    private static TableTransactionAction Add(TableEntity row) => new(TableTransactionActionType.Add, row);

    private static string Range(string region, string prefix, string after) =>
        TableClient.CreateQueryFilter($"PartitionKey eq {region} and RowKey gt {after} and RowKey lt {prefix[..^1] + KmsRows.AfterColon}");
}
