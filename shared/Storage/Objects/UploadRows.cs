using System.Globalization;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>
/// Uploads and parts as rows. A row key is at most 512 characters (1 KiB of UTF-16), takes neither <c>/ \ # ?</c> nor control characters, and rows are in its order:
/// so a key's UTF-8 bytes are written as two letters each, which keeps S3's order whatever a store's collation is, and cut where they become too many.
/// <code>
/// table        partition              row
/// Uploads      the bucket's container the key's bytes, a to p for each half ‖ 0 ‖ upload id     an upload in progress
///                                     z ‖ upload id                                             one that has ended
/// UploadParts  upload id              part number, 5 digits
/// </code>
/// </summary>
internal static class UploadRows
{
    private const int MaxRowKey = 512;

    /// <summary>Of a longer key only the beginning is in its row's key; the key itself is in the row.</summary>
    private const int MaxKeyLetters = (MaxRowKey - 1 - UploadId.Length) / 2 * 2;

    /// <summary>Below all letters, so that a key comes before those that it begins.</summary>
    private const char EndOfKey = '0';

    /// <summary>Behind the letters of all keys.</summary>
    private const string Ended = "z";

    /// <summary>Is in no partition's or row's key.</summary>
    private const char NameSeparator = '/';

    private const string BucketName = "BucketName";
    private const string ObjectKey = "ObjectKey";
    private const string Initiated = "Initiated";
    private const string Initiator = "Initiator";
    private const string RequestedMethod = "RequestedMethod";
    private const string NamesKey = "NamesKey";
    private const string Replaces = "Replaces";
    private const string Algorithm = "ChecksumAlgorithm";
    private const string Type = "ChecksumType";
    private const string Requested = "ChecksumRequested";
    private const string Stored = "Stored";
    private const string EndedAt = "EndedAt";

    private const string Length = "Length";
    private const string ETagOfPart = "PartETag";
    private const string PartChecksum = "Checksum";
    private const string LastModified = "LastModified";
    private const string Token = "Token";
    private const string Inner = "Stream";
    private const string Outer = "OuterStream";

    /// <summary>All uploads that have ended.</summary>
    public static string EndedBefore(DateTimeOffset before) => TableClient.CreateQueryFilter($"RowKey ge {Ended} and EndedAt lt {before}");

    /// <summary>Names a row for an operator.</summary>
    public static string NameOf(TableEntity row) => $"{row.PartitionKey}{NameSeparator}{row.RowKey}";

    /// <summary>All uploads in progress behind the row of this name; null: all of them.</summary>
    public static string InProgress(string? after) => after?.Split(NameSeparator, 2) is [var container, var row]
        ? TableClient.CreateQueryFilter($"RowKey lt {Ended} and (PartitionKey gt {container} or (PartitionKey eq {container} and RowKey gt {row}))")
        : TableClient.CreateQueryFilter($"RowKey lt {Ended}");

    public static string RowKey(string key, UploadId id) => Letters(key) + EndOfKey + id;

    public static string EndedRowKey(UploadId id) => Ended + id;

    /// <summary>What the row keys of uploads of one key, or of keys too long to be told apart by them, have in common.</summary>
    public static string LettersOf(string rowKey) => rowKey[..^(1 + UploadId.Length)];

    /// <summary>A bucket's uploads in progress from a row on; the range may begin with some that it does not mean.</summary>
    public static string Range(string container, UploadRange range)
    {
        var prefix = Letters(range.Prefix);
        var from = Letters(range.From);
        if (range.AfterId is { } after && from.Length < MaxKeyLetters) from += EndOfKey + after.Text;
        if (string.CompareOrdinal(from, prefix) < 0) from = prefix;
        return TableClient.CreateQueryFilter($"PartitionKey eq {container} and RowKey ge {from} and RowKey lt {prefix + Ended}");
    }

    public static string PartsAfter(UploadId upload, int number) => TableClient.CreateQueryFilter($"PartitionKey eq {upload.Text} and RowKey gt {PartRowKey(number)}");

    public static string PartRowKey(int number) => number.ToString("D5", CultureInfo.InvariantCulture);

    /// <exception cref="Serverless.Objects.Api.S3Exception">MetadataTooLarge: what completing adds would not fit.</exception>
    public static void RequireFits(Upload upload) => StoredMetadata.Write(upload.Object.Description with
    {
        Length = long.MaxValue,
        ETag = new('0', 38),
        PartsCount = Upload.MaxParts,
        DataBlob = upload.Folder,
        Checksum = new(ChecksumAlgorithm.SHA256, new('0', 50)),
    }, upload.Object.Keys, streams: null);

