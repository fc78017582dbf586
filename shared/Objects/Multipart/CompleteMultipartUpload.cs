using System.Diagnostics.CodeAnalysis;
using Microsoft.Net.Http.Headers;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Operations;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Multipart;

/// <summary>
/// CompleteMultipartUpload (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html). No data move: one write of a manifest makes the object, whole or not at all.
/// </summary>
/// <remarks>
/// The upload ends behind the object's write. A crash in between leaves an upload in progress whose object is there; the request that the client repeats ends it. Several completions at once write
/// one object: whoever finds an object of the upload's id, which may be an archived version by then, has nothing to write. The data of parts that are not in it, and of an object that this one replaces, are left to the reclaiming timer, which
/// waits far longer than a completion that could still refer to them takes.
/// </remarks>
public sealed class CompleteMultipartUpload(
    IUploadStore uploads, IObjectStore objects, ArchivedVersions archived, ObjectReplacement replacement, DataKeyring keyring, TimeProvider time)
{
    /// <summary>A completion that takes longer gives up, so that an upload's end, and some time, are enough to know that nobody completes it any more.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(30);

    /// <summary>How often a lost race is run again before the client is asked to.</summary>
    private const int MaxAttempts = 32;

    /// <summary>How far the clocks of two instances may be apart: more than they ever are.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(15);

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        var started = time.GetTimestamp();
        var conditions = Preconditions.Read(request.Headers);
        if (conditions.JudgeWriteForm() is { } malformed) throw new S3Exception(malformed);
        using var customerKey = UploadRequest.ReadCustomerKey(request, bucket);
        var id = UploadRequest.ReadId(request);
        // The checksum that the headers give is the object's.
        using var digests = new BodyDigests(ChecksumAlgorithm.CRC32, md5IsETag: false);
        var document = await DocumentBody.ReadAsync(request, CompletionRequest.MaxDocumentSize, S3Errors.MalformedXml, digests).ConfigureAwait(false);
        var completion = CompletionRequest.Read(id, S3Xml.Parse(document), request.Headers);

        // In this order: the object is there before its upload has ended.
        var upload = await uploads.FindAsync(bucket, request.Key, id, request.Aborted).ConfigureAwait(false);
        var (existing, made) = await FindAsync(request, bucket, id).ConfigureAwait(false);
        if (upload is not null && (customerKey is not null || upload.Checksum.Requested)) UploadRequest.CheckCustomerKey(upload, customerKey, bucket)?.Dispose();
        var description = made is not null ? made.Object.Description
            : upload is null ? throw UploadRequest.NoSuchUpload(request)
            : await WriteAsync(request, bucket, upload, completion, conditions, existing, started).ConfigureAwait(false);
        // Somebody else has completed it, and of other parts.
        if (description.ETag != Assembly.ETagOf(completion.Parts)) throw UploadRequest.NoSuchUpload(request);
        if (upload is not null) await EndAsync(request, bucket, upload).ConfigureAwait(false);
        VersionHeaders.Write(request.Response, bucket, description);
        await AnswerAsync(request, bucket, description, upload).ConfigureAwait(false);
    }

    /// <summary>Writes the object, unless another completion has, and returns what there is then.</summary>
    private async ValueTask<ObjectDescription> WriteAsync(
        S3Request request, Bucket bucket, Upload upload, CompletionRequest completion, Preconditions conditions, StoredObject? existing, long started)
    {
        var assembly = Assembly.Of(upload, completion, await uploads.ListPartsAsync(upload.Id, 0, Upload.MaxParts, request.Aborted).ConfigureAwait(false));
        using var manifestKey = await keyring.OpenManifestKeyAsync(upload.Object, bucket, upload.Key, request.Caller, request.Aborted).ConfigureAwait(false);
        using var content = ManifestContent.Write(new(upload.Folder, assembly.Parts), manifestKey);
        var description = upload.Object.Description with
        {
            Length = assembly.Length,
            ETag = assembly.ETag,
            Checksum = assembly.Checksum,
            DataBlob = upload.Folder,
            PartsCount = assembly.Parts.Count,
        };
        FoundObject? made = null;
        for (var attempt = 1; made is null; attempt++)
        {
            if (Judge(conditions, existing, upload) is { } failed) throw new S3Exception(failed);
            if (time.GetElapsedTime(started) > MaxDuration) throw new S3Exception(S3Errors.SlowDown);
            var prepared = new PreparedObject(description, upload.Object.Keys, Streams: null, content);
            if (await replacement.TryAsync(bucket.At(upload.Key), prepared, existing, request.Aborted).ConfigureAwait(false) is { } written) return written;
            if (attempt == MaxAttempts) throw new S3Exception(S3Errors.SlowDown);
            (existing, made) = await FindAsync(request, bucket, upload.Id).ConfigureAwait(false);
        }
        return made.Object.Description;
    }

    /// <summary>The current object, and the one that the upload was to make, if there are such.</summary>
    private async ValueTask<(StoredObject? Existing, FoundObject? Made)> FindAsync(S3Request request, Bucket bucket, UploadId id)
    {
        var place = bucket.At(request.Key);
        var existing = await objects.FindAsync(place, request.Aborted).ConfigureAwait(false);
        if (IsOf(id, existing)) return (existing, new(place, existing));
        if (!bucket.HasVersions) return (existing, null);
        await foreach (var entry in archived.ListAsync(place, version: null, request.Aborted).ConfigureAwait(false))
        {
            if (IsOf(id, entry.Object)) return (existing, new(place with { Archived = entry.Name }, entry.Object));
            if (entry.Name!.Value.Rank.Time < id.Begun - ClockSkew) break;
        }
        return (existing, null);
    }

    /// <summary>Judges the client's conditions; those that hold are in vain where another write or a deletion has come between the upload's beginning and its end (recorded).</summary>
    private static S3Error? Judge(Preconditions conditions, StoredObject? existing, Upload upload)
    {
        if (conditions.JudgeWrite(existing?.Description.ETag, upload.Key) is { } failed) return failed;
        if (!conditions.ConditionsWrite || (existing is null ? null : Convert.ToHexStringLower(existing.Description.Id)) == upload.Replaces) return null;
        return MultipartErrors.ChangedSinceBegun(conditions.IfMatch is null ? HeaderNames.IfNoneMatch : HeaderNames.IfMatch, upload.Key);
    }

    private async ValueTask EndAsync(S3Request request, Bucket bucket, Upload upload)
    {
        for (var current = upload; !await uploads.EndAsync(current, time.GetUtcNow(), request.Aborted).ConfigureAwait(false);)
        {
            // Somebody else has ended it, or its keys have been wrapped anew: then the object takes these.
            if (await uploads.FindAsync(bucket, upload.Key, upload.Id, request.Aborted).ConfigureAwait(false) is not { } changed) return;
            if (await FindAsync(request, bucket, upload.Id).ConfigureAwait(false) is (_, { } written))
                await objects.UpdateAsync(written.Place, written.Object, written.Object.Description, changed.Object.Keys, request.Aborted).ConfigureAwait(false);
            current = changed;
        }
    }

    private static async Task AnswerAsync(S3Request request, Bucket bucket, ObjectDescription description, Upload? upload)
    {
        if (description.Mode is not EncryptionMode.Customer) ObjectResponse.WriteEncryption(request.Response, description, customerKeyMd5: null);
        // The checksum that S3 computes of itself is told here with SSE-S3 only (recorded).
        var checksum = upload?.Checksum.Requested is true || description.Mode is EncryptionMode.S3 ? description.Checksum : null;
        var scheme = request.Caller.IsSecureTransport ? "https" : "http";
        await S3Xml.WriteAsync(request.Response, S3Xml.Element("CompleteMultipartUploadResult",
            S3Xml.Element("Location", $"{scheme}://{request.Http.Request.Host}{request.Signed.Target.RawPath}"),
            S3Xml.Element("Bucket", bucket.Name), S3Xml.Element("Key", request.Key), S3Xml.Element("ETag", $"\"{description.ETag}\""),
            checksum is null ? null : S3Xml.Element(checksum.Element, checksum.Value),
            checksum is null ? null : S3Xml.Element("ChecksumType", Checksum.NameOf(checksum.Type))), request.Aborted).ConfigureAwait(false);
    }

    /// <summary>Whether the object at the key is the one that the upload was to make.</summary>
    private static bool IsOf(UploadId id, [NotNullWhen(true)] StoredObject? existing) =>
        existing is not null && existing.Description.Id.AsSpan().SequenceEqual(id.ObjectId);
}
