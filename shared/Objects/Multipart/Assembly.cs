using System.Globalization;
using System.Security.Cryptography;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Checksums;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Multipart;

/// <summary>What an upload's parts make: decided from what the client lists and what was received, without a byte of data.</summary>
/// <param name="Parts">The manifest's parts.</param>
/// <param name="Length">The object's length in bytes.</param>
/// <param name="ETag">The MD5 of the parts' ETags and their number, in every mode.</param>
/// <param name="Checksum">The object's checksum; null with SSE-C, unless one was asked for (recorded).</param>
public sealed record Assembly(IReadOnlyList<ManifestPart> Parts, long Length, string ETag, Checksum? Checksum)
{
    /// <param name="upload">The upload.</param>
    /// <param name="request">What the client lists.</param>
    /// <param name="received">The upload's parts in the order of their numbers.</param>
    /// <exception cref="S3Exception">InvalidPart, EntityTooSmall, BadDigest, InvalidRequest.</exception>
    public static Assembly Of(Upload upload, CompletionRequest request, IEnumerable<UploadedPart> received)
    {
        if (request.Type is { } type && type != upload.Checksum.Type) throw new S3Exception(MultipartErrors.OtherChecksumType(upload.Checksum.Type));
        if (upload.Checksum.Requested && request.Checksum is { } sent && sent.Algorithm != upload.Checksum.Algorithm)
            throw new S3Exception(UploadChecksum.Mismatch(upload.Checksum.Algorithm, sent.Algorithm.ToString()));

        var byNumber = received.ToDictionary(part => part.Number);
        var parts = new List<UploadedPart>(request.Parts.Count);
        foreach (var listed in request.Parts)
        {
            if (upload.Checksum is { Requested: true, Type: ChecksumType.Composite } && listed.Checksum is null)
                throw new S3Exception(MultipartErrors.PartChecksumNeeded(upload.Checksum.Algorithm, listed.Number));
            if (!byNumber.TryGetValue(listed.Number, out var part) || part.ETag != listed.ETag || !IsChecksumOf(part, listed.Checksum, upload.Checksum))
                throw new S3Exception(MultipartErrors.InvalidPart(upload.Id, listed));
            parts.Add(part);
        }
        foreach (var part in parts.SkipLast(1))
        {
            if (part.Length < MultipartErrors.MinPartSize) throw new S3Exception(MultipartErrors.EntityTooSmall(part));
        }

        var length = parts.Sum(part => part.Length);
        if (request.Size is { } size && size != length) throw new S3Exception(MultipartErrors.ObjectSizeMismatch(size, length));
        var checksum = upload.Object.Description.Mode is EncryptionMode.Customer && !upload.Checksum.Requested ? null
            : upload.Checksum.Combine([.. parts.Select(part => (part.Checksum, part.Length))]);
        if (checksum is not null && request.Checksum is { } claimed && claimed.Algorithm == checksum.Algorithm && !IsSame(claimed, checksum))
            throw new S3Exception(MultipartErrors.ObjectChecksumMismatch(checksum.Algorithm));
        return new(
            [.. parts.Select(part => new ManifestPart(part.Number, part.Length, Token: part.Token, Streams: part.Streams, Checksum: checksum is null ? null : part.Checksum))],
            length, ETagOf(request.Parts), checksum);
    }

    /// <summary>The ETag of an object of these parts.</summary>
    public static string ETagOf(IReadOnlyList<ListedPart> parts)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        Span<byte> etag = stackalloc byte[MD5.HashSizeInBytes];
        foreach (var part in parts)
        {
            // What is no ETag is no part's.
            if (Convert.FromHexString(part.ETag, etag, out _, out var size) is System.Buffers.OperationStatus.Done && size == etag.Length) md5.AppendData(etag);
        }
        return $"{Convert.ToHexStringLower(md5.GetHashAndReset())}-{parts.Count.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>Whether a listed checksum is the part's. One that the upload was not begun with was verified with the part, and is not kept.</summary>
    private static bool IsChecksumOf(UploadedPart part, Checksum? listed, UploadChecksum upload) =>
        listed is null || (listed.Algorithm == upload.Algorithm ? listed.Value == part.Checksum : !upload.Requested);

    /// <summary>A composite checksum may be given without the number of parts.</summary>
    private static bool IsSame(Checksum claimed, Checksum computed) => claimed.Type is ChecksumType.Composite || computed.Type is ChecksumType.FullObject
        ? claimed.Value == computed.Value
        : computed.Value.StartsWith(claimed.Value + "-", StringComparison.Ordinal);
}
