using System.Security.Cryptography;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Tags;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>PutObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html).</summary>
public sealed class PutObject(ObjectWriter writer, DataKeyring keyring)
{
    /// <summary>S3's limit for one request.</summary>
    public const long MaxSize = 5L << 30;

    public async Task HandleAsync(S3Request request, Bucket bucket) =>
        await StoreAsync(request, bucket, new PayloadPlaintext(request.Payload), request.Payload.DecodedLength).ConfigureAwait(false);

    /// <summary>Stores what comes with a request, as its headers say, and writes what of the object is in the answer's headers.</summary>
    /// <param name="request">The request.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="plaintext">The object's data.</param>
    /// <param name="mostLength">How long they are, or may be at most; null where the client does not say.</param>
    public async Task<ObjectDescription> StoreAsync(S3Request request, Bucket bucket, IPlaintext plaintext, long? mostLength)
    {
        using var requested = RequestedEncryption.Read(request.Headers, request.Caller.IsSecureTransport);
        UnsupportedHeaders.Refuse(request);
        var encryption = EffectiveEncryption.Of(requested, bucket.DefaultEncryption);
        if (encryption.JudgeBlock(bucket, request.Key, request.Caller) is { } blocked) throw new S3Exception(blocked);
        var conditions = Preconditions.Read(request.Headers);
        if (conditions.JudgeWriteForm() is { } malformed) throw new S3Exception(malformed);
        var length = mostLength ?? throw new AccessException(AccessErrors.MissingContentLength);
        if (length > MaxSize) throw new S3Exception(S3Errors.EntityTooLarge(length, MaxSize));

        using var digests = new BodyDigests(request.Headers, md5IsETag: encryption.Mode is EncryptionMode.S3);
        var headers = ObjectMetadata.ReadSystem(request.Headers, ContentEncoding.WithoutAwsChunked(request.Header("Content-Encoding")));
        var userMetadata = ObjectMetadata.ReadUser(request.Headers);
        var tags = TaggingHeader.Read(request.Headers);
        using var keys = await keyring.CreateAsync(encryption, bucket, request.Key, request.Caller, request.Aborted).ConfigureAwait(false);
        var body = new IncomingBody(
            plaintext, length, digests, keys.Plain, RandomNumberGenerator.GetBytes(StreamContext.IdSize), StreamContext.WholeObject);
        var description = await writer.WriteAsync(
            new(bucket, request.Key, body, encryption, keys, headers, userMetadata, tags), conditions, request.Aborted).ConfigureAwait(false);
        ObjectResponse.WriteStored(request.Response, description, encryption);
        VersionHeaders.Write(request.Response, bucket, description);
        return description;
    }
}
