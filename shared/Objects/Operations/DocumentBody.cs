using System.Buffers;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;

namespace Serverless.Objects.Operations;

/// <summary>The small document that a request carries as its body, verified by the Content-MD5 and the checksum that came with it.</summary>
internal static class DocumentBody
{
    /// <param name="request">The request.</param>
    /// <param name="maxSize">The largest document, in bytes.</param>
    /// <param name="tooLarge">What a larger one is answered with.</param>
    /// <exception cref="S3Exception">The document is too large or is not what was sent.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(S3Request request, int maxSize, S3Error tooLarge)
    {
        using var digests = new BodyDigests(request.Headers, md5IsETag: false);
        return await ReadAsync(request, maxSize, tooLarge, digests).ConfigureAwait(false);
    }

    /// <summary>The same of a document whose request's digests are not the document's.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(S3Request request, int maxSize, S3Error tooLarge, BodyDigests digests)
    {
        var document = new ArrayBufferWriter<byte>();
        while (await request.Payload.ReadAsync(request.Aborted).ConfigureAwait(false) is { IsEmpty: false } piece)
        {
            if (piece.Length > maxSize - document.WrittenCount) throw new S3Exception(tooLarge);
            digests.Append(piece.Span);
            document.Write(piece.Span);
        }
        digests.Verify(name => request.Payload.Trailers.GetValueOrDefault(name));
        return document.WrittenMemory;
    }
}
