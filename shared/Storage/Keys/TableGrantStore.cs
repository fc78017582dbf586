using Azure;
using Azure.Data.Tables;
using Serverless.Keys;

namespace Serverless.Storage;

/// <summary>Grants in their keys' table, as <see cref="GrantRows"/> lays them out.</summary>
public sealed class TableGrantStore(StorageAccount account) : IGrantStore
{
    private readonly LazyTable _table = new(account.Tables.GetTableClient(TableKmsKeyStore.TableName));

    public async ValueTask<KmsGrant?> ReadGrantAsync(string region, string keyId, string grantId, CancellationToken cancellationToken) =>
        await _table.ReadAsync(region, GrantRows.Row(keyId, grantId), cancellationToken).ConfigureAwait(false) is { } row ? GrantRows.ToGrant(row) : null;

    public async ValueTask<string?> FindGrantAsync(string region, string keyId, string fingerprint, CancellationToken cancellationToken) =>
        (await _table.ReadAsync(region, GrantRows.FingerprintRow(keyId, fingerprint), cancellationToken).ConfigureAwait(false))?.GetString("GrantId");

    public ValueTask<bool> TryCreateGrantAsync(KmsKey key, KmsGrant grant, CancellationToken cancellationToken) =>
        _table.TrySubmitAsync(
            [Count(key, 1), .. GrantRows.ToRows(grant).Select(row => new TableTransactionAction(TableTransactionActionType.Add, row))],
            cancellationToken);

    public ValueTask<bool> TryDeleteGrantAsync(KmsKey key, KmsGrant grant, CancellationToken cancellationToken) =>
        _table.TrySubmitAsync([Count(key, -1), .. Delete(grant)], cancellationToken);

    public ValueTask<IReadOnlyList<KmsGrant>> ListGrantsAsync(
        string region, string keyId, string? grantee, string? after, int limit, CancellationToken cancellationToken)
    {
        string filter = KmsRows.Range(region, GrantRows.Prefix(keyId), GrantRows.Row(keyId, after ?? ""));
        return ListAsync(grantee is null ? filter : filter + TableClient.CreateQueryFilter($" and Grantee eq {grantee}"), limit, cancellationToken);
    }

    public ValueTask<IReadOnlyList<KmsGrant>> ListRetirableGrantsAsync(
        string region, string retiring, (string KeyId, string GrantId)? after, int limit, CancellationToken cancellationToken)
    {
        string prefix = GrantRows.RetirablePrefix(retiring);
        string first = after is { } last ? GrantRows.RetirableRow(retiring, last.KeyId, last.GrantId) : prefix;
        return ListAsync(KmsRows.Range(region, prefix, first), limit, cancellationToken);
    }

    public async ValueTask DeleteGrantsAsync(string region, string keyId, CancellationToken cancellationToken)
    {
        string all = KmsRows.Range(region, GrantRows.Prefix(keyId));
        while (await ListAsync(all, LazyTable.MaxTransaction / GrantRows.MaxRows, cancellationToken).ConfigureAwait(false) is { Count: > 0 } grants)
        {
            // False when somebody else deletes them, too: what is left is seen next.
            await _table.TrySubmitAsync([.. grants.SelectMany(Delete)], cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<IReadOnlyList<KmsGrant>> ListAsync(string filter, int limit, CancellationToken cancellationToken) =>
        [.. (await _table.QueryAsync(filter, limit, cancellationToken).ConfigureAwait(false)).Select(GrantRows.ToGrant)];

    // Merged, so that nothing of the key but the count is written; its ETag changes as with any change.
    private static TableTransactionAction Count(KmsKey key, int difference) => new(
        TableTransactionActionType.UpdateMerge,
        new TableEntity(key.Region, KmsRows.KeyRow(key.Id)) { [KmsRows.GrantCount] = key.GrantCount + difference },
        new ETag(key.ETag));

    private static IEnumerable<TableTransactionAction> Delete(KmsGrant grant) =>
        GrantRows.ToRows(grant).Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All));
}
