using System.Security.Cryptography;
using System.Text;

namespace Serverless.Access;

/// <summary>
/// Verifies the signatures in an aws-chunked body, each of which covers the one before: no chunk can be changed, left out, moved or taken from elsewhere
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, …/sigv4-streaming-trailers.html).
/// </summary>
internal sealed class ChunkSigner : IDisposable
{
    private const int Line = SigV4.HexSize + 1;

    // The string to sign is written once; each chunk replaces the signature before it and its own hash:
    //   chunk    AWS4-HMAC-SHA256-PAYLOAD \n time \n scope \n previous signature \n SHA-256 of nothing \n SHA-256 of the data
    //   trailer  AWS4-HMAC-SHA256-TRAILER \n time \n scope \n previous signature \n SHA-256 of the trailers
    private readonly byte[] stringToSign;
    private readonly int prefix;
    private readonly byte[] key;
    private readonly string accessKeyId;

    /// <param name="key">The derived key of the request's scope; copied.</param>
    /// <param name="claim">The request's own signature, which has been verified.</param>
    /// <param name="seed">That signature in lower case, which the first chunk's covers.</param>
    public ChunkSigner(ReadOnlySpan<byte> key, SignatureClaim claim, ReadOnlySpan<byte> seed)
    {
        this.key = GC.AllocateUninitializedArray<byte>(SigV4.KeySize, pinned: true);
        key.CopyTo(this.key);
        accessKeyId = claim.Scope.AccessKeyId;
        stringToSign = new byte[SigV4.MaxStringToSign + 2 * Line];
        prefix = SigV4.WritePrefix("AWS4-HMAC-SHA256-PAYLOAD", claim.Timestamp, claim.Scope, stringToSign);
        seed.CopyTo(Previous);
        stringToSign[prefix + SigV4.HexSize] = (byte)'\n';
    }

    private Span<byte> Previous => stringToSign.AsSpan(prefix, SigV4.HexSize);

    /// <summary>Verifies a chunk.</summary>
    /// <param name="data">The hash that has taken the chunk's data; reset.</param>
    /// <param name="signature">The chunk's signature as sent.</param>
    /// <exception cref="AccessException">SignatureDoesNotMatch.</exception>
    public void VerifyChunk(IncrementalHash data, ReadOnlySpan<byte> signature)
    {
        Encoding.ASCII.GetBytes(SigV4.EmptyHash + "\n", stringToSign.AsSpan(prefix + Line));
        Verify(data, prefix + 2 * Line, signature);
    }

    /// <summary>Verifies the trailers, which follow the last chunk.</summary>
    /// <param name="trailers">The hash that has taken <c>name:value\n</c> of each; reset.</param>
    /// <param name="signature">The value of <c>x-amz-trailer-signature</c>.</param>
    /// <exception cref="AccessException">SignatureDoesNotMatch.</exception>
    public void VerifyTrailers(IncrementalHash trailers, ReadOnlySpan<byte> signature)
    {
        "AWS4-HMAC-SHA256-TRAILER"u8.CopyTo(stringToSign);
        Verify(trailers, prefix + Line, signature);
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(key);

    private void Verify(IncrementalHash hash, int hashAt, ReadOnlySpan<byte> provided)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> signature = stackalloc byte[SigV4.HexSize];
        Span<char> claimed = stackalloc char[SigV4.HexSize];
        hash.GetHashAndReset(digest);
        SigV4.WriteHex(digest, stringToSign.AsSpan(hashAt));
        var signed = stringToSign.AsSpan(0, hashAt + SigV4.HexSize);
        SigV4.Sign(key, signed, signature);
        if (provided.Length != SigV4.HexSize || !SigV4.Matches(signature, claimed[..Encoding.Latin1.GetChars(provided, claimed)]))
        {
            throw new AccessException(AccessErrors.SignatureDoesNotMatch(accessKeyId, signed, Encoding.Latin1.GetString(provided), default));
        }
        signature.CopyTo(Previous);
    }
}
