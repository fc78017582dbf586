using System.Globalization;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Multipart;

/// <summary>What the requests of an upload have in common: its id, a part's number, and with SSE-C the customer's key.</summary>
internal static class UploadRequest
{
    private const string IdParameter = "uploadId";
    private const string NumberParameter = "partNumber";

    /// <exception cref="S3Exception">NoSuchUpload.</exception>
    public static UploadId ReadId(S3Request request) =>
        UploadId.TryParse(request.Signed.Target.Query.Find(IdParameter), out var id) ? id : throw NoSuchUpload(request);

    /// <exception cref="S3Exception">InvalidArgument: no number that a part may have.</exception>
    public static int ReadPartNumber(S3Request request)
    {
        var text = request.Signed.Target.Query.Find(NumberParameter);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Upload.MaxParts
            ? number : throw new S3Exception(MultipartErrors.PartNumber(text));
    }

    /// <summary>The part that a GET or HEAD asks for; null where it asks for none.</summary>
    /// <exception cref="S3Exception">InvalidArgument; InvalidRequest where it asks for a range, too.</exception>
    public static int? ReadWantedPart(S3Request request)
    {
        if (request.Signed.Target.Query.Find(NumberParameter) is null) return null;
        var number = ReadPartNumber(request);
        return request.Header("Range") is null ? number : throw new S3Exception(MultipartErrors.RangeAndPart);
    }

    /// <summary>The customer's key of a part, or of what makes an object of parts. Other encryption headers are ignored, as S3 ignores them.</summary>
    /// <exception cref="S3Exception">One of <see cref="SseErrors"/>: it is no key, or the bucket takes none.</exception>
    public static CustomerKey? ReadCustomerKey(S3Request request, Bucket bucket)
    {
        var key = CustomerKey.ReadForWriting(request.Headers, request.Caller.IsSecureTransport, otherMethod: null);
        if (key is null || !bucket.BlocksCustomerKeys) return key;
        key.Dispose();
        throw new S3Exception(SseErrors.Blocked(request.Caller.Principal, "s3:PutObject", bucket.ObjectArn(request.Key)));
    }

    /// <summary>The upload that the request names.</summary>
    /// <exception cref="S3Exception">NoSuchUpload.</exception>
    public static async ValueTask<Upload> FindAsync(IUploadStore uploads, S3Request request, Bucket bucket) =>
        await TryFindAsync(uploads, request, bucket).ConfigureAwait(false) ?? throw NoSuchUpload(request);

    /// <summary>The same; null where there is none.</summary>
    public static ValueTask<Upload?> TryFindAsync(IUploadStore uploads, S3Request request, Bucket bucket) =>
        UploadId.TryParse(request.Signed.Target.Query.Find(IdParameter), out var id) ? uploads.FindAsync(bucket, request.Key, id, request.Aborted) : default;

    public static S3Exception NoSuchUpload(S3Request request) => new(MultipartErrors.NoSuchUpload(request.Signed.Target.Query.Find(IdParameter)));

    /// <summary>Judges the customer's key against the upload: the data key, or null where the upload is in another mode and the request has no key.</summary>
    /// <exception cref="S3Exception">InvalidRequest: there is a key and should be none, or none and should be one, or it is another.</exception>
    public static Encryption.SecretKey? CheckCustomerKey(Upload upload, CustomerKey? customerKey, Bucket bucket)
    {
        if (upload.Object.Description.Mode is EncryptionMode.Customer != customerKey is not null) throw new S3Exception(MultipartErrors.EncryptionNeeded);
        try
        {
            return DataKeyring.CheckCustomerKey(upload.Object, customerKey, bucket, upload.Key);
        }
        catch (S3Exception e) when (e.Error == SseErrors.WrongKey)
        {
            throw new S3Exception(MultipartErrors.OtherEncryption);
        }
    }
}
