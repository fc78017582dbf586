using Serverless.Encryption;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Permissions;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Tags;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>
/// GetObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html): the object is read once, properties and data together;
/// then a chunk is authenticated, and sent, and the next. The first bytes are authenticated before the answer begins.
/// </summary>
public sealed class GetObject(ObjectReader reader, S3Authorizer authorizer)
{
    private const int PieceSize = 4 * ChunkedEncryption.ChunkSize;

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var customerKey = RequestedEncryption.ReadForReading(request.Headers, request.Caller.IsSecureTransport);
        var wantedPart = UploadRequest.ReadWantedPart(request);
        var range = ByteRange.Parse(request.Header("Range"));
        await reader.ReadAsync(new(request, bucket, customerKey), range, AnswerAsync).ConfigureAwait(false);

        async Task AnswerAsync(ReadableObject source)
        {
            var description = source.Description;
            await authorizer.ConfirmAsync(S3Operation.GetObject, request, bucket, description).ConfigureAwait(false);
            if (ReadConditions.Answer(request, description)) return;

            var slice = wantedPart is { } number
                ? ObjectSlice.OfPart(description, await source.ReadPartsAsync().ConfigureAwait(false), number)
                : ObjectSlice.OfRange(description, range);
            await using var plaintext = await source.OpenAsync(slice.Offset, slice.Count).ConfigureAwait(false);
            await SendAsync(request, bucket, description, customerKey?.Md5, slice, plaintext).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(S3Request request, Bucket bucket, ObjectDescription description, string? customerKeyMd5, ObjectSlice slice, Stream plaintext)
    {
        var body = request.Response.BodyWriter;
        var left = slice.Count;
        // The first bytes are authenticated while an error can still be told.
        var read = await plaintext.ReadAsync(body.GetMemory((int)Math.Min(PieceSize, Math.Max(left, 1))), request.Aborted).ConfigureAwait(false);

        ObjectResponse.WriteDescription(request.Response, description, customerKeyMd5);
        await TagCount.WriteAsync(authorizer, request, bucket, description).ConfigureAwait(false);
        VersionHeaders.Write(request.Response, bucket, description);
        foreach (var (parameter, header) in ObjectMetadata.ResponseOverrides)
        {
            if (request.Signed.Target.Query.TryGet(parameter, out var value)) request.Response.Headers[header] = value;
        }
        slice.Write(request.Response, description, WantsChecksum(request));

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
