using System.Globalization;
using System.IO.Compression;
using Azure.Data.Tables;
using Serverless.Audit;

namespace Serverless.Storage;

/// <summary>
/// The chain of digests as rows of one partition, created once and never changed, the newest first: a row's key is what remains of the hours until the end of time. The content is gzipped, as an
/// hour with very many records has very many log files.
/// </summary>
public sealed class TableDigestStore(StorageAccount account) : IDigestStore
{
    public const string TableName = "AuditDigests";

    private const string Partition = "digest";
    private const string Content = "Content";
    private const string Signature = "Signature";

    private static readonly long LastHour = AuditHour.Of(DateTimeOffset.MaxValue).Number;

    private readonly LazyTable table = new(account.Tables.GetTableClient(TableName));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SealedDigest>> ReadAsync(AuditHour? from, int limit, CancellationToken cancellationToken)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey ge {(from is { } hour ? RowOf(hour) : "")}");
        var rows = await table.QueryAsync(filter, limit, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => new SealedDigest(HourOf(row.RowKey), Unzip(row.GetBinary(Content)), row.GetBinary(Signature)))];
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryAddAsync(SealedDigest digest, CancellationToken cancellationToken) => table.TryAddAsync(
        new TableEntity(Partition, RowOf(digest.Hour)) { [Content] = Zip(digest.Content), [Signature] = digest.Signature.ToArray() }, cancellationToken);

    private static string RowOf(AuditHour hour) => (LastHour - hour.Number).ToString("D8", CultureInfo.InvariantCulture);

    // A key that is no number was not made here; what it holds belongs to no hour, and is signed for none.
    private static AuditHour HourOf(string row) => long.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var left) && left <= LastHour ? new(LastHour - left) : new(0);

    private static byte[] Zip(ReadOnlyMemory<byte> content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal)) gzip.Write(content.Span);
        return compressed.ToArray();
    }

    /// <summary>What is not gzipped is no digest, and read as an empty one: its signature is wrong.</summary>
    private static byte[] Unzip(byte[]? compressed)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(compressed ?? []), CompressionMode.Decompress);
            using var content = new MemoryStream();
            gzip.CopyTo(content);
            return content.ToArray();
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }
}
