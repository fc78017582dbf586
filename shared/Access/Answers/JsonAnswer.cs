using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>Answers in AWS JSON 1.1, which KMS and CloudTrail speak (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html).</summary>
public static class JsonAnswer
{
    private const string ContentType = "application/x-amz-json-1.1";

    /// <summary>Writes an error's body.</summary>
    public static void WriteError(IBufferWriter<byte> answer, string code, string message)
    {
        using var writer = new Utf8JsonWriter(answer);
        writer.WriteStartObject();
        writer.WriteString("__type"u8, code);
        writer.WriteString("message"u8, message);
        writer.WriteEndObject();
    }

    /// <summary>Sends a body.</summary>
    public static async Task SendAsync(HttpContext context, string requestId, int status, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = answer.Length;
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        await context.Response.Body.WriteAsync(answer, cancellationToken);
    }

    /// <summary>Sends the refusal of a request that could not be authenticated.</summary>
    public static Task SendAsync(HttpContext context, string requestId, AccessError refused, CancellationToken cancellationToken)
    {
        var error = SignatureErrors.ForJson(refused);
        var answer = new ArrayBufferWriter<byte>();
        WriteError(answer, error.Code, error.Message);
        return SendAsync(context, requestId, error.Status, answer.WrittenMemory, cancellationToken);
    }
}
