using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serverless.Audit;

/// <summary>Writes an event as an entry of a queue message, into a buffer that the thread keeps.</summary>
internal static class AuditEntry
{
    /// <summary>A buffer that one event made larger than this is not kept.</summary>
    private const int MaxKeptBytes = 64 * 1024;

    private static readonly JsonWriterOptions Options = new()
    {
        // A record is no HTML: quotes, pluses and other alphabets are kept readable, and short.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // Ample for every request's parameters; deeper ones are a bug, and a reader's limit is 64.
        MaxDepth = 32,
    };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? kept;

    /// <summary>The entry, valid until this thread writes the next one; at most <see cref="AuditMessage.MaxEntryBytes"/> bytes.</summary>
    public static ReadOnlySpan<byte> Write(AuditEvent auditEvent, string accountId)
    {
        var entry = Write(auditEvent, accountId, RecordLimits.Usual);
        return entry.Length <= AuditMessage.MaxEntryBytes ? entry : Write(auditEvent, accountId, RecordLimits.Tight);
    }

    private static ReadOnlySpan<byte> Write(AuditEvent auditEvent, string accountId, RecordLimits limits)
    {
        var (buffer, writer) = kept ?? Create();
        // Taken out while in use: an event that cannot be written leaves no half of itself to the next.
        kept = null;
        writer.WriteStartObject();
        writer.WriteNumber("ticks"u8, auditEvent.EventTime.UtcTicks);
        writer.WritePropertyName("record"u8);
        RecordWriter.Write(writer, auditEvent, accountId, limits);
        writer.WriteEndObject();
        writer.Flush();
        var entry = buffer.WrittenSpan;
        if (buffer.Capacity <= MaxKeptBytes)
        {
            writer.Reset();
            buffer.ResetWrittenCount();
            kept = (buffer, writer);
        }
        return entry;
    }

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) Create()
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        return (buffer, new Utf8JsonWriter(buffer, Options));
    }
}
