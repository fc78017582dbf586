using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>Uploads and parts in two tables, as <see cref="UploadRows"/> lays them out.</summary>
public sealed class TableUploadStore(StorageAccount account) : IUploadStore
{
    public const string TableName = "Uploads";
    public const string PartsTableName = "UploadParts";

    private readonly LazyTable _uploads = new(account.Tables.GetTableClient(TableName));
    private readonly LazyTable _parts = new(account.Tables.GetTableClient(PartsTableName));

    public async ValueTask CreateAsync(Upload upload, CancellationToken cancellationToken)
    {
        UploadRows.RequireFits(upload);
        // No other upload has its id: a row that is there already is this one, written by a request whose answer was lost.
        await _uploads.TrySubmitAsync([new(TableTransactionActionType.UpsertReplace, UploadRows.ToRow(upload))], cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<Upload?> FindAsync(Bucket bucket, string key, UploadId id, CancellationToken cancellationToken) =>
        // Long keys have their beginnings only in the row's key.
        await _uploads.ReadAsync(bucket.Container, UploadRows.RowKey(key, id), cancellationToken).ConfigureAwait(false) is { } row
            && UploadRows.ToUpload(row) is var upload && upload.Key == key ? upload : null;

    public async IAsyncEnumerable<Upload> ListAsync(Bucket bucket, UploadRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = new List<Upload>();
        var runKey = "";
        await foreach (var row in _uploads.EnumerateAsync(UploadRows.Range(bucket.Container, range), cancellationToken, range.PageSize).ConfigureAwait(false))
        {
            if (UploadRows.TryToUpload(row) is not { } read) continue;
            // Rows of one key, or of keys too long to be told apart by their rows' keys.
            if (UploadRows.LettersOf(row.RowKey) is var key && key != runKey)
            {
                foreach (var upload in Sorted(run)) yield return upload;
                run.Clear();
                runKey = key;
            }
            run.Add(read);
        }
        foreach (var upload in Sorted(run)) yield return upload;

        IEnumerable<Upload> Sorted(List<Upload> uploads) => uploads
            .Where(upload => upload.Key.StartsWith(range.Prefix, StringComparison.Ordinal) && IsIncluded(upload))
            .OrderBy(upload => upload.Key, KeyOrder.Instance).ThenBy(upload => upload.Id.Text, StringComparer.Ordinal);

        bool IsIncluded(Upload upload) => upload.Key == range.From
            ? range.AfterId is null || string.CompareOrdinal(upload.Id.Text, range.AfterId.Value.Text) > 0
            : KeyOrder.Instance.Compare(upload.Key, range.From) > 0;
    }

    public ValueTask<bool> RewrapAsync(Upload expected, ObjectKeys keys, CancellationToken cancellationToken) =>
        _uploads.TryReplaceAsync(UploadRows.ToRow(expected with { Object = expected.Object with { Keys = keys } }), cancellationToken);

    public ValueTask<bool> EndAsync(Upload expected, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var row = UploadRows.ToKey(expected);
        return _uploads.TrySubmitAsync(
            [new(TableTransactionActionType.Delete, row, row.ETag), new(TableTransactionActionType.UpsertReplace, UploadRows.ToEndedRow(expected, now))], cancellationToken);
    }

    public async ValueTask PutPartAsync(UploadId upload, UploadedPart part, CancellationToken cancellationToken)
    {
        // Of parts of one number the last wins.
        TableTransactionAction[] put = [new(TableTransactionActionType.UpsertReplace, UploadRows.ToRow(upload, part))];
        while (!await _parts.TrySubmitAsync(put, cancellationToken).ConfigureAwait(false)) { }
    }

    public async ValueTask<IReadOnlyList<UploadedPart>> ListPartsAsync(UploadId upload, int after, int limit, CancellationToken cancellationToken) =>
        [.. (await _parts.QueryAsync(UploadRows.PartsAfter(upload, after), limit, cancellationToken).ConfigureAwait(false)).Select(UploadRows.ToPart)];

    public async ValueTask<bool> IsKnownAsync(string container, string key, UploadId id, CancellationToken cancellationToken) =>
        // In this order: an upload ends while one looks, but none begins anew.
        (await _uploads.ReadAsync(container, UploadRows.RowKey(key, id), cancellationToken).ConfigureAwait(false)
            ?? await _uploads.ReadAsync(container, UploadRows.EndedRowKey(id), cancellationToken).ConfigureAwait(false)) is { } row
        && UploadRows.KeyOf(row) is var known && (known is null || known == key);

    public async IAsyncEnumerable<ListedUpload> ListAllAsync(string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in _uploads.EnumerateAsync(UploadRows.InProgress(after), cancellationToken).ConfigureAwait(false))
            yield return new(UploadRows.NameOf(row), UploadRows.TryToUpload(row));
    }

    public async IAsyncEnumerable<EndedUpload> ListEndedAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in _uploads.EnumerateAsync(UploadRows.EndedBefore(before), cancellationToken).ConfigureAwait(false))
        {
            if (UploadRows.TryToEnded(row) is { } ended) yield return ended;
        }
    }

    public ValueTask ForgetPartsAsync(UploadId upload, CancellationToken cancellationToken) => _parts.RemoveAllAsync(UploadRows.PartsAfter(upload, 0), cancellationToken);

    public async ValueTask ForgetAsync(EndedUpload upload, CancellationToken cancellationToken)
    {
        await ForgetPartsAsync(upload.Id, cancellationToken).ConfigureAwait(false);
        var row = new TableEntity(upload.Container, UploadRows.EndedRowKey(upload.Id));
        await _uploads.TrySubmitAsync([new(TableTransactionActionType.Delete, row, ETag.All)], cancellationToken).ConfigureAwait(false);
    }
}
