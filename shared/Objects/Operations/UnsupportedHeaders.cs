using Serverless.Objects.Acls;
using Serverless.Objects.Api;

namespace Serverless.Objects.Operations;

/// <summary>The headers of a write that would change what is stored, or who may read it, in a way that is not there: refused rather than ignored.</summary>
internal static class UnsupportedHeaders
{
    /// <exception cref="S3Exception">InvalidStorageClass, AccessControlListNotSupported or NotImplemented.</exception>
    public static void Refuse(S3Request request)
    {
        if (request.Header("x-amz-storage-class") is { } storageClass and not "STANDARD") throw new S3Exception(S3Errors.InvalidStorageClass(storageClass));
        RequestedAcl.Judge(request.Headers);
        foreach (var header in request.Headers.Keys)
        {
            var name = header.ToLowerInvariant();
            if (name is "x-amz-write-offset-bytes" || name.StartsWith("x-amz-object-lock-", StringComparison.Ordinal)) throw new S3Exception(S3Errors.HeaderNotImplemented(header));
        }
    }
}
