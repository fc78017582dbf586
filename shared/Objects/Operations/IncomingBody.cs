using System.Security.Cryptography;
using Serverless.Objects.Bodies;
using Serverless.Objects.Checksums;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>A body on its way in: where it comes from, how long it is at most, what it is sealed with, and as which part of which object.</summary>
/// <param name="MostLength">Its length, where that is known before its end; else the most that it can be.</param>
/// <param name="ObjectId">The id of the object that it will belong to: <see cref="ObjectDescription.Id"/>.</param>
/// <param name="Part">The part's number, or <see cref="StreamContext.WholeObject"/>.</param>
public sealed record IncomingBody(IPlaintext Plaintext, long MostLength, BodyDigests Digests, OpenKeys Keys, byte[] ObjectId, int Part)
{
    /// <summary>How many bytes it takes when it is sealed, at most.</summary>
    public long MostSealedLength => StreamSealer.SealedLength(MostLength, Keys.Outer is not null);

    /// <summary>Seals the whole body into memory and verifies it: for bodies that are small enough.</summary>
    public async ValueTask<SealedBody> SealAsync(SegmentedBuffer content, CancellationToken cancellationToken)
    {
        using var sealer = new StreamSealer(Keys, ObjectId, Part, content);
        while (await Plaintext.ReadAsync(cancellationToken).ConfigureAwait(false) is { IsEmpty: false } piece)
        {
            Digests.Append(piece.Span);
            sealer.Write(piece.Span);
        }
        sealer.Complete();
        return Verify(sealer);
    }

    /// <summary>Verifies MD5 and checksum once the plaintext has been read to its end and the sealer is complete.</summary>
    public SealedBody Verify(StreamSealer complete)
    {
        var (md5, checksum, uploadChecksum) = Digests.Verify(Plaintext.Trailer);
        return new(complete.PlaintextLength, complete.Headers, md5, checksum, uploadChecksum ?? checksum);
    }
}

/// <summary>A body that was received, verified and sealed.</summary>
/// <param name="Length">The plaintext's length in bytes.</param>
/// <param name="Streams">The headers of the stream that holds the data.</param>
/// <param name="Md5">In hexadecimal; null where none was needed.</param>
/// <param name="Checksum">The client's, or the default.</param>
/// <param name="PartChecksum">For a part, the checksum that the object's will be made of.</param>
public sealed record SealedBody(long Length, StreamHeaders Streams, string? Md5, Checksum Checksum, Checksum PartChecksum)
{
    /// <summary>The ETag of the data. In the other modes than SSE-S3 it must not tell anything of them: it is not their MD5 (API_Object.html).</summary>
    public string ETagIn(EncryptionMode mode) => mode is EncryptionMode.S3 ? Md5! : RandomNumberGenerator.GetHexString(2 * MD5.HashSizeInBytes, lowercase: true);
}

/// <summary>A body that was received as an object's content.</summary>
/// <param name="Content">The sealed data themselves, or the manifest.</param>
/// <param name="DataBlob">Where the data are when the content is a manifest.</param>
public sealed record ReceivedBody(SegmentedBuffer Content, SealedBody Body, string? DataBlob) : IDisposable
{
    public void Dispose() => Content.Dispose();
}
