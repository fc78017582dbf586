using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Objects.Api;

namespace Serverless.Objects.Checksums;

/// <summary>
/// All that is computed over a body's plaintext while it passes: the checksum always, the MD5 only where it is the ETag or the client sent one,
/// since it costs more than everything else together.
/// </summary>
public sealed class BodyDigests : IDisposable
{
    private readonly RequestedChecksum _requested;
    private readonly RunningChecksum _checksum;
    private readonly byte[]? _expectedMd5;
    private readonly IncrementalHash? _md5;
    private readonly ChecksumAlgorithm _uploadAlgorithm;
    private readonly RunningChecksum? _uploadChecksum;

    /// <summary>For a body that comes with the request whose <paramref name="headers"/> say what it must be.</summary>
    /// <exception cref="S3Exception">InvalidDigest, or a checksum header that S3 refuses.</exception>
    public BodyDigests(IHeaderDictionary headers, bool md5IsETag) : this(RequestedChecksum.Read(headers), ReadContentMd5(headers), md5IsETag)
    {
    }

    /// <summary>For a body that nobody has said anything about.</summary>
    public BodyDigests(ChecksumAlgorithm algorithm, bool md5IsETag) : this(new RequestedChecksum(algorithm, null, false), null, md5IsETag)
    {
    }

    private BodyDigests(RequestedChecksum requested, byte[]? expectedMd5, bool md5IsETag)
    {
        _requested = requested;
        _expectedMd5 = expectedMd5;
        _checksum = RunningChecksum.Create(requested.Algorithm);
        if (md5IsETag || expectedMd5 is not null) _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    }

    private BodyDigests(RequestedChecksum requested, byte[]? expectedMd5, bool md5IsETag, ChecksumAlgorithm upload) : this(requested, expectedMd5, md5IsETag)
    {
        if (upload == requested.Algorithm) return;
        _uploadAlgorithm = upload;
        _uploadChecksum = RunningChecksum.Create(upload);
    }

    /// <summary>Whether the client sent a checksum of its own.</summary>
    public bool ChecksumIsSent => _requested.IsSent;

    /// <summary>The digests of a part, of which the client may send another checksum than the one that the object's will be made of.</summary>
    /// <exception cref="S3Exception">As for a whole object, or the checksum is not the one that was asked for when the upload was begun.</exception>
    public static BodyDigests OfPart(IHeaderDictionary headers, bool md5IsETag, UploadChecksum upload)
    {
        var requested = RequestedChecksum.Read(headers, upload.Algorithm);
        upload.CheckPart(requested);
        return new(requested, ReadContentMd5(headers), md5IsETag, upload.Algorithm);
    }

    /// <summary>Whether the client sent an MD5 or a checksum, rather than nothing to verify the body by.</summary>
    public bool AreSent => _expectedMd5 is not null || _requested.IsSent;

    public void Append(ReadOnlySpan<byte> plaintext)
    {
        _checksum.Append(plaintext);
        _uploadChecksum?.Append(plaintext);
        _md5?.AppendData(plaintext);
    }

    /// <summary>
    /// Verifies what the client sent, once the data have passed: the MD5 in hexadecimal (null where none was needed), the checksum, and for a part the one that
    /// the object's will be made of, where that is another.
    /// </summary>
    /// <exception cref="S3Exception">BadDigest.</exception>
    public (string? Md5, Checksum Checksum, Checksum? UploadChecksum) Verify(Func<string, string?> trailer)
    {
        var md5 = _md5?.GetHashAndReset();
        if (_expectedMd5 is not null && !_expectedMd5.AsSpan().SequenceEqual(md5))
        {
            throw new S3Exception(S3Errors.BadDigest
                .With("ExpectedDigest", Convert.ToBase64String(_expectedMd5)).With("CalculatedDigest", Convert.ToBase64String(md5!)));
        }
        var checksum = _requested.Verify(_checksum.Finish(), trailer);
        return (md5 is null ? null : Convert.ToHexStringLower(md5), checksum, _uploadChecksum is null ? null : new(_uploadAlgorithm, _uploadChecksum.Finish()));
    }

    public void Dispose()
    {
        _checksum.Dispose();
        _uploadChecksum?.Dispose();
        _md5?.Dispose();
    }

    private static byte[]? ReadContentMd5(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(HeaderNames.ContentMD5, out var value)) return null;
        var md5 = new byte[MD5.HashSizeInBytes];
        return Convert.TryFromBase64String(value.ToString(), md5, out var size) && size == md5.Length
            ? md5
            : throw new S3Exception(S3Errors.InvalidDigest.With("Content-MD5", value.ToString()));
    }
}
