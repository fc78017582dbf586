using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Serverless.Storage;

/// <summary>A table that is there once something is written to it; until then it reads as empty. Conflicts are answers, not exceptions.</summary>
internal sealed class LazyTable(TableClient table)
{
    /// <summary>The most rows of one transaction.</summary>
    public const int MaxTransaction = 100;

    /// <summary>Azure's largest page, in rows.</summary>
    private const int MaxPage = 1000;

    /// <summary>One row, or null.</summary>
    public ValueTask<TableEntity?> ReadAsync(string partition, string row, CancellationToken cancellationToken) =>
        StorageCalls.RunAsync(
            async token =>
            {
                // A missing table counts as a missing row here.
                var found = await table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: token).ConfigureAwait(false);
                return found.HasValue ? found.Value : null;
            },
            cancellationToken);

    /// <summary>At most <paramref name="limit"/> rows that match, in the order of their keys.</summary>
    public ValueTask<IReadOnlyList<TableEntity>> QueryAsync(string filter, int limit, CancellationToken cancellationToken) =>
        StorageCalls.RunAsync<IReadOnlyList<TableEntity>>(
            async token =>
            {
                var rows = new List<TableEntity>();
                try
                {
                    // Pages may be short, or empty, before the end.
                    await foreach (TableEntity row in table.QueryAsync<TableEntity>(filter, Math.Min(limit, MaxPage), cancellationToken: token).ConfigureAwait(false))
                    {
                        rows.Add(row);
                        if (rows.Count == limit)
                        {
                            break;
                        }
                    }
                }
                catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
                {
                    return [];
                }

                return rows;
            },
            cancellationToken);

    /// <summary>All rows that match, at most <paramref name="pageSize"/> at a time, in the order of their keys.</summary>
    public async IAsyncEnumerable<TableEntity> EnumerateAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken, int pageSize = MaxPage)
    {
        IAsyncEnumerator<Page<TableEntity>> pages = table.QueryAsync<TableEntity>(filter, pageSize, cancellationToken: cancellationToken)
            .AsPages().GetAsyncEnumerator(cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            while (await StorageCalls.RunAsync(_ => MoveNextAsync(), cancellationToken).ConfigureAwait(false))
            {
                foreach (TableEntity row in pages.Current.Values)
                {
                    yield return row;
                }
            }
        }

        async Task<bool> MoveNextAsync()
        {
            try
            {
                return await pages.MoveNextAsync().ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
            {
                return false;
            }
        }
    }

    /// <summary>Adds a row. False when there is one.</summary>
    public ValueTask<bool> TryAddAsync(TableEntity row, CancellationToken cancellationToken) =>
        TryAsync(token => table.AddEntityAsync(row, token), cancellationToken);

    /// <summary>Replaces a row. False when it is not there or has another ETag than <paramref name="row"/>'s.</summary>
    public ValueTask<bool> TryReplaceAsync(TableEntity row, CancellationToken cancellationToken) =>
        TryAsync(token => table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, token), cancellationToken);

    /// <summary>Replaces a binary property of a row. False when the row is not there, or the property is not as it was seen any more.</summary>
    public async ValueTask<bool> TryReplaceAsync(string partition, string row, string property, byte[] seen, byte[] value, CancellationToken cancellationToken)
    {
        TableEntity? current = await ReadAsync(partition, row, cancellationToken).ConfigureAwait(false);
        if (current?.GetBinary(property) is not { } kept || !kept.AsSpan().SequenceEqual(seen))
        {
            return false;
        }

        current[property] = value;
        return await TryReplaceAsync(current, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes rows of one partition, all or none. False when one of them is there that is to be added, or is not as expected that is to be replaced.</summary>
    public ValueTask<bool> TrySubmitAsync(IReadOnlyList<TableTransactionAction> actions, CancellationToken cancellationToken) =>
        TryAsync(token => table.SubmitTransactionAsync(actions, token), cancellationToken);

    /// <summary>Deletes all rows that match, a partition at a time.</summary>
    public async ValueTask RemoveAllAsync(string filter, CancellationToken cancellationToken)
    {
        while (await QueryAsync(filter, MaxTransaction, cancellationToken).ConfigureAwait(false) is { Count: > 0 } rows)
        {
            foreach (var partition in rows.GroupBy(row => row.PartitionKey))
            {
                // False when somebody else removes them, too: what is left is seen next.
                await TrySubmitAsync([.. partition.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All))], cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private ValueTask<bool> TryAsync<T>(Func<CancellationToken, Task<T>> write, CancellationToken cancellationToken) =>
        StorageCalls.RunAsync(
            async token =>
            {
                while (true)
                {
                    try
                    {
                        await write(token).ConfigureAwait(false);
                        return true;
                    }
                    catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
                    {
                        await table.CreateIfNotExistsAsync(token).ConfigureAwait(false);
                    }
                    catch (RequestFailedException e) when (IsConflict(e))
                    {
                        return false;
                    }
                }
            },
            cancellationToken);

    private static bool IsConflict(RequestFailedException e) =>
        e.ErrorCode == TableErrorCode.EntityAlreadyExists
        || e.ErrorCode == TableErrorCode.UpdateConditionNotSatisfied
        || e.ErrorCode == TableErrorCode.ResourceNotFound;
}
