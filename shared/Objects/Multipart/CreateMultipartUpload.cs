using Microsoft.Net.Http.Headers;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Operations;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Multipart;

/// <summary>
/// CreateMultipartUpload (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html). All that is said of the object is said here, and its data key is made.
/// What is at the key now is noted: a conditional completion fails when that has changed since, as S3's does.
/// </summary>
public sealed class CreateMultipartUpload(IUploadStore uploads, IObjectStore objects, DataKeyring keyring, TimeProvider time)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var requested = RequestedEncryption.Read(request.Headers, request.Caller.IsSecureTransport);
        UnsupportedHeaders.Refuse(request);
        var encryption = EffectiveEncryption.Of(requested, bucket.DefaultEncryption);
        if (encryption.JudgeBlock(bucket, request.Key, request.Caller) is { } blocked) throw new S3Exception(blocked);
        var checksum = UploadChecksum.Read(request.Headers);
        var headers = ObjectMetadata.ReadSystem(request.Headers, ContentEncoding.WithoutAwsChunked(request.Header(HeaderNames.ContentEncoding)));
        var userMetadata = ObjectMetadata.ReadUser(request.Headers);
        var tags = TaggingHeader.Read(request.Headers);

        var replaced = await FindReplacedAsync(request, bucket).ConfigureAwait(false);
        using var keys = await keyring.CreateForPartsAsync(encryption, bucket, request.Key, request.Caller, request.Aborted).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var id = UploadId.New(now);
        var description = new ObjectDescription
        {
            Id = id.ObjectId,
            Mode = encryption.Mode,
            Length = 0,
            ETag = "",
            // S3's date of an object that came in parts is that of the upload's beginning (userguide/UsingMetadata.html).
            LastModified = now,
            Headers = headers,
            UserMetadata = userMetadata,
            Tags = tags,
            KmsKeyArn = keys.KmsKeyArn,
            BucketKey = encryption.BucketKey,
            EncryptionContext = ObjectDescription.ContextOf(encryption),
        };
        await uploads.CreateAsync(new(
            id, bucket.Name, bucket.Container, request.Key, now, request.Caller.Principal.Arn,
            request.Header(SseHeaders.Algorithm), !string.IsNullOrEmpty(request.Header(SseHeaders.KmsKeyId)), replaced, checksum, new(description, keys.Wrapped, null, "")),
            request.Aborted).ConfigureAwait(false);

        ObjectResponse.WriteApplied(request.Response, encryption, keys.KmsKeyArn);
        if (checksum.Requested)
        {
            request.Response.Headers[UploadChecksum.AlgorithmHeader] = checksum.Algorithm.ToString();
            request.Response.Headers[UploadChecksum.TypeHeader] = Checksum.NameOf(checksum.Type);
        }
        await S3Xml.WriteAsync(request.Response, S3Xml.Element("InitiateMultipartUploadResult",
            S3Xml.Element("Bucket", bucket.Name), S3Xml.Element("Key", request.Key), S3Xml.Element("UploadId", id.Text)), request.Aborted).ConfigureAwait(false);
    }

    /// <summary>The id of the object that is at the key, if there is one. One that is damaged has none that anybody could have seen.</summary>
    private async ValueTask<string?> FindReplacedAsync(S3Request request, Bucket bucket)
    {
        try
        {
            return await objects.FindAsync(bucket.At(request.Key), request.Aborted).ConfigureAwait(false) is { } existing
                ? Convert.ToHexStringLower(existing.Description.Id) : null;
        }
        catch (DamagedObjectException)
        {
            return null;
        }
    }
}
