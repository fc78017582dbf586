using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>
/// A root key in a file: 32 bytes in base64, on one line, readable by the file's owner only.
/// Wrapped keys have <see cref="KeyWrap"/>'s format under the key id <c>root</c>, version 1: a root key has no versions of its own.
/// </summary>
public sealed class LocalRootKey : IRootKey, IDisposable
{
    private const string WrapKeyId = "root";
    private const uint WrapKeyVersion = 1;
    private const int Base64Size = (SecretKey.Size + 2) / 3 * 4;
    private const int MaxFileSize = Base64Size + 2;
    private const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly SecretKey _key;

    private LocalRootKey(string path, SecretKey key)
    {
        Id = path;
        _key = key;
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <summary>Reads the root key.</summary>
    /// <exception cref="InvalidOperationException">The file is missing, not a key, or open to others than its owner.</exception>
    public static LocalRootKey Open(string? path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new InvalidOperationException("The setting RootKey__File must name the file that holds the root key.");
        }

        // One byte more than a key has, so that a longer file shows.
        Span<byte> text = stackalloc byte[MaxFileSize + 1];
        Span<byte> key = stackalloc byte[SecretKey.Size + 1];
        try
        {
            ReadOnlySpan<byte> base64 = text[..Read(path, text)].TrimEnd("\r\n"u8);
            if (base64.Length != Base64Size || Base64.DecodeFromUtf8(base64, key, out _, out int size) != OperationStatus.Done || size != SecretKey.Size)
            {
                throw new InvalidOperationException($"The root key file {path} must hold exactly 32 bytes in base64.");
            }

            return new LocalRootKey(path, SecretKey.Copy(key[..SecretKey.Size]));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <inheritdoc/>
    public ValueTask<byte[]> WrapAsync(SecretKey key, EncryptionContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(KeyWrap.Wrap(_key.Bytes, WrapKeyId, WrapKeyVersion, context, key.Bytes));

    /// <inheritdoc/>
    public ValueTask<SecretKey?> UnwrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(KeyWrap.TryUnwrapKey(_key.Bytes, wrapped.Span, context, size: null));

    /// <inheritdoc/>
    public ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken) => default;

    public void Dispose() => _key.Dispose();

    private static int Read(string path, Span<byte> text)
    {
        try
        {
            using var file = File.OpenHandle(path);
            // Asked of the open file, not of its name: nothing can be swapped in between.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OthersRead) != 0)
            {
                throw new InvalidOperationException($"The root key file {path} is open to other users; make it readable by its owner only (chmod 600).");
            }

            return RandomAccess.Read(file, text, fileOffset: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidOperationException($"The root key file {path} does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The root key file {path} cannot be read: {e.Message}", e);
        }
    }
}
