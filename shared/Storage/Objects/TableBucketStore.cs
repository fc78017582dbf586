using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Serverless.Access;
using Serverless.Objects.Buckets;
using Serverless.Objects.Cors;
using Serverless.Objects.Sse;

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


    private const string Container = "Container";
    private const string Region = "Region";
    private const string CreatedAt = "CreatedAt";
    private const string BlocksCustomerKeys = "BlocksCustomerKeys";

    /// <summary>JSON of the configured default encryption; absent or empty without one.</summary>
    private const string Encryption = "Encryption";

    /// <summary>JSON of the CORS rules, in UTF-8; absent or empty without any. A document of S3's largest size is smaller so, and fits where a text of it would not.</summary>
    private const string Cors = "Cors";

    /// <summary>The policy's document; absent or empty without one.</summary>
    private const string Policy = "Policy";

    /// <summary>Whether versions are kept; absent or empty for a bucket that never had versioning. Its archive is there before it says so.</summary>
    private const string Versioning = "Versioning";

    /// <summary>The names of what is blocked, or <see cref="NoBlock"/>. Buckets of versions that did not know it have none, and are blocked.</summary>
    private const string PublicAccessBlock = "PublicAccessBlock";
    private const string NoBlock = "Absent";

    /// <summary>A line a tag: key, tab, value. No tag has tabs or line ends in it.</summary>
    private const string Tags = "Tags";
    private const string NoOwnershipControls = "NoOwnershipControls";

    /// <summary>The bucket is gone for everybody; its container may still be there.</summary>
    private const string Deleting = "Deleting";

    /// <summary>Stands for a default encryption that cannot be read: there is no such key, so that no object is written under another one than was wanted.</summary>
    private static readonly BucketEncryption Unreadable = new(EncryptionMode.Kms, "unreadable", false);

    private static readonly JsonSerializerOptions CorsJson = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

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
        await ReadRowAsync(name, cancellationToken).ConfigureAwait(false) is { } row && !IsDeleting(row) ? ToBucket(row) : null;

    public async IAsyncEnumerable<Bucket> ListAsync(string prefix, string after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!BucketName.MayBegin(prefix)) yield break;
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {_accountId} and RowKey gt {after} and RowKey ge {prefix}");
        await foreach (var row in _table.EnumerateAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            if (!row.RowKey.StartsWith(prefix, StringComparison.Ordinal)) yield break;
            if (!IsDeleting(row)) yield return ToBucket(row);
        }
    }

    public async ValueTask<bool> CreateAsync(NewBucket bucket, CancellationToken cancellationToken)
    {
        var name = bucket.Name;
        if (await ReadRowAsync(name, cancellationToken).ConfigureAwait(false) is { } taken)
        {
            if (!IsDeleting(taken)) return false;
            await FinishDeletionAsync(taken, cancellationToken).ConfigureAwait(false);
        }
        var container = NewContainerName(name);
        await CallAsync(token => _account.Blobs.CreateBlobContainerAsync(container, cancellationToken: token), cancellationToken).ConfigureAwait(false);
        var row = new TableEntity(_accountId, name)
        {
            [Container] = container,
            [Region] = bucket.Region,
            [CreatedAt] = _time.GetUtcNow(),
            [BlocksCustomerKeys] = bucket.BlocksCustomerKeys,
            [PublicAccessBlock] = ToText(bucket.PublicAccessBlock),
            [Tags] = ToText(bucket.Tags),
        };
        if (await _table.TryAddAsync(row, cancellationToken).ConfigureAwait(false)) return true;
        // The row that is in the way may be ours: an answer that was lost on the way is asked for again.
        if ((await ReadRowAsync(name, cancellationToken).ConfigureAwait(false))?.GetString(Container) == container) return true;
        await DropContainerAsync(container, cancellationToken).ConfigureAwait(false);
        return false;
    }

    public async ValueTask<bool> TryChangeAsync(Bucket changed, CancellationToken cancellationToken)
    {
        // Merged, so that what only a newer version knows of the bucket stays.
        var row = new TableEntity(_accountId, changed.Name)
        {
            [Policy] = changed.Policy?.Json ?? "",
            [PublicAccessBlock] = ToText(changed.PublicAccessBlock),
            [BlocksCustomerKeys] = changed.BlocksCustomerKeys,
            [Cors] = changed.Cors is { } cors ? JsonSerializer.SerializeToUtf8Bytes(cors, CorsJson) : [],
            [Versioning] = changed.HasVersions ? changed.Versioning.ToString() : "",
            [Encryption] = changed.ConfiguredEncryption is { } encryption ? JsonSerializer.Serialize(encryption) : "",
            [Tags] = ToText(changed.Tags),
            [NoOwnershipControls] = !changed.HasOwnershipControls,
        };
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
            if (IsDeleting(row))
            {
                await FinishDeletionAsync(row, cancellationToken).ConfigureAwait(false);
                return BucketDeletion.Deleted;
            }
            if (!await IsEmptyAsync(row, cancellationToken).ConfigureAwait(false)) return BucketDeletion.NotEmpty;
            await confirm(ToBucket(row)).ConfigureAwait(false);
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
        row[Deleting] = deleting;
        return _table.TryReplaceAsync(row, cancellationToken);
    }

    private async ValueTask FinishDeletionAsync(TableEntity row, CancellationToken cancellationToken)
    {
        if (HasArchive(row)) await DropContainerAsync(ArchiveBlobs.ContainerOf(row.GetString(Container)), cancellationToken).ConfigureAwait(false);
        await DropContainerAsync(row.GetString(Container), cancellationToken).ConfigureAwait(false);
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
        var container = row.GetString(Container);
        return await IsEmptyAsync(container, 1, names => !names.Any(), cancellationToken).ConfigureAwait(false)
            && (!HasArchive(row) || await IsEmptyAsync(ArchiveBlobs.ContainerOf(container), null, ArchiveBlobs.AreAllVoid, cancellationToken).ConfigureAwait(false));
    }

    private static bool HasArchive(TableEntity row) => ToVersioning(row.GetString(Versioning)) is not BucketVersioning.Unversioned;

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

    private static bool IsDeleting(TableEntity row) => row.GetBoolean(Deleting) is true;

    private static Bucket ToBucket(TableEntity row)
    {
        var bucket = new Bucket(
            row.RowKey, row.GetString(Region), row.GetString(Container), row.GetDateTimeOffset(CreatedAt)!.Value, row.GetBoolean(BlocksCustomerKeys) is true)
        {
            PublicAccessBlock = ToBlocks(row.GetString(PublicAccessBlock)),
            Versioning = ToVersioning(row.GetString(Versioning)),
            ConfiguredEncryption = ToEncryption(row.GetString(Encryption)),
            Cors = ToCors(row.GetBinary(Cors)),
            Tags = ToTags(row.GetString(Tags)),
            HasOwnershipControls = row.GetBoolean(NoOwnershipControls) is not true,
            Version = row.ETag.ToString(),
        };
        return row.GetString(Policy) is { Length: > 0 } json ? bucket with { Policy = new(json, bucket.Arn) } : bucket;
    }

    private static string ToText(PublicAccessBlocks? blocks) => blocks?.ToString() ?? NoBlock;

    private static PublicAccessBlocks? ToBlocks(string? text) => text is NoBlock ? null
        : Enum.TryParse<PublicAccessBlocks>(text, out var blocks) ? blocks
        : PublicAccessBlocks.All;

    private static string ToText(IReadOnlyDictionary<string, string> tags) => string.Join('\n', tags.Select(tag => $"{tag.Key}\t{tag.Value}"));

    private static IReadOnlyDictionary<string, string> ToTags(string? text) => string.IsNullOrEmpty(text) ? FrozenDictionary<string, string>.Empty
        : new SortedDictionary<string, string>(text.Split('\n').Select(line => line.Split('\t')).ToDictionary(tag => tag[0], tag => tag[1]), StringComparer.Ordinal);

    /// <summary>What cannot be read keeps everything.</summary>
    private static BucketVersioning ToVersioning(string? text) => string.IsNullOrEmpty(text) ? BucketVersioning.Unversioned
        : text == nameof(BucketVersioning.Suspended) ? BucketVersioning.Suspended : BucketVersioning.Enabled;

    private static BucketEncryption? ToEncryption(string? json)
    {
        if (string.IsNullOrEmpty(json)) return null;
        try
        {
            return JsonSerializer.Deserialize<BucketEncryption>(json) is { Mode: EncryptionMode.S3 or EncryptionMode.Kms or EncryptionMode.DoubleKms } encryption ? encryption : Unreadable;
        }
        catch (JsonException)
        {
            return Unreadable;
        }
    }

    /// <summary>Rules that cannot be read allow nothing.</summary>
    private static CorsConfiguration? ToCors(byte[]? json)
    {
        if (json is not { Length: > 0 }) return null;
        try
        {
            return JsonSerializer.Deserialize<CorsConfiguration>(json, CorsJson);
        }
        catch (JsonException)
        {
            return null;
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
