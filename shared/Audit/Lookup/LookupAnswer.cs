using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serverless.Audit;

/// <summary>Writes LookupEvents' answer (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html).</summary>
internal static class LookupAnswer
{
    /// <summary>The answer is no HTML, so a record's quotes are escaped as <c>\"</c>, a third of <c>\u0022</c>.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(IBufferWriter<byte> body, IReadOnlyList<AuditRecord> records, string? nextToken)
    {
        using var writer = new Utf8JsonWriter(body, Options);
        writer.WriteStartObject();
        writer.WriteStartArray("Events"u8);
        foreach (var record in records) WriteEvent(writer, record);
        writer.WriteEndArray();
        if (nextToken is not null) writer.WriteString("NextToken"u8, nextToken);
        writer.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter writer, AuditRecord record)
    {
        writer.WriteStartObject();
        writer.WriteString("EventId"u8, record.EventId);
        writer.WriteString("EventName"u8, record.EventName);
        writer.WriteString("ReadOnly"u8, record.ReadOnly ? "true"u8 : "false"u8);
        if (record.AccessKeyId is { } accessKeyId) writer.WriteString("AccessKeyId"u8, accessKeyId);
        writer.WriteNumber("EventTime"u8, (record.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond);
        writer.WriteString("EventSource"u8, record.EventSource);
        writer.WriteString("Username"u8, record.Username);
        writer.WriteStartArray("Resources"u8);
        foreach (var resource in record.Resources)
        {
            writer.WriteStartObject();
            writer.WriteString("ResourceType"u8, resource.Type);
            writer.WriteString("ResourceName"u8, resource.Arn);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteString("CloudTrailEvent"u8, record.Json.Span);
        writer.WriteEndObject();
    }
}
