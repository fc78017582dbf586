using System.Buffers;
using Microsoft.AspNetCore.Http;
using Serverless.Encryption;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>
/// GetObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html): the object is read once, properties and data together;
/// then a chunk is authenticated, and sent, and the next. The first bytes are authenticated before the answer begins.
/// </summary>
public sealed class GetObject(IObjectStore objects, IDataStore data, DataKeyring keyring)
{
    private const int PieceSize = 4 * ChunkedEncryption.ChunkSize;

    /// <summary>A manifest of 10,000 parts takes about 1 MiB.</summary>
    private const int MaxManifestSize = 4 << 20;

    /// <summary>How often a read is begun anew because its object was replaced under it, before the client is asked to.</summary>
    private const int MaxAttempts = 4;

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var customerKey = RequestedEncryption.ReadForReading(request.Headers, request.Caller.IsSecureTransport);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ReadAsync(request, bucket, customerKey).ConfigureAwait(false);
                return;
            }
            catch (S3Exception replaced) when (replaced.Error == S3Errors.SlowDown && attempt < MaxAttempts)
            {
                // Nothing has been sent: the object that is there now is read from its start.
            }
        }
    }

    private async Task ReadAsync(S3Request request, Bucket bucket, CustomerKey? customerKey)
    {
        var range = ByteRange.Parse(request.Header("Range"));
        var guess = Guess(range);
        await using var open = await objects.OpenAsync(bucket, request.Key, guess, request.Aborted).ConfigureAwait(false)
            ?? throw new S3Exception(S3Errors.NoSuchKey(request.Key));
        var description = open.Object.Description;
        // S3 judges the customer's key before the conditions; the other modes' keys are not touched for a 304.
        DataKeyring.CheckCustomerKey(open.Object, customerKey, bucket, request.Key)?.Dispose();
        if (ReadConditions.Answer(request, description)) return;

        var (offset, count) = (0L, description.Length);
        if (range is { } asked && asked.Resolve(description.Length) is var resolved)
            (offset, count) = resolved ?? throw new S3Exception(S3Errors.InvalidRange(asked.Text, description.Length));

        using var keys = await keyring.OpenAsync(open.Object, customerKey, bucket, request.Key, request.Caller, request.Aborted).ConfigureAwait(false);
        var opener = new StreamOpener(offset, count, description.Length, keys.Outer is not null);
        await using var plaintext = await OpenPlaintextAsync(request, bucket, open, guess, keys, opener).ConfigureAwait(false);
        await SendAsync(request, description, customerKey?.Md5, range is not null, opener, plaintext).ConfigureAwait(false);
    }

    /// <summary>
    /// The stored bytes to ask for before anything is known of the object: right for an object in one layer stored with its description, which most are.
    /// A suffix needs the length, and so a second read.
    /// </summary>
    private static StoredRange? Guess(ByteRange? range)
    {
        if (range is not { First: { } first } asked) return range is null ? null : new(0, 0);
        // No object is that long: all there is to say is that the range is not satisfiable.
        if (first >= ChunkedEncryption.MaxPlaintextLength) return new(0, 0);
        var start = ChunkedEncryption.ChunkOffset(first / ChunkedEncryption.ChunkSize);
        // One chunk more than the range: where it reaches the object's end, the short last chunk may be the next one.
        return asked.Last is { } last and < ChunkedEncryption.MaxPlaintextLength - 2 * ChunkedEncryption.ChunkSize
            ? new(start, ChunkedEncryption.ChunkOffset(last / ChunkedEncryption.ChunkSize + 2) - start)
            : new(start, long.MaxValue - start);
    }

    private async ValueTask<Stream> OpenPlaintextAsync(
        S3Request request, Bucket bucket, OpenObject open, StoredRange? guess, OpenKeys keys, StreamOpener opener)
    {
        var stored = open.Object;
        var id = stored.Description.Id;
        if (stored.Description.DataBlob is not null)
        {
            var manifest = await ReadManifestAsync(request, bucket, open, guess, keys).ConfigureAwait(false);
            if (await PartsStream.OpenAsync(data, manifest, stored, keys, opener, request.Aborted).ConfigureAwait(false) is { } parts) return parts;
            // The data went with an object that has been replaced or deleted since it was looked at, or were lost.
            await using var unchanged = await ReopenAsync(request, bucket, stored, new(0, 0)).ConfigureAwait(false);
            throw new CorruptDataException();
        }
        if (Covers(guess, opener.Stored))
            return opener.Open(keys, stored.Streams, id, StreamContext.WholeObject, open.Content, guess?.Offset ?? 0);

        var again = await ReopenAsync(request, bucket, stored, opener.Stored).ConfigureAwait(false);
        return opener.Open(keys, stored.Streams, id, StreamContext.WholeObject, again.Content, opener.Stored.Offset);
    }

    private async ValueTask<Manifest> ReadManifestAsync(S3Request request, Bucket bucket, OpenObject open, StoredRange? guess, OpenKeys keys)
    {
        await using var content = guess is null ? open.Content : (await ReopenAsync(request, bucket, open.Object, null).ConfigureAwait(false)).Content;
        var buffer = new ArrayBufferWriter<byte>();
        while (await content.ReadAsync(buffer.GetMemory(PieceSize), request.Aborted).ConfigureAwait(false) is > 0 and var read)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxManifestSize) throw new CorruptDataException();
        }
        return ManifestContent.Read(buffer.WrittenSpan, keys.Inner);
    }

    /// <summary>Reads the same state of the object again.</summary>
    /// <exception cref="S3Exception">SlowDown: it was replaced in between.</exception>
    private async ValueTask<OpenObject> ReopenAsync(S3Request request, Bucket bucket, StoredObject seen, StoredRange? range)
    {
        var again = await objects.OpenAsync(bucket, request.Key, range, request.Aborted).ConfigureAwait(false);
        if (again is not null && again.Object.Description.Id.AsSpan().SequenceEqual(seen.Description.Id)) return again;
        if (again is not null) await again.DisposeAsync().ConfigureAwait(false);
        throw new S3Exception(S3Errors.SlowDown);
    }

    private static bool Covers(StoredRange? got, StoredRange needed) =>
        got is not { } range || (range.Offset <= needed.Offset && range.Offset + range.Count >= needed.Offset + needed.Count);

    private static async Task SendAsync(
        S3Request request, ObjectDescription description, string? customerKeyMd5, bool partial, StreamOpener range, Stream plaintext)
    {
        var body = request.Response.BodyWriter;
        var left = range.Count;
        // The first bytes are authenticated while an error can still be told.
        var read = await plaintext.ReadAsync(body.GetMemory((int)Math.Min(PieceSize, Math.Max(left, 1))), request.Aborted).ConfigureAwait(false);

        ObjectResponse.WriteDescription(request.Response, description, customerKeyMd5);
        foreach (var (parameter, header) in ObjectMetadata.ResponseOverrides)
        {
            if (request.Signed.Target.Query.TryGet(parameter, out var value)) request.Response.Headers[header] = value;
        }
        if (range.Count == range.Length && WantsChecksum(request)) ObjectResponse.WriteChecksum(request.Response, description);
        if (partial)
        {
            request.Response.StatusCode = StatusCodes.Status206PartialContent;
            request.Response.Headers.ContentRange = ObjectResponse.ContentRange(range.Offset, range.Count, range.Length);
        }
        request.Response.ContentLength = range.Count;

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
