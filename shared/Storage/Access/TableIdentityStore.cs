using Azure;
using Azure.Data.Tables;
using Serverless.Access;

namespace Serverless.Storage;

/// <summary>The account's users in a table, as <see cref="UserRows"/> lays them out.</summary>
public sealed class TableIdentityStore(StorageAccount account, ServiceIdentity identity) : IIdentityStore
{
    public const string TableName = "Identities";

    private readonly LazyTable _table = new(account.Tables.GetTableClient(TableName));

    public async ValueTask<User?> FindUserAsync(string name, CancellationToken cancellationToken) =>
        await _table.ReadAsync(identity.AccountId, UserRows.UserRow(name), cancellationToken).ConfigureAwait(false) is { } row ? UserRows.ToUser(row) : null;

    public async ValueTask<AccessKeyOwner?> FindOwnerAsync(string accessKeyId, CancellationToken cancellationToken) =>
        await _table.ReadAsync(identity.AccountId, UserRows.KeyRow(accessKeyId), cancellationToken).ConfigureAwait(false) is { } row
            ? UserRows.ToOwner(row, accessKeyId)
            : null;

    public async ValueTask<IReadOnlyList<User>> ListUsersAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {identity.AccountId} and RowKey gt {UserRows.UserRow(after ?? "")} and RowKey lt {UserRows.AfterUsers}");
        return [.. (await _table.QueryAsync(filter, limit, cancellationToken).ConfigureAwait(false)).Select(UserRows.ToUser)];
    }

    public ValueTask<bool> TryCreateAsync(User user, CancellationToken cancellationToken) => _table.TryAddAsync(UserRows.ToRow(user), cancellationToken);

    public ValueTask<bool> TryChangeAsync(User seen, User changed, CancellationToken cancellationToken)
    {
        var (before, row) = (UserRows.ToRow(seen), UserRows.ToRow(changed));
        row.ETag = before.ETag;
        var renamed = before.RowKey != row.RowKey;
        List<TableTransactionAction> actions = renamed
            ? [Delete(before), new(TableTransactionActionType.Add, row)]
            : [new(TableTransactionActionType.UpdateReplace, row, row.ETag)];
        string[] ids = [.. changed.AccessKeys.Select(key => key.Id)], known = [.. seen.AccessKeys.Select(key => key.Id)];
        actions.AddRange(ids.Except(known).Select(id => new TableTransactionAction(TableTransactionActionType.Add, UserRows.ToKeyRow(changed, id))));
        actions.AddRange(known.Except(ids).Select(id => DeleteKey(seen, id)));
        if (renamed)
        {
            actions.AddRange(ids.Intersect(known).Select(id => new TableTransactionAction(TableTransactionActionType.UpdateMerge, UserRows.ToKeyRow(changed, id), ETag.All)));
        }
        return _table.TrySubmitAsync(actions, cancellationToken);
    }

    public ValueTask<bool> TryDeleteAsync(User seen, CancellationToken cancellationToken) =>
        _table.TrySubmitAsync([Delete(UserRows.ToRow(seen)), .. seen.AccessKeys.Select(key => DeleteKey(seen, key.Id))], cancellationToken);

    public ValueTask<bool> TryNoteUseAsync(AccessKeyOwner seen, AccessKeyUse use, CancellationToken cancellationToken) =>
        _table.TryReplaceAsync(UserRows.ToRow(identity.AccountId, seen, use), cancellationToken);

    private static TableTransactionAction Delete(TableEntity row) => new(TableTransactionActionType.Delete, row, row.ETag);

    // Whatever is noted of its use goes with it.
    private static TableTransactionAction DeleteKey(User user, string accessKeyId) =>
        new(TableTransactionActionType.Delete, UserRows.ToKeyRow(user, accessKeyId), ETag.All);
}
