using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Serverless.Access;
using Serverless.Objects.Buckets;

namespace Serverless.Storage;

/// <summary>
/// Buckets as rows of one table, all of an account in one partition, and a container each. The row is what makes a bucket: its container is created before it
/// and deleted before it, so that a crash in between leaves an unreferenced container, or a row that is being deleted, which the next attempt finishes.
/// </summary>
public sealed partial class TableBucketStore : IBucketStore
{
    public const string TableName = "Buckets";

    /// <summary>How long a bucket that another instance changed or deleted may still be seen here as it was.</summary>
    private static readonly TimeSpan CacheLifetime = TimeSpan.FromSeconds(5);

    private const int MaxCached = 10_000;
    private const int MaxReadablePart = 40;

    private readonly StorageAccount _account;
    private readonly string _accountId;
    private readonly TimeProvider _time;
    private readonly LazyTable _table;
    private readonly RecentCache<string, Bucket> _cache;

    public TableBucketStore(StorageAccount account, ServiceIdentity identity, TimeProvider time)
    {
        _account = account;
        _accountId = identity.AccountId;
        _time = time;
        _table = new(account.Tables.GetTableClient(TableName));
        _cache = new("buckets", LoadAsync, time, CacheLifetime, MaxCached);
    }

    public ValueTask<Bucket?> FindAsync(string name, CancellationToken cancellationToken) => _cache.GetAsync(name, cancellationToken);

    public async ValueTask<Bucket?> ReadAsync(string name, CancellationToken cancellationToken) =>
        await ReadRowAsync(name, cancellationToken).ConfigureAwait(false) is { } row && !BucketRow.IsDeleting(row) ? BucketRow.ToBucket(row) : null;

