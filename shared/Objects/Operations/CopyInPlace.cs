using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>
/// Whether an object may be copied onto itself: only where the copy may come out another. As recorded, the headers count that ask for something, whether it is new or not;
/// of the bucket's default, that it was configured, or that the object is not in the initial one.
/// </summary>
/// <param name="ReplacesMetadata">The request gives the metadata anew.</param>
/// <param name="NamesStorageClass">The request names a storage class.</param>
/// <param name="NamesRedirect">The request names a website redirect location.</param>
/// <param name="NamesEncryption">The request has an encryption header.</param>
public readonly record struct CopyInPlace(bool ReplacesMetadata, bool NamesStorageClass, bool NamesRedirect, bool NamesEncryption)
{
    public static S3Error Illegal { get; } = S3Errors.InvalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, "
        + "website redirect location or encryption attributes.");

    public bool IsLegal(BucketEncryption? configured, EncryptionMode source) =>
        ReplacesMetadata || NamesStorageClass || NamesRedirect || NamesEncryption || configured is not null || source != BucketEncryption.Initial.Mode;
}
