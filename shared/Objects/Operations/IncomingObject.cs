using Serverless.Access;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>A body on its way in: where it comes from, how long it says it is, what it is sealed with and for.</summary>
public sealed record IncomingObject(byte[] Id, Payload Payload, long Length, BodyDigests Digests, SealingKeys Keys, Bucket Bucket, string Key)
{
    /// <summary>Verifies MD5 and checksum once the payload has been read to its end.</summary>
    public (string? Md5, Checksum Checksum) Verify() => Digests.Verify(name => Payload.Trailers.GetValueOrDefault(name));
}

/// <summary>A body that was received, verified and sealed: the content of the object to be written.</summary>
/// <param name="Content">The sealed data themselves, or the manifest.</param>
/// <param name="Streams">The headers of the stream that holds the data.</param>
/// <param name="DataBlob">Where the data are when the content is a manifest.</param>
public sealed record ReceivedBody(SegmentedBuffer Content, StreamHeaders Streams, string? Md5, Checksum Checksum, string? DataBlob) : IDisposable
{
    public void Dispose() => Content.Dispose();
}
