using System.Security.Cryptography;

namespace Serverless.Encryption;

/// <summary>A key in memory: of 256 bits if it encrypts, of 224 to 512 bits if it authenticates.</summary>
/// <remarks>
/// The bytes are pinned, so that the garbage collector leaves no copies behind when it compacts, and zeroed when the key is disposed.
/// Spans taken from <see cref="Bytes"/> before that read as zeros afterwards.
/// </remarks>
public sealed class SecretKey : IDisposable
{
    /// <summary>The size of a key that encrypts, in bytes.</summary>
    public const int Size = 32;

    /// <summary>The smallest size, in bytes: HMAC-SHA-224's.</summary>
    public const int MinSize = 28;

    /// <summary>The largest size, in bytes: HMAC-SHA-512's.</summary>
    public const int MaxSize = 64;

    private readonly byte[] _bytes;
    private bool _disposed;

    private SecretKey(int size) => _bytes = GC.AllocateUninitializedArray<byte>(size, pinned: true);

    /// <summary>The key's bytes.</summary>
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
    /// <param name="size">In bytes, <see cref="MinSize"/> to <see cref="MaxSize"/>.</param>
    public static SecretKey Generate(int size = Size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxSize);
        var key = new SecretKey(size);
        RandomNumberGenerator.Fill(key._bytes);
        return key;
    }

    /// <summary>A key with the given bytes. The caller still has to clear its own copy.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 32 bytes long.</exception>
    public static SecretKey Copy(ReadOnlySpan<byte> bytes)
    {
        Require.Length(bytes, Size);
        return CopyAnySize(bytes);
    }

    /// <summary>A key with the given bytes, of any size that a key may have. The caller still has to clear its own copy.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is shorter than <see cref="MinSize"/> or longer than <see cref="MaxSize"/>.</exception>
    public static SecretKey CopyAnySize(ReadOnlySpan<byte> bytes)
    {
        Require.LengthBetween(bytes, MinSize, MaxSize);
        var key = new SecretKey(bytes.Length);
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
