using System.Buffers.Binary;
using System.Security.Cryptography;
using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Encryption;

/// <summary>Seals or opens the chunks of one message in C2SP chunked encryption (the format is described at <see cref="ChunkedEncryption"/>).</summary>
/// <remarks>A cipher belongs to one message and one direction. It allocates nothing while chunks are authentic. Not for use by several threads at once.</remarks>
public sealed class ChunkCipher : IDisposable
{
    private static ReadOnlySpan<byte> InfoPrefix => "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"u8;

    private readonly AesGcm _aead;
    private readonly uint _nonceHigh;
    private readonly ulong _nonceLow;
    private long _nextToSeal;

    private ChunkCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> baseNonce, long nextToSeal)
    {
        _aead = AesGcmSealing.Create(key);
        _nonceHigh = BinaryPrimitives.ReadUInt32BigEndian(baseNonce);
        _nonceLow = BinaryPrimitives.ReadUInt64BigEndian(baseNonce[4..]);
        _nextToSeal = nextToSeal;
    }

    /// <summary>Begins a message under a fresh random salt.</summary>
    /// <param name="inputKey">32 bytes, uniformly random.</param>
    /// <param name="context">At most <see cref="MaxContextSize"/> bytes, needed again to open the message.</param>
    /// <param name="header">Receives the <see cref="HeaderSize"/> bytes that go before the first chunk.</param>
    /// <exception cref="ArgumentException">A size is wrong.</exception>
    public static ChunkCipher ForSealing(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> context, Span<byte> header)
    {
        Span<byte> salt = stackalloc byte[SaltSize];
        RandomNumberGenerator.Fill(salt);
        return ForSealing(inputKey, context, salt, header);
    }

    /// <summary>Begins a message under a given salt, which must not have been used with <paramref name="inputKey"/> before.</summary>
    /// <param name="inputKey">32 bytes, uniformly random.</param>
    /// <param name="context">At most <see cref="MaxContextSize"/> bytes, needed again to open the message.</param>
    /// <param name="salt"><see cref="SaltSize"/> bytes.</param>
    /// <param name="header">Receives the <see cref="HeaderSize"/> bytes that go before the first chunk.</param>
    /// <exception cref="ArgumentException">A size is wrong.</exception>
    public static ChunkCipher ForSealing(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> salt, Span<byte> header)
    {
        Require.Length(salt, SaltSize);
        Require.Length(header, HeaderSize);
        salt.CopyTo(header);
        return Derive(inputKey, context, salt, header[SaltSize..], nextToSeal: 0);
    }

    /// <summary>Begins to read a message; null when its header does not belong to this key and context, or is not <see cref="HeaderSize"/> bytes long.</summary>
    /// <exception cref="ArgumentException">The size of <paramref name="inputKey"/> or <paramref name="context"/> is wrong.</exception>
    public static ChunkCipher? TryOpen(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> header)
    {
        if (header.Length != HeaderSize)
        {
            return null;
        }

        Span<byte> commitment = stackalloc byte[CommitmentSize];
        // Sealing under the nonces of a message that exists would give its keystream away: a cipher that opens never seals.
        ChunkCipher cipher = Derive(inputKey, context, header[..SaltSize], commitment, nextToSeal: MaxChunks);
        if (CryptographicOperations.FixedTimeEquals(commitment, header[SaltSize..]))
        {
            return cipher;
        }

        cipher.Dispose();
        return null;
    }

    /// <summary>The specification's raw mode: no header, no commitment. For known answers only.</summary>
    internal static ChunkCipher ForRawKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> baseNonce) => new(key, baseNonce, nextToSeal: 0);

    private static ChunkCipher Derive(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> salt, Span<byte> commitment, long nextToSeal)
    {
        Require.Length(inputKey, SecretKey.Size);
        Require.LengthBetween(context, 0, MaxContextSize);

        Span<byte> info = stackalloc byte[InfoPrefix.Length + SaltSize + context.Length];
        InfoPrefix.CopyTo(info);
        salt.CopyTo(info[InfoPrefix.Length..]);
        context.CopyTo(info[(InfoPrefix.Length + SaltSize)..]);

        Span<byte> derived = stackalloc byte[AesGcmSealing.KeySize + AesGcmSealing.NonceSize + CommitmentSize];
        try
        {
            HkdfSha512.Expand(inputKey, info, derived);
            derived[^CommitmentSize..].CopyTo(commitment);
            return new ChunkCipher(derived[..AesGcmSealing.KeySize], derived[AesGcmSealing.KeySize..^CommitmentSize], nextToSeal);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>Seals the next chunk: chunks are sealed in order, each once, and one shorter than <see cref="ChunkSize"/> is the last.</summary>
    /// <param name="index">The chunk's number, from 0.</param>
    /// <param name="plaintext">At most <see cref="ChunkSize"/> bytes.</param>
    /// <param name="destination">Exactly <see cref="TagSize"/> bytes longer than <paramref name="plaintext"/>; the two do not overlap.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative or not below <see cref="MaxChunks"/>.</exception>
    /// <exception cref="ArgumentException">A size is wrong.</exception>
    /// <exception cref="InvalidOperationException">It is not the turn of this chunk, the message is complete, or the cipher is one that opens.</exception>
    public void Seal(long index, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        RequireChunk(index);
        Require.LengthBetween(plaintext, 0, ChunkSize);
        Require.Length(destination, plaintext.Length + TagSize);
        // A nonce used twice would be the end of GCM's guarantees, so the order is enforced and not just asked for.
        if (index != _nextToSeal)
        {
            throw new InvalidOperationException("Chunks are sealed in order, each once, up to the first short one.");
        }

        _nextToSeal = plaintext.Length == ChunkSize ? index + 1 : MaxChunks;
        Span<byte> nonce = stackalloc byte[AesGcmSealing.NonceSize];
        WriteNonce(index, nonce);
        _aead.Seal(nonce, plaintext, destination);
    }

    /// <summary>Opens a chunk, in any order. False when it does not authenticate; <paramref name="plaintext"/> is then all zeros.</summary>
    /// <remarks>Whether a short chunk is really the message's end is for the caller to know: see <see cref="OpeningStream"/>.</remarks>
    /// <param name="index">The chunk's number, from 0.</param>
    /// <param name="sealedChunk">The chunk as stored; of a length that no chunk has, it does not authenticate.</param>
    /// <param name="plaintext">Exactly <see cref="TagSize"/> bytes shorter than <paramref name="sealedChunk"/>; the two do not overlap.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative or not below <see cref="MaxChunks"/>.</exception>
    /// <exception cref="ArgumentException">The size of <paramref name="plaintext"/> is wrong.</exception>
    public bool TryOpenChunk(long index, ReadOnlySpan<byte> sealedChunk, Span<byte> plaintext)
    {
        RequireChunk(index);
        if (sealedChunk.Length is < TagSize or > SealedChunkSize)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }

        Span<byte> nonce = stackalloc byte[AesGcmSealing.NonceSize];
        WriteNonce(index, nonce);
        return _aead.TryOpen(nonce, sealedChunk, plaintext);
    }

    /// <summary>Releases the key.</summary>
    public void Dispose() => _aead.Dispose();

    private void WriteNonce(long index, Span<byte> nonce)
    {
        BinaryPrimitives.WriteUInt32BigEndian(nonce, _nonceHigh);
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], _nonceLow ^ (ulong)index);
    }
}
