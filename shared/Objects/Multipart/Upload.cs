using Serverless.Objects.Bodies;
using Serverless.Objects.Checksums;
using Serverless.Objects.Store;

namespace Serverless.Objects.Multipart;

/// <summary>An upload in progress: all that is known of its object from the beginning, and of those who began it.</summary>
/// <param name="Bucket">The name of the bucket that it was begun in.</param>
/// <param name="Container">The bucket's container, which tells the bucket from a later one of its name.</param>
/// <param name="Initiator">The ARN of the principal who began it.</param>
/// <param name="RequestedMethod">The encryption that the request asked for, as it sent it (<c>x-amz-server-side-encryption</c>); null where it left that to the bucket's default.</param>
/// <param name="NamesKey">Whether the request named the KMS key, rather than leaving it to a default.</param>
/// <param name="Replaces">The id of the object that was at its key then, in hexadecimal; null where there was none.</param>
/// <param name="Checksum">What checksum the object will have.</param>
/// <param name="Object">The object but for what its parts will make of it, and its keys; without streams. The version is that of the upload's own state.</param>
public sealed record Upload(UploadId Id, string Bucket, string Container, string Key, DateTimeOffset Initiated, string Initiator,
    string? RequestedMethod, bool NamesKey, string? Replaces, UploadChecksum Checksum, StoredObject Object)
{
    /// <summary>The parts that an upload may have (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).</summary>
    public const int MaxParts = 10_000;

    /// <summary>Where the blobs of its parts are: <see cref="Manifest.DataBlob"/>.</summary>
    public string Folder => FolderOf(Container, Id);

    public static string FolderOf(string container, UploadId id) => $"{container}/{id}";
}

/// <summary>An upload that was completed or aborted, of which it is noted for a while that nobody can complete it any more.</summary>
public sealed record EndedUpload(UploadId Id, string Container, DateTimeOffset EndedAt);

/// <summary>A part that has been received: durable, and part of nothing before its upload is completed.</summary>
/// <param name="Number">1 to <see cref="Upload.MaxParts"/>.</param>
/// <param name="Length">The plaintext's length in bytes.</param>
/// <param name="ETag">Without quotes: 32 hexadecimal digits.</param>
/// <param name="Checksum">The value of the upload's checksum.</param>
/// <param name="Token">What tells its blob from those of the same number: <see cref="Manifest.BlobOf(string, int, string)"/>.</param>
/// <param name="Streams">The headers of its stream.</param>
public sealed record UploadedPart(int Number, long Length, string ETag, string Checksum, DateTimeOffset LastModified, string Token, StreamHeaders Streams);
