using Microsoft.AspNetCore.Http;
using Serverless.Encryption;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>
/// GetObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html): the object is read once, properties and data together;
/// then a chunk is authenticated, and sent, and the next. The first bytes are authenticated before the answer begins.
/// </summary>
public sealed class GetObject(ObjectReader reader)
{
    private const int PieceSize = 4 * ChunkedEncryption.ChunkSize;

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var customerKey = RequestedEncryption.ReadForReading(request.Headers, request.Caller.IsSecureTransport);
        var range = ByteRange.Parse(request.Header("Range"));
        await reader.ReadAsync(new(bucket, request.Key, customerKey, request.Caller, request.Aborted), range, AnswerAsync).ConfigureAwait(false);

        async Task AnswerAsync(ReadableObject source)
        {
            var description = source.Description;
            if (ReadConditions.Answer(request, description)) return;

            var (offset, count) = (0L, description.Length);
            if (range is { } asked && asked.Resolve(description.Length) is var resolved)
                (offset, count) = resolved ?? throw new S3Exception(S3Errors.InvalidRange(asked.Text, description.Length));
            await using var plaintext = await source.OpenAsync(offset, count).ConfigureAwait(false);
            await SendAsync(request, description, customerKey?.Md5, range is null ? null : offset, count, plaintext).ConfigureAwait(false);
        }
    }

    /// <param name="rangeOffset">Where the range that was asked for begins; null where none was.</param>
    private static async Task SendAsync(
        S3Request request, ObjectDescription description, string? customerKeyMd5, long? rangeOffset, long count, Stream plaintext)
    {
        var body = request.Response.BodyWriter;
        var left = count;
        // The first bytes are authenticated while an error can still be told.
        var read = await plaintext.ReadAsync(body.GetMemory((int)Math.Min(PieceSize, Math.Max(left, 1))), request.Aborted).ConfigureAwait(false);

        ObjectResponse.WriteDescription(request.Response, description, customerKeyMd5);
        foreach (var (parameter, header) in ObjectMetadata.ResponseOverrides)
        {
            if (request.Signed.Target.Query.TryGet(parameter, out var value)) request.Response.Headers[header] = value;
        }
        if (count == description.Length && WantsChecksum(request)) ObjectResponse.WriteChecksum(request.Response, description);
        if (rangeOffset is { } offset)
        {
            request.Response.StatusCode = StatusCodes.Status206PartialContent;
            request.Response.Headers.ContentRange = ObjectResponse.ContentRange(offset, count, description.Length);
        }
        request.Response.ContentLength = count;

        while (read > 0)
        {
            body.Advance(read);
            left -= read;
            if ((await body.FlushAsync(request.Aborted).ConfigureAwait(false)).IsCompleted || left == 0) return;
            read = await plaintext.ReadAsync(body.GetMemory((int)Math.Min(PieceSize, left)), request.Aborted).ConfigureAwait(false);
        }
    }

    internal static bool WantsChecksum(S3Request request) =>
        string.Equals(request.Header("x-amz-checksum-mode"), "ENABLED", StringComparison.OrdinalIgnoreCase);
}
