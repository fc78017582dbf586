using System.Security.Cryptography;
using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Permissions;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Tags;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>
/// CopyObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html). The source is opened and sealed anew piece by piece, under a data key of the copy's own
/// and as one part: neither object is ever whole in memory, unless it is small.
/// </summary>
public sealed class CopyObject(CopySourceReader sources, S3Authorizer authorizer, ObjectWriter writer, DataKeyring keyring, SlowAnswer answer)
{
    private const string ChecksumAlgorithmHeader = "x-amz-checksum-algorithm";

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        var source = CopySource.Parse(request.Header(CopySource.Header)!);
        using var requested = RequestedEncryption.Read(request.Headers, request.Caller.IsSecureTransport);
        UnsupportedHeaders.Refuse(request);
        var encryption = EffectiveEncryption.Of(requested, bucket.DefaultEncryption);
        if (encryption.JudgeBlock(bucket, request.Key, request.Caller) is { } blocked) throw new S3Exception(blocked);
        var conditions = Preconditions.Read(request.Headers);
        if (conditions.JudgeWriteForm() is { } malformed) throw new S3Exception(malformed);
        var metadata = CopyMetadata.Read(request.Headers);
        var algorithm = ReadAlgorithm(request);
        // A version that is named may become the current one (userguide/RestoringPreviousVersions.html).
        CopyInPlace? inPlace = (source.BucketName, source.Key) != (bucket.Name, request.Key) || source.NamedVersion is not null ? null
            : new(metadata.Replaced is not null, request.Header("x-amz-storage-class") is not null, metadata.Redirect is not null, requested.IsNamed);

        await sources.ReadAsync(request, source, range: null, withTags: !metadata.ReplacesTags, async opened =>
        {
            var original = opened.Description;
            if (original.Length > CopySource.MaxSize) throw new S3Exception(CopySource.TooLarge);
            if (inPlace?.IsLegal(bucket.ConfiguredEncryption, original.Mode) is false) throw new S3Exception(CopyInPlace.Illegal);
            if (!metadata.ReplacesTags) await AuthorizeCopiedTagsAsync(request, bucket, original.Tags).ConfigureAwait(false);

            await using var plaintext = await opened.OpenAsync(0, original.Length).ConfigureAwait(false);
            using var pieces = new StreamPlaintext(plaintext);
            using var digests = new BodyDigests(
                algorithm ?? original.Checksum?.Algorithm ?? ChecksumAlgorithm.CRC64NVME, md5IsETag: encryption.Mode is EncryptionMode.S3);
            using var keys = await keyring.CreateAsync(encryption, bucket, request.Key, request.Caller, request.Aborted).ConfigureAwait(false);
            ObjectResponse.WriteApplied(request.Response, encryption, keys.KmsKeyArn);
            var body = new IncomingBody(
                pieces, original.Length, digests, keys.Plain, RandomNumberGenerator.GetBytes(StreamContext.IdSize), StreamContext.WholeObject);
            var copy = new NewObject(bucket, request.Key, body, encryption, keys, metadata.HeadersOf(original), metadata.UserMetadataOf(original), metadata.TagsOf(original));
            var copied = await answer.WaitAsync(request.Http, writer.WriteAsync(copy, conditions, request.Aborted).AsTask()).ConfigureAwait(false);
            VersionHeaders.Write(request.Response, bucket, copied);
            await S3Xml.WriteAsync(request.Response, ToXml(copied), request.Aborted).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Tags that are copied must be as welcome as a PutObject's: only now is it known which they are.</summary>
    private ValueTask AuthorizeCopiedTagsAsync(S3Request request, Bucket bucket, SortedDictionary<string, string>? tags)
    {
        if (tags is null) return ValueTask.CompletedTask;
        TaggingHeader.Write(request.Headers, tags);
        return authorizer.AuthorizeAsync(S3Operation.PutObject, request, bucket);
    }

    /// <summary>The algorithm that the copy's checksum is asked for in; null leaves it to the source's.</summary>
    private static ChecksumAlgorithm? ReadAlgorithm(S3Request request)
    {
        if (request.Header(ChecksumAlgorithmHeader) is not { } name) return null;
        return Checksum.TryParseAlgorithm(name, out var algorithm) ? algorithm : throw new S3Exception(S3Errors.UnsupportedChecksum);
    }

    private static XElement ToXml(ObjectDescription copied)
    {
        var result = new XElement(S3Xml.Namespace + "CopyObjectResult",
            new XElement(S3Xml.Namespace + "LastModified", S3Xml.Date(copied.LastModified)), new XElement(S3Xml.Namespace + "ETag", $"\"{copied.ETag}\""));
        if (copied.Checksum is { } checksum)
        {
            result.Add(new XElement(S3Xml.Namespace + "ChecksumType", Checksum.NameOf(checksum.Type)), new XElement(S3Xml.Namespace + checksum.Element, checksum.Value));
        }
        return result;
    }
}
