using Azure.Data.Tables;
using Serverless.Keys;

namespace Serverless.Storage;

/// <summary>The key of audit digests as a row of its own beside the master key's.</summary>
public sealed class TableDigestKeyStore(StorageAccount account) : IDigestKeyStore
{
    private const string Partition = "audit";
    private const string Row = "digest-key";
    private const string Wrapped = "Wrapped";

    private readonly LazyTable _table = new(account.Tables.GetTableClient(TableMasterKeyStore.TableName));

    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken) =>
        (await _table.ReadAsync(Partition, Row, cancellationToken).ConfigureAwait(false))?.GetBinary(Wrapped);

    public ValueTask<bool> TryCreateAsync(byte[] wrapped, CancellationToken cancellationToken) =>
        _table.TryAddAsync(new TableEntity(Partition, Row) { [Wrapped] = wrapped }, cancellationToken);

    public ValueTask<bool> TryRewrapAsync(byte[] seen, byte[] wrapped, CancellationToken cancellationToken) =>
        _table.TryReplaceAsync(Partition, Row, Wrapped, seen, wrapped, cancellationToken);
}
