using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Serverless.Keys;

namespace Serverless.Storage;

/// <summary>
/// The master key's versions as rows of one partition: <c>version:N</c>, created once, of which only the wrap changes and what becomes of it; <c>wraps:N</c>, its count of wraps;
/// <c>current</c>, the pointer; <c>root-key-check</c>.
/// </summary>
public sealed class TableMasterKeyStore(StorageAccount account) : IMasterKeyStore
{
    public const string TableName = "MasterKeys";

    private const string Partition = "master";
    private const string VersionPrefix = "version:";
    private const string CurrentRow = "current";
    private const string RootKeyCheckRow = "root-key-check";

    private readonly LazyTable _table = new(account.Tables.GetTableClient(TableName));

    public async ValueTask<byte[]?> ReadRootKeyCheckAsync(CancellationToken cancellationToken) =>
        (await _table.ReadAsync(Partition, RootKeyCheckRow, cancellationToken).ConfigureAwait(false))?.GetBinary("Check");

    public ValueTask<bool> TryCreateRootKeyCheckAsync(byte[] check, CancellationToken cancellationToken) =>
        _table.TryAddAsync(new TableEntity(Partition, RootKeyCheckRow) { ["Check"] = check }, cancellationToken);

    public ValueTask<bool> TryRewrapRootKeyCheckAsync(byte[] seen, byte[] check, CancellationToken cancellationToken) =>
        _table.TryReplaceAsync(Partition, RootKeyCheckRow, "Check", seen, check, cancellationToken);

    public ValueTask<bool> TryRewrapVersionAsync(MasterKeyVersion seen, byte[] wrapped, CancellationToken cancellationToken) =>
        _table.TryReplaceAsync(Partition, VersionRow(seen.Version), "Wrapped", seen.Wrapped, wrapped, cancellationToken);

    public async ValueTask<MasterKeyPointer?> ReadCurrentAsync(CancellationToken cancellationToken) =>
        await _table.ReadAsync(Partition, CurrentRow, cancellationToken).ConfigureAwait(false) is { } row
            ? new(NumberOf(row, "Version"), row.GetDateTimeOffset("Since"), row.ETag.ToString())
            : null;

    public async ValueTask<MasterKeyVersion?> ReadVersionAsync(uint version, CancellationToken cancellationToken) =>
        await _table.ReadAsync(Partition, VersionRow(version), cancellationToken).ConfigureAwait(false) is { } row ? VersionOf(row) : null;

    public async ValueTask<IReadOnlyList<MasterKeyVersion>> ListVersionsAsync(CancellationToken cancellationToken)
    {
        // What follows the colon in the order of characters is the semicolon. Numbers of unequal length are not in the order of their rows.
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt {VersionPrefix} and RowKey lt {"version;"}");
        var rows = await _table.QueryAsync(filter, int.MaxValue, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(VersionOf).OrderBy(version => version.Version)];
    }

    public ValueTask<bool> TryCreateVersionAsync(MasterKeyVersion version, CancellationToken cancellationToken) =>
        _table.TryAddAsync(RowOf(version), cancellationToken);

    public ValueTask<bool> TryChangeVersionAsync(MasterKeyVersion changed, CancellationToken cancellationToken) =>
        _table.TryReplaceAsync(RowOf(changed), cancellationToken);

    public ValueTask<bool> TryMoveCurrentAsync(MasterKeyPointer? from, uint to, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var row = new TableEntity(Partition, CurrentRow) { ["Version"] = (long)to, ["Since"] = since };
        if (from is null)
        {
            return _table.TryAddAsync(row, cancellationToken);
        }

        row.ETag = new ETag(from.ETag);
        return _table.TryReplaceAsync(row, cancellationToken);
    }

    public async ValueTask<long> ReadWrapsAsync(uint version, CancellationToken cancellationToken) =>
        await _table.ReadAsync(Partition, WrapsRow(version), cancellationToken).ConfigureAwait(false) is { } row ? row.GetInt64("Count")!.Value : 0;

    public async ValueTask AddWrapsAsync(uint version, long count, CancellationToken cancellationToken)
    {
        bool added = false;
        while (!added)
        {
            TableEntity? row = await _table.ReadAsync(Partition, WrapsRow(version), cancellationToken).ConfigureAwait(false);
            if (row is null)
            {
                added = await _table.TryAddAsync(new TableEntity(Partition, WrapsRow(version)) { ["Count"] = count }, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                row["Count"] = row.GetInt64("Count")!.Value + count;
                added = await _table.TryReplaceAsync(row, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Tables have no unsigned numbers.
    private static uint NumberOf(TableEntity row, string property) => (uint)row.GetInt64(property)!.Value;

    private static MasterKeyVersion VersionOf(TableEntity row) => new(
        uint.Parse(row.RowKey.AsSpan(VersionPrefix.Length), CultureInfo.InvariantCulture),
        row.GetGuid("Id")!.Value, row.GetBinary("Wrapped")!, row.GetDateTimeOffset("CreatedAt")!.Value)
    {
        SupersededAt = row.GetDateTimeOffset("SupersededAt"),
        LastFoundAt = row.GetDateTimeOffset("LastFoundAt"),
        Proof = row.GetString("Proof") is { } proof ? JsonSerializer.Deserialize<UnreferencedProof>(proof) : null,
        RetiringAt = row.GetDateTimeOffset("RetiringAt"),
        RetiredAt = row.GetDateTimeOffset("RetiredAt"),
        ETag = row.ETag.ToString(),
    };

    private static TableEntity RowOf(MasterKeyVersion version) => new(Partition, VersionRow(version.Version))
    {
        ["Id"] = version.Id,
        ["Wrapped"] = version.Wrapped,
        ["CreatedAt"] = version.CreatedAt,
        ["SupersededAt"] = version.SupersededAt,
        ["LastFoundAt"] = version.LastFoundAt,
        ["Proof"] = version.Proof is { } proof ? JsonSerializer.Serialize(proof) : null,
        ["RetiringAt"] = version.RetiringAt,
        ["RetiredAt"] = version.RetiredAt,
        ETag = new ETag(version.ETag),
    };

    private static string VersionRow(uint version) => string.Create(CultureInfo.InvariantCulture, $"{VersionPrefix}{version}");

    private static string WrapsRow(uint version) => string.Create(CultureInfo.InvariantCulture, $"wraps:{version}");
}
