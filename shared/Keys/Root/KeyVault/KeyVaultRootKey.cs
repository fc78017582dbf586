using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

// Root wrap, by a key in a vault
//
// Purpose: keys and secrets under a root key that never leaves its vault. The vault wraps without a context; so it wraps a key between, and that one wraps with it.
// References: KeyWrap.cs for the wrap; RSA-OAEP-256 and A256KW are RFC 7518's, section 4, PS256 is its section 3.
//
//   |<-------------------------------------- header ------------------------------------>|
//   +--------+-----------+------------+-------------+-----------+------------+-----------+--------------------------+
//   | format | length of | root key's | length of   | length of | signature, | key       | the key, wrapped under   |
//   |   1    | next, 1   | version    | the next    | next,     | PS256; RSA | between,  | the key between with the |
//   |        |           |            | three, 2 BE | 2 BE      | keys only  | wrapped   | caller's context         |
//   +--------+-----------+------------+-------------+-----------+------------+-----------+--------------------------+

/// <summary>
/// A root key in Azure Key Vault or a managed HSM. A key between is made by each instance, used for all that it wraps within an hour, and found in memory by whoever unwraps:
/// the vault is asked for each key between once in an hour, whatever the number of keys under it.
/// </summary>
internal sealed class KeyVaultRootKey : IRootKey
{
    private const byte Format = 2;
    private const string WrapKeyId = "root";
    private const int MaxBetween = 1024;

    // A root key that its owner has disabled stops within this time, and a new version of it comes into use.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly VaultKey _vault;
    private readonly RecentCache<string, Between> _current;
    private readonly RecentCache<string, Between> _known;

    public KeyVaultRootKey(VaultKey vault, TimeProvider time)
    {
        _vault = vault;
        _current = new("root_key_current", _ => CreateAsync(), time, Lifetime, capacity: 1);
        _known = new("root_key_known", OpenAsync, time, Lifetime, MaxBetween);
    }

    /// <inheritdoc/>
    public string Id => _vault.Id.Key.ToString();

    /// <inheritdoc/>
    public async ValueTask<byte[]> WrapAsync(SecretKey key, EncryptionContext context, CancellationToken cancellationToken)
    {
        using Between between = await _current.HoldAsync("current", cancellationToken).ConfigureAwait(false) ?? throw new InvalidOperationException("There is always a current key.");
        return [.. between.Header, .. KeyWrap.Wrap(between.Key.Bytes, WrapKeyId, Format, context, key.Bytes)];
    }

    /// <inheritdoc/>
    public async ValueTask<SecretKey?> UnwrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken)
    {
        if (!TryReadHeader(wrapped.Span, out int headerSize, out _, out _)
            || await _known.HoldAsync(Convert.ToBase64String(wrapped.Span[..headerSize]), cancellationToken).ConfigureAwait(false) is not { } between)
        {
            return null;
        }

        using (between)
        {
            return KeyWrap.TryUnwrapKey(between.Key.Bytes, wrapped.Span[headerSize..], context, size: null);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, CancellationToken cancellationToken)
    {
        using (Between? current = await _current.HoldAsync("current", cancellationToken).ConfigureAwait(false))
        {
            if (TryReadHeader(wrapped.Span, out _, out string version, out _) && version == current!.Version)
            {
                return null;
            }
        }

        using SecretKey key = await UnwrapAsync(wrapped, context, cancellationToken).ConfigureAwait(false)
            ?? throw new CryptographicException("The root key does not open what is to be wrapped anew.");
        return await WrapAsync(key, context, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Between?> CreateAsync()
    {
        SecretKey key = SecretKey.Generate();
        try
        {
            (string version, byte[] wrapped) = await _vault.WrapAsync(key, CancellationToken.None).ConfigureAwait(false);
            return new Between(version, HeaderOf(version, wrapped), key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private async Task<Between?> OpenAsync(string name)
    {
        byte[] header = Convert.FromBase64String(name);
        _ = TryReadHeader(header, out _, out string version, out byte[] wrapped);
        return await _vault.UnwrapAsync(version, wrapped, CancellationToken.None).ConfigureAwait(false) is { } key ? new Between(version, header, key) : null;
    }

    private static byte[] HeaderOf(string version, byte[] wrapped)
    {
        byte[] header = new byte[1 + 1 + version.Length + sizeof(ushort) + wrapped.Length];
        header[0] = Format;
        header[1] = checked((byte)version.Length);
        Encoding.ASCII.GetBytes(version, header.AsSpan(2));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2 + version.Length), checked((ushort)wrapped.Length));
        wrapped.CopyTo(header.AsSpan(2 + version.Length + sizeof(ushort)));
        return header;
    }

    // Anybody may have written it.
    private static bool TryReadHeader(ReadOnlySpan<byte> wrapped, out int size, out string version, out byte[] between)
    {
        (size, version, between) = (0, "", []);
        if (wrapped.Length < 2 || wrapped[0] != Format)
        {
            return false;
        }

        int afterVersion = 2 + wrapped[1];
        if (wrapped.Length < afterVersion + sizeof(ushort))
        {
            return false;
        }

        size = afterVersion + sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(wrapped[afterVersion..]);
        if (wrapped.Length < size)
        {
            return false;
        }

        version = Encoding.ASCII.GetString(wrapped[2..afterVersion]);
        between = wrapped[(afterVersion + sizeof(ushort))..size].ToArray();
        return VaultKeyId.IsVersion(version);
    }

    /// <summary>A key between the root key and the keys that it protects.</summary>
    /// <param name="version">The root key's version that it is wrapped under.</param>
    /// <param name="header">What everything begins with that it wraps.</param>
    /// <param name="key">The key.</param>
    private sealed class Between(string version, byte[] header, SecretKey key) : SharedSecret
    {
        public string Version => version;

        public byte[] Header => header;

        public SecretKey Key => key;

        protected override void Wipe() => key.Dispose();
    }
}
