using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Keys;
using Serverless.Objects.Rotation;

namespace Serverless.Storage;

/// <summary>
/// A pass's note as a blob, since the names of a page's objects and the counts of a bucket with many keys are too much for a row; and what it has found as rows.
/// <code>
/// table          partition                    row
/// KeyReferences  pass id : KEY                bucket : o or u : version     how many objects (o) or uploads (u) need that version
/// </code>
/// KEY has a colon for the slash that no row's key can have.
/// </summary>
public sealed class StoredRewrap(StorageAccount account) : IRewrapStore
{
    /// <summary>No bucket's container is named so: theirs end with random digits.</summary>
    public const string ContainerName = "rotation";
    public const string TableName = "KeyReferences";

    private const string NoteName = "rewrap";
    /// <summary>Behind all keys' names in the order of their characters.</summary>
    private const string BehindKeys = "~";

    private const string Found = "Found";
    private const string Left = "Left";

    private readonly LazyTable _rows = new(account.Tables.GetTableClient(TableName));
    private readonly BlobContainerClient _container = account.UnretriedBlobs.GetBlobContainerClient(ContainerName);

    public ValueTask<RewrapNote?> ReadAsync(CancellationToken cancellationToken) =>
        StorageCalls.RunAsync(
            async token =>
            {
                try
                {
                    BlobDownloadResult read = await account.Blobs.GetBlobContainerClient(ContainerName).GetBlobClient(NoteName).DownloadContentAsync(token).ConfigureAwait(false);
                    var note = JsonSerializer.Deserialize<RewrapNote>(read.Content)!;
                    note.ETag = read.Details.ETag.ToString();
                    return note;
                }
                catch (RequestFailedException e) when (e.Status == 404)
                {
                    return null;
                }
            },
            cancellationToken);

    public ValueTask<bool> TryWriteAsync(RewrapNote note, CancellationToken cancellationToken) =>
        StorageCalls.RunAsync(
            async token =>
            {
                var options = new BlobUploadOptions { Conditions = note.ETag is { } seen ? new() { IfMatch = new ETag(seen) } : new() { IfNoneMatch = ETag.All } };
                while (true)
                {
                    try
                    {
                        BlobContentInfo written = await _container.GetBlobClient(NoteName).UploadAsync(BinaryData.FromObjectAsJson(note), options, token).ConfigureAwait(false);
                        note.ETag = written.ETag.ToString();
                        return true;
                    }
                    catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound && note.ETag is null)
                    {
                        await _container.CreateIfNotExistsAsync(cancellationToken: token).ConfigureAwait(false);
                    }
                    catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
                    {
                        return false;
                    }
                }
            },
            cancellationToken);

    public async ValueTask FileAsync(Guid pass, FinishedSection finished, CancellationToken cancellationToken)
    {
        var rows = new List<TableEntity>();
        foreach (var (text, count) in finished.Counts)
        {
            if (KeyVersionName.TryParse(text, out var name))
                rows.Add(new(PartitionOf(pass, name.Value.Key), RowOf(finished.Section, name.Value.Version)) { [Found] = count.Found, [Left] = count.Left });
        }

        foreach (TableEntity[] batch in rows.GroupBy(row => row.PartitionKey).SelectMany(key => key.Chunk(LazyTable.MaxTransaction)))
        {
            await _rows.TrySubmitAsync([.. batch.Select(row => new TableTransactionAction(TableTransactionActionType.UpsertReplace, row))], cancellationToken).ConfigureAwait(false);
        }
    }

    public async IAsyncEnumerable<BucketReferences> ListAsync(Guid pass, string key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TableEntity row in _rows.EnumerateAsync(TableClient.CreateQueryFilter($"PartitionKey eq {PartitionOf(pass, key)}"), cancellationToken).ConfigureAwait(false))
        {
            string[] names = row.RowKey.Split(':');
            yield return new(names[0], uint.Parse(names[^1], NumberStyles.None, CultureInfo.InvariantCulture), row.GetInt64(Found)!.Value, row.GetInt64(Left)!.Value);
        }
    }

    public ValueTask ForgetAsync(Guid pass, CancellationToken cancellationToken) => _rows.RemoveAllAsync(
        TableClient.CreateQueryFilter($"PartitionKey ge {PartitionOf(pass, "")} and PartitionKey lt {PartitionOf(pass, BehindKeys)}"), cancellationToken);

    private static string PartitionOf(Guid pass, string key) => $"{pass:N}:{key.Replace('/', ':')}";

    private static string RowOf(RewrapSection section, uint version) =>
        string.Create(CultureInfo.InvariantCulture, $"{section.Bucket}:{(section.IsUploads ? 'u' : 'o')}:{version}");
}
