using Serverless.Objects.Api;

namespace Serverless.Objects.Operations;

/// <summary>The headers of a write that would change what is stored, or who may read it, in a way that is not there: refused rather than ignored.</summary>
internal static class UnsupportedHeaders
{
    /// <exception cref="S3Exception">InvalidStorageClass, AccessControlListNotSupported or NotImplemented.</exception>
    public static void Refuse(S3Request request)
    {
        if (request.Header("x-amz-storage-class") is not (null or "STANDARD")) throw new S3Exception(new S3Error("InvalidStorageClass", 400, "The storage class you specified is not valid"));
        if (request.Header("x-amz-acl") is not (null or "private" or "bucket-owner-full-control"))
            throw new S3Exception(new S3Error("AccessControlListNotSupported", 400, "The bucket does not allow ACLs"));
        foreach (var header in request.Headers.Keys)
        {
            var name = header.ToLowerInvariant();
            if (name is "x-amz-tagging" or "x-amz-write-offset-bytes"
                || name.StartsWith("x-amz-object-lock-", StringComparison.Ordinal) || name.StartsWith("x-amz-grant-", StringComparison.Ordinal))
                throw new S3Exception(S3Errors.HeaderNotImplemented(header));
        }
    }
}
