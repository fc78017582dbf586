using System.Security.Cryptography;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>
/// PutObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html). The body is sealed as it comes, and nothing becomes visible before everything that the
/// client sent has been verified. An unconditional write of a small object is one storage call, the last writer winning as in S3; the object's present state is read,
/// while the body arrives, only where the client's conditions or the replaced data's reclamation need it.
/// </summary>
public sealed class PutObject(IObjectStore objects, LargeBody largeBody, DataKeyring keyring, TimeProvider time)
{
    /// <summary>S3's limit for one request.</summary>
    private const long MaxSize = 5L << 30;

    /// <summary>How often a lost race is run again before the client is asked to.</summary>
    private const int MaxAttempts = 8;

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var requested = RequestedEncryption.Read(request.Headers, request.Caller.IsSecureTransport);
        var mode = requested.Mode ?? EncryptionMode.S3;
        RefuseUnsupported(request);
        if (mode is EncryptionMode.Customer && bucket.BlocksCustomerKeys)
            throw new S3Exception(SseErrors.Blocked(request.Caller.Principal.Arn, "s3:PutObject", bucket.ObjectArn(request.Key)));

        var conditions = Preconditions.Read(request.Headers);
        if (conditions.JudgeWriteForm() is { } malformed) throw new S3Exception(malformed);
        var length = request.Payload.DecodedLength ?? throw new AccessException(AccessErrors.MissingContentLength);
        if (length > MaxSize) throw new S3Exception(S3Errors.EntityTooLarge(length, MaxSize));

        using var digests = new BodyDigests(request.Headers, md5IsETag: mode is EncryptionMode.S3);
        var metadata = ObjectMetadata.ReadUser(request.Headers);
        var isLarge = length > DataWriter.MaxInMemory;
        var existing = isLarge || conditions.ConditionsWrite ? objects.FindAsync(bucket, request.Key, request.Aborted).AsTask() : null;
        try
        {
            using var keys = await keyring.CreateAsync(mode, requested, bucket, request.Key, request.Caller, request.Aborted).ConfigureAwait(false);
            var incoming = new IncomingBody(
                new PayloadPlaintext(request.Payload), length, digests, keys.Plain, RandomNumberGenerator.GetBytes(StreamContext.IdSize), StreamContext.WholeObject);
            if (isLarge && conditions.JudgeWrite((await existing!.ConfigureAwait(false))?.Description.ETag, request.Key) is { } failed)
                throw new S3Exception(failed);

            using var received = isLarge
                ? await largeBody.ReceiveAsync(incoming, bucket, request.Key, request.Aborted).ConfigureAwait(false)
                : await SealInMemoryAsync(incoming, request.Aborted).ConfigureAwait(false);
            var description = Describe(request, requested, mode, metadata, incoming, keys, received);
            if (existing is not null)
                await ReplaceAsync(request, bucket, conditions, existing, description, keys, received).ConfigureAwait(false);
            else if (!await objects.WriteAsync(
                bucket, request.Key, description, keys.Wrapped, received.Body.Streams, received.Content, ExpectedState.Any, request.Aborted).ConfigureAwait(false))
                throw new S3Exception(S3Errors.ConditionalRequestConflict);
            ObjectResponse.WriteStored(request.Response, description, requested.CustomerKey?.Md5);
        }
        finally
        {
            // An error above must not leave the read's failure unobserved.
            if (existing is not null) await ((Task)existing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async ValueTask<ReceivedBody> SealInMemoryAsync(IncomingBody incoming, CancellationToken cancellationToken)
    {
        var content = new SegmentedBuffer(incoming.SealedLength);
        try
        {
            return new(content, await incoming.SealAsync(content, cancellationToken).ConfigureAwait(false), DataBlob: null);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private ObjectDescription Describe(S3Request request, RequestedEncryption requested, EncryptionMode mode,
        SortedDictionary<string, string> metadata, IncomingBody incoming, SealingKeys keys, ReceivedBody received) => new()
        {
            Id = incoming.ObjectId,
            Mode = mode,
            Length = incoming.Length,
            // In the other modes the ETag must not tell anything of the data: it is not their MD5 (API_Object.html).
            ETag = mode is EncryptionMode.S3 ? received.Body.Md5! : RandomNumberGenerator.GetHexString(2 * MD5.HashSizeInBytes, lowercase: true),
            LastModified = time.GetUtcNow(),
            Headers = ObjectMetadata.ReadSystem(request.Headers, ContentEncoding.WithoutAwsChunked(request.Header("Content-Encoding"))),
            UserMetadata = metadata,
            Checksum = received.Body.Checksum,
            KmsKeyArn = keys.KmsKeyArn,
            BucketKey = keys.Wrapped.BucketKey is not null,
            EncryptionContext = requested.Context.Pairs.Count == 0 ? null : new(requested.Context.Pairs.ToDictionary(), StringComparer.Ordinal),
            DataBlob = received.DataBlob,
        };

    /// <summary>
    /// Writes on the condition that the object is as it was read. A lost race is run again on the new state, unless the client's own conditions
    /// were judged on the old one: then it is told, as S3 tells it.
    /// </summary>
    private async Task ReplaceAsync(S3Request request, Bucket bucket, Preconditions conditions, Task<StoredObject?> existing,
        ObjectDescription description, SealingKeys keys, ReceivedBody received)
    {
        var seen = await existing.ConfigureAwait(false);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (conditions.JudgeWrite(seen?.Description.ETag, request.Key) is { } failed) throw new S3Exception(failed);
                if (await objects.WriteAsync(bucket, request.Key, description, keys.Wrapped, received.Body.Streams, received.Content, ExpectedState.Seen(seen), request.Aborted)
                    .ConfigureAwait(false)) break;
                if (conditions.ConditionsWrite || attempt == MaxAttempts) throw new S3Exception(S3Errors.ConditionalRequestConflict);
                seen = await objects.FindAsync(bucket, request.Key, request.Aborted).ConfigureAwait(false);
            }
        }
        catch (S3Exception) when (received.DataBlob is not null)
        {
            await largeBody.DiscardAsync(received.DataBlob).ConfigureAwait(false);
            throw;
        }
        if (seen?.Description.DataBlob is { } replaced) await largeBody.DiscardAsync(replaced).ConfigureAwait(false);
    }

    /// <summary>Headers that would change what is stored, or who may read it, are refused rather than ignored.</summary>
    private static void RefuseUnsupported(S3Request request)
    {
        if (request.Header("x-amz-storage-class") is not (null or "STANDARD")) throw new S3Exception(new S3Error("InvalidStorageClass", 400, "The storage class you specified is not valid"));
        if (request.Header("x-amz-acl") is not (null or "private" or "bucket-owner-full-control"))
            throw new S3Exception(new S3Error("AccessControlListNotSupported", 400, "The bucket does not allow ACLs"));
        foreach (var header in request.Headers.Keys)
        {
            var name = header.ToLowerInvariant();
            if (name is "x-amz-copy-source" or "x-amz-tagging" or "x-amz-write-offset-bytes"
                || name.StartsWith("x-amz-object-lock-", StringComparison.Ordinal) || name.StartsWith("x-amz-grant-", StringComparison.Ordinal))
                throw new S3Exception(S3Errors.HeaderNotImplemented(header));
        }
    }
}
