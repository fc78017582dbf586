using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Serverless.Audit;

/// <summary>A record, by what it is compared by.</summary>
internal readonly record struct RecordMark(Guid? EventId, Fingerprint Print, DateTimeOffset Time);

/// <summary>Reads log files back.</summary>
internal static class LogFileReader
{
    /// <summary>What no log file of this service is as large as: more than its records, a last one, and brackets.</summary>
    private const int MaxBytes = LogExport.MaxOpenBytes + 1024 * 1024;

    /// <summary>Whether a file is there, and is as its digest says.</summary>
    public static async Task<bool> IsIntactAsync(IAuditArchive archive, DigestLogFile file, CancellationToken cancellationToken) =>
        await ReadAsync(archive, file, cancellationToken).ConfigureAwait(false) is { } content && Convert.ToHexStringLower(SHA256.HashData(content.Span)) == file.HashValue;

    /// <summary>The records in a file, whatever its hash is; null for a file that is not there or holds none.</summary>
    public static async Task<IReadOnlyList<RecordMark>?> ReadMarksAsync(IAuditArchive archive, DigestLogFile file, CancellationToken cancellationToken)
    {
        if (await ReadAsync(archive, file, cancellationToken).ConfigureAwait(false) is not { } content) return null;
        try
        {
            using var document = JsonDocument.Parse(content);
            return [.. document.RootElement.GetProperty("Records"u8).EnumerateArray().Select(MarkOf)];
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static RecordMark MarkOf(JsonElement record)
    {
        var print = Fingerprint.Of(JsonMarshal.GetRawUtf8Value(record));
        var id = record.TryGetProperty("eventID"u8, out var eventId) && eventId.ValueKind == JsonValueKind.String && eventId.TryGetGuid(out var known) ? known : (Guid?)null;
        return record.TryGetProperty("eventTime"u8, out var eventTime) && eventTime.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(eventTime.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? new(id, print, time) : new(id, print, default);
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(IAuditArchive archive, DigestLogFile file, CancellationToken cancellationToken)
    {
        await using var stored = await archive.OpenAsync(file.S3Object, cancellationToken).ConfigureAwait(false);
        if (stored is null) return null;
        try
        {
            await using var gzip = new GZipStream(stored, CompressionMode.Decompress);
            using var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await gzip.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (content.Length + read > MaxBytes) return null;
                content.Write(buffer, 0, read);
            }
            return content.GetBuffer().AsMemory(0, (int)content.Length);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
