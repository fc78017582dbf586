using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Audit;

/// <summary>A record's free-form objects: written member by member, so that no secret is among them, and left out where they are too large.</summary>
internal static class RecordObject
{
    /// <summary>Writes <paramref name="value"/>, or in its place the mark that it was larger than <paramref name="limit"/> bytes.</summary>
    public static void Write(Utf8JsonWriter writer, JsonObject? value, int limit)
    {
        if (limit == int.MaxValue)
        {
            WriteNode(writer, value);
            return;
        }

        // What is written cannot be taken back, so an object that may be too large is written aside first.
        var aside = new ArrayBufferWriter<byte>();
        using (var asideWriter = new Utf8JsonWriter(aside, writer.Options)) WriteNode(asideWriter, value);
        if (aside.WrittenCount <= limit)
        {
            writer.WriteRawValue(aside.WrittenSpan, skipInputValidation: true);
            return;
        }
        writer.WriteStartObject();
        writer.WriteBoolean("omitted"u8, true);
        writer.WriteNumber("originalSize"u8, aside.WrittenCount);
        writer.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, value) in members)
                {
                    writer.WritePropertyName(name);
                    if (value is not null && RecordSecrets.Contains(name)) writer.WriteStringValue(RecordSecrets.Hidden);
                    else WriteNode(writer, value);
                }
                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items) WriteNode(writer, item);
                writer.WriteEndArray();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
