using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Operations;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Multipart;

/// <summary>UploadPart (https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html).</summary>
public sealed class UploadPart(IUploadStore uploads, PartWriter writer)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        var number = UploadRequest.ReadPartNumber(request);
        using var customerKey = UploadRequest.ReadCustomerKey(request, bucket);
        var length = request.Payload.DecodedLength ?? throw new AccessException(AccessErrors.MissingContentLength);
        if (length > MultipartErrors.MaxPartSize) throw new S3Exception(S3Errors.EntityTooLarge(length, MultipartErrors.MaxPartSize));

        var upload = await UploadRequest.FindAsync(uploads, request, bucket).ConfigureAwait(false);
        var description = upload.Object.Description;
        using var digests = BodyDigests.OfPart(request.Headers, md5IsETag: description.Mode is EncryptionMode.S3, upload.Checksum);
        var (part, body) = await writer.WriteAsync(
            new(upload, bucket, number, new PayloadPlaintext(request.Payload), length, digests, customerKey, request.Caller), request.Aborted).ConfigureAwait(false);

        request.Response.Headers.ETag = $"\"{part.ETag}\"";
        ObjectResponse.WriteEncryption(request.Response, description, customerKey?.Md5);
        WriteChecksum(request.Response, digests.ChecksumIsSent ? body.Checksum : upload.Checksum.Requested ? body.PartChecksum : null);
    }

    private static void WriteChecksum(HttpResponse response, Checksum? checksum)
    {
        if (checksum is not null) response.Headers[checksum.Header] = checksum.Value;
    }
}
