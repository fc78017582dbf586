using System.Buffers;
using System.Security.Cryptography;
using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Encryption;

/// <summary>Seals one message as its plaintext arrives, in pieces of any size.</summary>
/// <remarks>
/// The output is the message's chunks; the header, which <see cref="ChunkCipher"/> gave, is the caller's to write first.
/// A piece that holds a whole chunk is sealed where it lies; what is left is staged in one pooled buffer, zeroed afterwards.
/// The writer owns the cipher and disposes it.
/// </remarks>
public sealed class SealingWriter(ChunkCipher cipher, IBufferWriter<byte> output) : IDisposable
{
    private byte[]? _staging;
    private int _staged;
    private long _chunks;
    private bool _complete;

    /// <summary>The number of plaintext bytes written so far.</summary>
    public long PlaintextLength { get; private set; }

    /// <summary>Seals as many chunks as <paramref name="plaintext"/> fills, and keeps the rest.</summary>
    /// <exception cref="InvalidOperationException">The message is complete.</exception>
    public void Write(ReadOnlySpan<byte> plaintext)
    {
        RequireIncomplete();
        PlaintextLength += plaintext.Length;
        while (!plaintext.IsEmpty)
        {
            if (_staged == 0 && plaintext.Length >= ChunkSize)
            {
                // The last chunk is always short, so a full one need not wait for what follows.
                SealNext(plaintext[..ChunkSize]);
                plaintext = plaintext[ChunkSize..];
            }
            else
            {
                plaintext = plaintext[Stage(plaintext)..];
            }
        }
    }

    /// <summary>Seals the short last chunk, which ends the message.</summary>
    /// <exception cref="InvalidOperationException">The message is complete already.</exception>
    public void Complete()
    {
        RequireIncomplete();
        SealNext(_staging.AsSpan(0, _staged));
        _complete = true;
        ReleaseStaging();
    }

    /// <summary>Clears what is staged and disposes the cipher. Without <see cref="Complete"/> the output is no valid message.</summary>
    public void Dispose()
    {
        _complete = true;
        ReleaseStaging();
        cipher.Dispose();
    }

    private int Stage(ReadOnlySpan<byte> plaintext)
    {
        _staging ??= ArrayPool<byte>.Shared.Rent(ChunkSize);
        int taken = Math.Min(ChunkSize - _staged, plaintext.Length);
        plaintext[..taken].CopyTo(_staging.AsSpan(_staged));
        _staged += taken;
        if (_staged == ChunkSize)
        {
            SealNext(_staging.AsSpan(0, ChunkSize));
            _staged = 0;
        }

        return taken;
    }

    private void SealNext(ReadOnlySpan<byte> plaintext)
    {
        int size = plaintext.Length + TagSize;
        cipher.Seal(_chunks++, plaintext, output.GetSpan(size)[..size]);
        output.Advance(size);
    }

    private void ReleaseStaging()
    {
        if (_staging is { } staging)
        {
            _staging = null;
            CryptographicOperations.ZeroMemory(staging.AsSpan(0, ChunkSize));
            ArrayPool<byte>.Shared.Return(staging);
        }
    }

    private void RequireIncomplete()
    {
        if (_complete)
        {
            throw new InvalidOperationException("The message is complete.");
        }
    }
}
