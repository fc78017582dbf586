using System.Runtime.CompilerServices;
using Azure;
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
            ? KmsRows.ToVersion(row)
            : null;

    public async ValueTask<IReadOnlyList<KmsKeyVersion>> ListVersionsAsync(string region, string keyId, CancellationToken cancellationToken)
    {
        var rows = await _table.QueryAsync(KmsRows.Range(region, KmsRows.VersionPrefix(keyId)), int.MaxValue, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(KmsRows.ToVersion).OrderBy(version => version.Version)];
    }

    public async IAsyncEnumerable<KmsKeyVersion> ListAllVersionsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TableEntity row in _table.EnumerateAsync(KmsRows.AllVersions, cancellationToken).ConfigureAwait(false))
        {
            yield return KmsRows.ToVersion(row);
        }
    }

    public ValueTask<bool> TryRewrapVersionAsync(KmsKeyVersion seen, byte[] wrapped, CancellationToken cancellationToken) =>
        _table.TryReplaceAsync(seen.Region, KmsRows.VersionRow(seen.KeyId, seen.Version), "Wrapped", seen.Wrapped, wrapped, cancellationToken);

    public async ValueTask<KmsAlias?> ReadAliasAsync(string region, string name, CancellationToken cancellationToken) =>
        await _table.ReadAsync(region, KmsRows.AliasRow(name), cancellationToken).ConfigureAwait(false) is { } row ? KmsRows.ToAlias(row) : null;

    public async ValueTask<bool> TryCreateKeyAsync(KmsKey key, KmsKeyVersion? first, KmsAlias? alias, CancellationToken cancellationToken)
    {
        await ListRegionAsync(key, cancellationToken).ConfigureAwait(false);
        List<TableTransactionAction> rows = [Add(KmsRows.ToRow(key)), .. Reschedule(key)];
        if (first is not null)
        {
            rows.Add(Add(KmsRows.ToRow(first)));
        }

        if (alias is not null)
        {
            rows.Add(Add(KmsRows.ToRow(alias)));
        }

        return await _table.TrySubmitAsync(rows, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> TryReplaceKeyAsync(KmsKey key, KmsVersionChange? versions, CancellationToken cancellationToken)
    {
        await ListRegionAsync(key, cancellationToken).ConfigureAwait(false);
        TableEntity row = KmsRows.ToRow(key);
        List<TableTransactionAction> rows = [new(TableTransactionActionType.UpdateReplace, row, row.ETag), .. Reschedule(key)];
        if (versions is not null)
        {
            rows.AddRange(versions.Written.Select(version => new TableTransactionAction(TableTransactionActionType.UpsertReplace, KmsRows.ToRow(version))));
            if (versions.Removed is { } removed)
            {
                rows.Add(Delete(key.Region, KmsRows.VersionRow(key.Id, removed)));
            }
        }

        return await _table.TrySubmitAsync(rows, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<bool> TryCreateVersionAsync(KmsKeyVersion version, CancellationToken cancellationToken) =>
        _table.TryAddAsync(KmsRows.ToRow(version), cancellationToken);

    public ValueTask<bool> TryDeleteKeyAsync(KmsKey key, CancellationToken cancellationToken) =>
        _table.TrySubmitAsync([Delete(key.Region, KmsRows.KeyRow(key.Id), new ETag(key.ETag))], cancellationToken);

    public async ValueTask RemoveRemainsAsync(KmsDueKey deleted, CancellationToken cancellationToken)
    {
        await _table.RemoveAllAsync(AliasesOf(deleted.Region, deleted.KeyId, after: null), cancellationToken).ConfigureAwait(false);
        await _table.RemoveAllAsync(KmsRows.Range(deleted.Region, KmsRows.VersionPrefix(deleted.KeyId)), cancellationToken).ConfigureAwait(false);
        await _table.TrySubmitAsync([Delete(deleted.Region, KmsRows.DueRow(deleted.At, deleted.KeyId))], cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<bool> TryCreateAliasAsync(KmsAlias alias, CancellationToken cancellationToken) => _table.TryAddAsync(KmsRows.ToRow(alias), cancellationToken);

    public ValueTask<bool> TryReplaceAliasAsync(KmsAlias alias, CancellationToken cancellationToken) => _table.TryReplaceAsync(KmsRows.ToRow(alias), cancellationToken);

    public ValueTask<bool> TryDeleteAliasAsync(KmsAlias alias, CancellationToken cancellationToken) =>
        _table.TrySubmitAsync([Delete(alias.Region, KmsRows.AliasRow(alias.Name), new ETag(alias.ETag))], cancellationToken);

    public async ValueTask<IReadOnlyList<string>> ListKeyIdsAsync(string region, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await _table.QueryAsync(KmsRows.Range(region, KmsRows.KeyPrefix, KmsRows.KeyRow(after ?? "")), limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.RowKey[KmsRows.KeyPrefix.Length..])];
    }

    public async ValueTask<IReadOnlyList<KmsAlias>> ListAliasesAsync(string region, string? keyId, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await _table.QueryAsync(AliasesOf(region, keyId, after), limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(KmsRows.ToAlias)];
    }

    public async ValueTask<IReadOnlyList<KmsDueKey>> ListDueAsync(string region, DateTimeOffset until, KmsDueKey? after, int limit, CancellationToken cancellationToken)
    {
        string filter = KmsRows.Range(region, KmsRows.DuePrefixOf(until), after is null ? KmsRows.DuePrefix : KmsRows.DueRow(after.At, after.KeyId));
        var rows = await _table.QueryAsync(filter, limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(KmsRows.ToDue)];
    }

    public async ValueTask<IReadOnlyList<KmsDueKey>> ListCountedFromAsync(string region, DateTimeOffset after, int limit, CancellationToken cancellationToken)
    {
        string filter = KmsRows.Range(region, KmsRows.DuePrefix) + TableClient.CreateQueryFilter($" and CountedFrom gt {after}");
        var rows = await _table.QueryAsync(filter, limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(KmsRows.ToDue)];
    }

    public async ValueTask<IReadOnlyList<string>> ListRegionsAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {KmsRows.Regions} and RowKey gt {after ?? ""}");
        var rows = await _table.QueryAsync(filter, limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.RowKey)];
    }

    // The list is a partition of its own, so it is written before the key comes onto the schedule: a Region with nothing on it harms nothing.
    private async ValueTask ListRegionAsync(KmsKey key, CancellationToken cancellationToken)
    {
        if (key is { ScheduledAt: null, DueAt: not null })
        {
            await _table.TryAddAsync(new TableEntity(KmsRows.Regions, key.Region), cancellationToken).ConfigureAwait(false);
        }
    }

    private static string AliasesOf(string region, string? keyId, string? after)
    {
        string filter = KmsRows.Range(region, KmsRows.AliasPrefix, KmsRows.AliasRow(after ?? ""));
        return keyId is null ? filter : filter + TableClient.CreateQueryFilter($" and KeyId eq {keyId}");
    }

    private static IEnumerable<TableTransactionAction> Reschedule(KmsKey key)
    {
        string? from = key.ScheduledAt is { } before ? KmsRows.DueRow(before, key.Id) : null;
        string? to = key.DueAt is { } after ? KmsRows.DueRow(after, key.Id) : null;
        if (from == to)
        {
            yield break;
        }

        if (from is not null)
        {
            yield return Delete(key.Region, from);
        }

        if (to is not null)
        {
            yield return Add(new TableEntity(key.Region, to) { [KmsRows.CountedFrom] = key.RotationCountedFrom });
        }
    }

    private static TableTransactionAction Add(TableEntity row) => new(TableTransactionActionType.Add, row);

    private static TableTransactionAction Delete(string partition, string row, ETag? etag = null) =>
        new(TableTransactionActionType.Delete, new TableEntity(partition, row), etag ?? ETag.All);
}
