using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Caching.Memory;
using Serverless.Access;
using Serverless.Objects.Buckets;

namespace Serverless.Storage;

/// <summary>
/// Buckets as rows of one table, all of an account in one partition, and a container each. The row is what makes a bucket: its container is created before it
/// and deleted before it, so that a crash in between leaves an unreferenced container, or a row that is being deleted, which the next attempt finishes.
/// </summary>
public sealed partial class TableBucketStore(StorageAccount account, ServiceIdentity identity) : IBucketStore, IDisposable
{
    public const string TableName = "Buckets";

    /// <summary>How long a bucket that another instance deleted may still be seen here.</summary>
    private static readonly TimeSpan CacheLifetime = TimeSpan.FromSeconds(5);

    private const int MaxCached = 10_000;
    private const int MaxReadablePart = 40;

    private readonly TableClient _table = account.Tables.GetTableClient(TableName);
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MaxCached });

    public async ValueTask<Bucket?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_cache.TryGetValue(name, out Bucket? cached)) return cached;
        var row = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
        if (row is null or { Deleting: true }) return null;
        var bucket = row.ToBucket();
        _cache.Set(name, bucket, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = CacheLifetime });
        return bucket;
    }

    public async IAsyncEnumerable<Bucket> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = _table.QueryAsync<BucketRow>(TableClient.CreateQueryFilter($"PartitionKey eq {identity.AccountId}"), cancellationToken: cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        await using (rows.ConfigureAwait(false))
        {
            while (await InTableAsync(async _ => await rows.MoveNextAsync().ConfigureAwait(false), missing: false, cancellationToken).ConfigureAwait(false))
            {
                if (!rows.Current.Deleting) yield return rows.Current.ToBucket();
            }
        }
    }

    public async ValueTask<bool> CreateAsync(string name, string region, bool blocksCustomerKeys, CancellationToken cancellationToken)
    {
        if (await ReadAsync(name, cancellationToken).ConfigureAwait(false) is { } taken)
        {
            if (!taken.Deleting) return false;
            await FinishDeletionAsync(taken, cancellationToken).ConfigureAwait(false);
        }
        var row = new BucketRow
        {
            PartitionKey = identity.AccountId,
            RowKey = name,
            Container = NewContainerName(name),
            Region = region,
            CreatedAt = DateTimeOffset.UtcNow,
            BlocksCustomerKeys = blocksCustomerKeys,
        };
        var container = account.Blobs.GetBlobContainerClient(row.Container);
        await StorageCalls.RunAsync(token => container.CreateAsync(cancellationToken: token), cancellationToken).ConfigureAwait(false);
        if (await TryAddAsync(row, cancellationToken).ConfigureAwait(false)) return true;
        await StorageCalls.RunAsync(token => container.DeleteIfExistsAsync(cancellationToken: token), cancellationToken).ConfigureAwait(false);
        return false;
    }

    public async ValueTask<BucketDeletion> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (await ReadAsync(name, cancellationToken).ConfigureAwait(false) is not { } row) return BucketDeletion.NotFound;
        if (!row.Deleting)
        {
            if (!await IsEmptyAsync(row.Container, cancellationToken).ConfigureAwait(false)) return BucketDeletion.NotEmpty;
            row.Deleting = true;
            row.ETag = await UpdateAsync(row, cancellationToken).ConfigureAwait(false);
            _cache.Remove(name);
            // Looked at again now that no request finds the bucket any more: an object that was written in between is kept.
            if (!await IsEmptyAsync(row.Container, cancellationToken).ConfigureAwait(false))
            {
                row.Deleting = false;
                await UpdateAsync(row, cancellationToken).ConfigureAwait(false);
                return BucketDeletion.NotEmpty;
            }
        }
        await FinishDeletionAsync(row, cancellationToken).ConfigureAwait(false);
        return BucketDeletion.Deleted;
    }

    public void Dispose() => _cache.Dispose();

    private async ValueTask FinishDeletionAsync(BucketRow row, CancellationToken cancellationToken)
    {
        await StorageCalls.RunAsync(token => account.Blobs.GetBlobContainerClient(row.Container).DeleteIfExistsAsync(cancellationToken: token), cancellationToken).ConfigureAwait(false);
        await StorageCalls.RunAsync(token => _table.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, token), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> IsEmptyAsync(string container, CancellationToken cancellationToken) =>
        await StorageCalls.RunAsync(async token =>
        {
            await foreach (var page in account.Blobs.GetBlobContainerClient(container).GetBlobsAsync(new GetBlobsOptions(), token)
                .AsPages(pageSizeHint: 1).ConfigureAwait(false))
            {
                if (page.Values.Count > 0) return false;
            }
            return true;
        }, cancellationToken).ConfigureAwait(false);

    private ValueTask<BucketRow?> ReadAsync(string name, CancellationToken cancellationToken) =>
        InTableAsync(async token =>
        {
            var row = await _table.GetEntityIfExistsAsync<BucketRow>(identity.AccountId, name, cancellationToken: token).ConfigureAwait(false);
            return row.HasValue ? row.Value : null;
        }, missing: null, cancellationToken);

    private async ValueTask<bool> TryAddAsync(BucketRow row, CancellationToken cancellationToken)
    {
        try
        {
            await StorageCalls.RunAsync(token => _table.AddEntityAsync(row, token), cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
        {
            await StorageCalls.RunAsync(token => _table.CreateIfNotExistsAsync(token), cancellationToken).ConfigureAwait(false);
            return await TryAddAsync(row, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            return false;
        }
        return true;
    }

    private async ValueTask<ETag> UpdateAsync(BucketRow row, CancellationToken cancellationToken) =>
        (await StorageCalls.RunAsync(token => _table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, token), cancellationToken).ConfigureAwait(false)).Headers.ETag!.Value;

    /// <summary>A read of a table that the first bucket has yet to create.</summary>
    private static async ValueTask<T> InTableAsync<T>(Func<CancellationToken, Task<T>> read, T missing, CancellationToken cancellationToken)
    {
        try
        {
            return await StorageCalls.RunAsync(read, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
        {
            return missing;
        }
    }

    /// <summary>Containers take no dots and only single hyphens; the random part keeps a new bucket apart from a deleted one of its name.</summary>
    private static string NewContainerName(string bucket)
    {
        var readable = Unnameable().Replace(bucket, "-");
        return $"{readable[..Math.Min(readable.Length, MaxReadablePart)].TrimEnd('-')}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
    }

    [GeneratedRegex("[.-]+")]
    private static partial Regex Unnameable();
}
