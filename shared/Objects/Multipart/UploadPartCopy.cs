using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Operations;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Multipart;

/// <summary>
/// UploadPartCopy (https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html): a part out of an object, or of a range of it, in whichever mode that is. The source is opened and sealed anew
/// piece by piece, and never whole in memory unless it is small.
/// </summary>
public sealed class UploadPartCopy(IUploadStore uploads, CopySourceReader sources, PartWriter writer, SlowAnswer answer)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        var number = UploadRequest.ReadPartNumber(request);
        var source = CopySource.Parse(request.Header(CopySource.Header)!);
        CopyRange? range = request.Header(CopyRange.Header) is { } header ? CopyRange.Parse(header) : null;
        using var customerKey = UploadRequest.ReadCustomerKey(request, bucket);
        var upload = await UploadRequest.FindAsync(uploads, request, bucket).ConfigureAwait(false);
        var description = upload.Object.Description;
        UploadRequest.CheckCustomerKey(upload, customerKey, bucket)?.Dispose();

        await sources.ReadAsync(request, source, range?.Range, withTags: false, async opened =>
        {
            var (offset, count) = range?.Resolve(opened.Description.Length) ?? (0, opened.Description.Length);
            if (count > CopySource.MaxSize) throw new S3Exception(CopySource.TooLarge);

            await using var plaintext = await opened.OpenAsync(offset, count).ConfigureAwait(false);
            using var pieces = new StreamPlaintext(plaintext);
            using var digests = new BodyDigests(upload.Checksum.Algorithm, md5IsETag: description.Mode is EncryptionMode.S3);
            ObjectResponse.WriteEncryption(request.Response, description, customerKey?.Md5);
            var incoming = new IncomingPart(upload, bucket, number, pieces, count, digests, customerKey, request.Caller);
            var (part, _) = await answer.WaitAsync(request.Http, writer.WriteAsync(incoming, request.Aborted).AsTask()).ConfigureAwait(false);
            await S3Xml.WriteAsync(request.Response, ToXml(part, upload.Checksum), request.Aborted).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static XElement ToXml(UploadedPart part, UploadChecksum checksum) => S3Xml.Element("CopyPartResult",
        S3Xml.Element("LastModified", S3Xml.Date(part.LastModified)), S3Xml.Element("ETag", $"\"{part.ETag}\""),
        UploadXml.ChecksumOf(part, checksum));
}
