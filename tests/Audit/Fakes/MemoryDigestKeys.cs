using Serverless.Encryption;

namespace Serverless.Audit.Tests.Fakes;

/// <summary>A key of digests in memory.</summary>
internal sealed class MemoryDigestKeys : IDigestKeys
{
    public byte[]? Key { get; set; }

    public ValueTask<SecretKey?> ReadAsync(CancellationToken cancellationToken) => new(Key is null ? null : SecretKey.Copy(Key));

    public ValueTask<SecretKey> ReadOrCreateAsync(CancellationToken cancellationToken)
    {
        using var made = SecretKey.Generate();
        return new(SecretKey.Copy(Key ??= made.Bytes.ToArray()));
    }
}
