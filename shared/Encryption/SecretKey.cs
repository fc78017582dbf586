using System.Security.Cryptography;

namespace Serverless.Encryption;

/// <summary>A 256-bit key in memory.</summary>
/// <remarks>
/// The bytes are pinned, so that the garbage collector leaves no copies behind when it compacts, and zeroed when the key is disposed.
/// Spans taken from <see cref="Bytes"/> before that read as zeros afterwards.
/// </remarks>
public sealed class SecretKey : IDisposable
{
    /// <summary>A key's size, in bytes.</summary>
    public const int Size = 32;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
    private bool _disposed;

    private SecretKey() { }

    /// <summary>The key's 32 bytes.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>A new, uniformly random key.</summary>
    public static SecretKey Generate()
    {
        var key = new SecretKey();
        RandomNumberGenerator.Fill(key._bytes);
        return key;
    }

    /// <summary>A key with the given bytes. The caller still has to clear its own copy.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 32 bytes long.</exception>
    public static SecretKey Copy(ReadOnlySpan<byte> bytes)
    {
        Require.Length(bytes, Size);
        var key = new SecretKey();
        bytes.CopyTo(key._bytes);
        return key;
    }

    /// <summary>Zeroes the key.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }
}
