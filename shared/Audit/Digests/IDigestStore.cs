namespace Serverless.Audit;

/// <summary>A digest as it is kept.</summary>
/// <param name="Hour">The hour that it covers.</param>
/// <param name="Content">The digest (<see cref="AuditDigest"/>), UTF-8 JSON: the bytes that its hash and its signature are over.</param>
/// <param name="Signature">HMAC-SHA-256, 32 bytes.</param>
public sealed record SealedDigest(AuditHour Hour, ReadOnlyMemory<byte> Content, ReadOnlyMemory<byte> Signature);

/// <summary>Where the chain of digests is kept. What a method reports as done is durable when it returns; storage that fails throws.</summary>
public interface IDigestStore
{
    /// <summary>The digests of an hour and of those before it, newest first; those that are missing are left out.</summary>
    /// <param name="from">The hour; null: the newest that has one.</param>
    /// <param name="limit">How many, at most; 1 or more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<SealedDigest>> ReadAsync(AuditHour? from, int limit, CancellationToken cancellationToken);

    /// <summary>Keeps a digest; false, and nothing changed, when its hour has one already.</summary>
    ValueTask<bool> TryAddAsync(SealedDigest digest, CancellationToken cancellationToken);
}