    public async IAsyncEnumerable<Bucket> ListAsync(string prefix, string after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!BucketName.MayBegin(prefix)) yield break;
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {_accountId} and RowKey gt {after} and RowKey ge {prefix}");
        await foreach (var row in _table.EnumerateAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            if (!row.RowKey.StartsWith(prefix, StringComparison.Ordinal)) yield break;
            if (!BucketRow.IsDeleting(row)) yield return BucketRow.ToBucket(row);
        }
    }

    public async ValueTask<bool> CreateAsync(NewBucket bucket, CancellationToken cancellationToken)
    {
        var name = bucket.Name;
        if (await ReadRowAsync(name, cancellationToken).ConfigureAwait(false) is { } taken)
        {
            if (!BucketRow.IsDeleting(taken)) return false;
            await FinishDeletionAsync(taken, cancellationToken).ConfigureAwait(false);
        }
        var container = NewContainerName(name);
        await CallAsync(token => _account.Blobs.CreateBlobContainerAsync(container, cancellationToken: token), cancellationToken).ConfigureAwait(false);
        var row = BucketRow.New(_accountId, name, container, bucket, _time.GetUtcNow());
        if (await _table.TryAddAsync(row, cancellationToken).ConfigureAwait(false)) return true;
        // The row that is in the way may be ours: an answer that was lost on the way is asked for again.
        if (await ReadRowAsync(name, cancellationToken).ConfigureAwait(false) is { } found && BucketRow.ContainerOf(found) == container) return true;
        await DropContainerAsync(container, cancellationToken).ConfigureAwait(false);
        return false;
    }

    public async ValueTask<bool> TryChangeAsync(Bucket changed, CancellationToken cancellationToken)
    {
        var row = BucketRow.Change(_accountId, changed);
        try
        {
            if (changed.HasVersions && !await TryCreateArchiveAsync(changed.Container, cancellationToken).ConfigureAwait(false)) return false;
            return await _table.TrySubmitAsync([new(TableTransactionActionType.UpdateMerge, row, new ETag(changed.Version))], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _cache.Forget(changed.Name);
        }
    }

    public async ValueTask<BucketDeletion> DeleteAsync(string name, Func<Bucket, ValueTask> confirm, CancellationToken cancellationToken)
    {
        while (await ReadRowAsync(name, cancellationToken).ConfigureAwait(false) is { } row)
        {
            if (BucketRow.IsDeleting(row))
            {
                await FinishDeletionAsync(row, cancellationToken).ConfigureAwait(false);
                return BucketDeletion.Deleted;
            }
            if (!await IsEmptyAsync(row, cancellationToken).ConfigureAwait(false)) return BucketDeletion.NotEmpty;
            await confirm(BucketRow.ToBucket(row)).ConfigureAwait(false);
            if (!await MarkAsync(row, deleting: true, cancellationToken).ConfigureAwait(false)) continue;
            _cache.Forget(name);
            // Looked at again now that no request finds the bucket any more: an object that was written in between is kept.
            if (await IsEmptyAsync(row, cancellationToken).ConfigureAwait(false)) continue;
            if (await ReadRowAsync(name, cancellationToken).ConfigureAwait(false) is { } marked)
                await MarkAsync(marked, deleting: false, cancellationToken).ConfigureAwait(false);
            return BucketDeletion.NotEmpty;
        }
        return BucketDeletion.NotFound;
    }

    private Task<Bucket?> LoadAsync(string name) => ReadAsync(name, CancellationToken.None).AsTask();

    private ValueTask<TableEntity?> ReadRowAsync(string name, CancellationToken cancellationToken) => _table.ReadAsync(_accountId, name, cancellationToken);

    private ValueTask<bool> MarkAsync(TableEntity row, bool deleting, CancellationToken cancellationToken)
    {
        BucketRow.Mark(row, deleting);
        return _table.TryReplaceAsync(row, cancellationToken);
    }

    private async ValueTask FinishDeletionAsync(TableEntity row, CancellationToken cancellationToken)
    {
        if (BucketRow.HasArchive(row)) await DropContainerAsync(ArchiveBlobs.ContainerOf(BucketRow.ContainerOf(row)), cancellationToken).ConfigureAwait(false);
        await DropContainerAsync(BucketRow.ContainerOf(row), cancellationToken).ConfigureAwait(false);
        await _table.TrySubmitAsync([new(TableTransactionActionType.Delete, row, row.ETag)], cancellationToken).ConfigureAwait(false);
    }

    private ValueTask DropContainerAsync(string container, CancellationToken cancellationToken) =>
        CallAsync(token => _account.Blobs.GetBlobContainerClient(container).DeleteIfExistsAsync(cancellationToken: token), cancellationToken);

    /// <summary>False: the bucket is being deleted.</summary>
    private ValueTask<bool> TryCreateArchiveAsync(string container, CancellationToken cancellationToken) =>
        StorageCalls.RunAsync(async token =>
        {
            try
            {
                await _account.Blobs.GetBlobContainerClient(ArchiveBlobs.ContainerOf(container)).CreateIfNotExistsAsync(cancellationToken: token).ConfigureAwait(false);
                return true;
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerBeingDeleted)
            {
                return false;
            }
        }, cancellationToken);

    private async ValueTask<bool> IsEmptyAsync(TableEntity row, CancellationToken cancellationToken)
    {
        var container = BucketRow.ContainerOf(row);
        return await IsEmptyAsync(container, 1, names => !names.Any(), cancellationToken).ConfigureAwait(false)
            && (!BucketRow.HasArchive(row) || await IsEmptyAsync(ArchiveBlobs.ContainerOf(container), null, ArchiveBlobs.AreAllVoid, cancellationToken).ConfigureAwait(false));
    }

    private ValueTask<bool> IsEmptyAsync(string container, int? pageSize, Func<IEnumerable<string>, bool> isEmpty, CancellationToken cancellationToken) =>
        StorageCalls.RunAsync(async token =>
        {
            try
            {
                await foreach (var page in _account.Blobs.GetBlobContainerClient(container).GetBlobsAsync(new GetBlobsOptions(), token)
                    .AsPages(pageSizeHint: pageSize).ConfigureAwait(false))
                {
                    if (!isEmpty(page.Values.Select(blob => blob.Name))) return false;
                }
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                // Another deletion of the same bucket has come further.
            }
            return true;
        }, cancellationToken);

    private static async ValueTask CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        await StorageCalls.RunAsync(call, cancellationToken).ConfigureAwait(false);

    /// <summary>Containers take no dots and only single hyphens; the random part keeps a new bucket apart from a deleted one of its name.</summary>
    private static string NewContainerName(string bucket)
    {
        var readable = Unnameable().Replace(bucket, "-");
        return $"{readable[..Math.Min(readable.Length, MaxReadablePart)].TrimEnd('-')}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
    }

    [GeneratedRegex("[.-]+")]
    private static partial Regex Unnameable();
}
