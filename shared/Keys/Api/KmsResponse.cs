using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Serverless.Keys;

/// <summary>Answers in the form of AWS JSON 1.1, as the KMS API and its clients expect them.</summary>
internal static class KmsResponse
{
    private const string ContentType = "application/x-amz-json-1.1";

    public static void Write(IBufferWriter<byte> answer, KmsError error)
    {
        using var writer = new Utf8JsonWriter(answer);
        writer.WriteStartObject();
        writer.WriteString("__type"u8, error.Code);
        writer.WriteString("message"u8, error.Message);
        writer.WriteEndObject();
    }

    public static async Task SendAsync(HttpContext context, string requestId, int status, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = answer.Length;
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        await context.Response.Body.WriteAsync(answer, cancellationToken).ConfigureAwait(false);
    }
}