    /// <summary>Names the row of an upload in progress, as it was read.</summary>
    public static TableEntity ToKey(Upload upload) => new(upload.Container, RowKey(upload.Key, upload.Id)) { ETag = new ETag(upload.Object.Version) };

    public static TableEntity ToRow(Upload upload)
    {
        var row = ToKey(upload);
        row[BucketName] = upload.Bucket;
        row[ObjectKey] = upload.Key;
        row[Initiated] = upload.Initiated;
        row[Initiator] = upload.Initiator;
        row[NamesKey] = upload.NamesKey;
        row[Algorithm] = upload.Checksum.Algorithm.ToString();
        row[Type] = upload.Checksum.Type.ToString();
        row[Requested] = upload.Checksum.Requested;
        row[Stored] = JsonSerializer.Serialize(StoredMetadata.Write(upload.Object.Description, upload.Object.Keys, streams: null));
        if (upload.RequestedMethod is not null) row[RequestedMethod] = upload.RequestedMethod;
        if (upload.Replaces is not null) row[Replaces] = upload.Replaces;
        return row;
    }

    /// <exception cref="DamagedObjectException">The row does not describe an upload.</exception>
    public static Upload ToUpload(TableEntity row)
    {
        try
        {
            return new(
                IdOf(row.RowKey[^UploadId.Length..]), Required(row, BucketName), row.PartitionKey, Required(row, ObjectKey), row.GetDateTimeOffset(Initiated)!.Value,
                Required(row, Initiator), row.GetString(RequestedMethod), row.GetBoolean(NamesKey)!.Value, row.GetString(Replaces),
                new(Enum.Parse<ChecksumAlgorithm>(Required(row, Algorithm)), Enum.Parse<ChecksumType>(Required(row, Type)), row.GetBoolean(Requested)!.Value),
                StoredMetadata.Read(JsonSerializer.Deserialize<Dictionary<string, string>>(Required(row, Stored)) ?? [], row.ETag.ToString()));
        }
        // A property that is missing, of another type, or no value of what it stands for.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or JsonException)
        {
            throw new DamagedObjectException(e);
        }
    }

    /// <summary>The row's upload; null where it does not describe one.</summary>
    public static Upload? TryToUpload(TableEntity row)
    {
        try
        {
            return ToUpload(row);
        }
        catch (DamagedObjectException)
        {
            return null;
        }
    }

    public static TableEntity ToEndedRow(Upload upload, DateTimeOffset now) =>
        new(upload.Container, EndedRowKey(upload.Id)) { [EndedAt] = now, [ObjectKey] = upload.Key };

    /// <summary>The S3 key of a row's upload; null where the row does not say.</summary>
    public static string? KeyOf(TableEntity row) => row[ObjectKey] as string;

    /// <summary>The row's upload, which has ended; null where the row does not describe one.</summary>
    public static EndedUpload? TryToEnded(TableEntity row) =>
        UploadId.TryParse(row.RowKey[Ended.Length..], out var id) ? new(id, row.PartitionKey, row.GetDateTimeOffset(EndedAt)!.Value) : null;

    public static TableEntity ToRow(UploadId upload, UploadedPart part)
    {
        var row = new TableEntity(upload.Text, PartRowKey(part.Number))
        {
            [Length] = part.Length,
            [ETagOfPart] = part.ETag,
            [PartChecksum] = part.Checksum,
            [LastModified] = part.LastModified,
            [Token] = part.Token,
            [Inner] = part.Streams.Inner,
        };
        if (part.Streams.Outer is not null) row[Outer] = part.Streams.Outer;
        return row;
    }

    public static UploadedPart ToPart(TableEntity row) => new(
        int.Parse(row.RowKey, CultureInfo.InvariantCulture), row.GetInt64(Length)!.Value, row.GetString(ETagOfPart), row.GetString(PartChecksum),
        row.GetDateTimeOffset(LastModified)!.Value, row.GetString(Token), new(row.GetBinary(Inner), row.GetBinary(Outer)));

    private static UploadId IdOf(string text) => UploadId.TryParse(text, out var id) ? id : throw new FormatException("This is no upload's id.");

    private static string Required(TableEntity row, string property) => row.GetString(property) ?? throw new FormatException($"The row has no {property}.");

    private static string Letters(string key)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        return string.Create(Math.Min(2 * bytes.Length, MaxKeyLetters), bytes, static (letters, bytes) =>
        {
            for (var i = 0; i < letters.Length; i++) letters[i] = (char)('a' + (i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15));
        });
    }
}
