namespace Serverless.Keys;

/// <summary>One version of the master key. Once it is made, nothing of it changes but the wrap that it is under, and what becomes of it when it has served.</summary>
/// <param name="Version">1, 2, 3, …</param>
/// <param name="Id">Random; names the version on the audit trail, where its coming into use is one event however many instances report it.</param>
/// <param name="Wrapped">The version's 32 bytes under the root key.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record MasterKeyVersion(uint Version, Guid Id, byte[] Wrapped, DateTimeOffset CreatedAt)
{
    /// <summary>When the pointer was behind it, or later: from then on nothing new is wrapped under it. Null while it is current, and until somebody has noted it.</summary>
    public DateTimeOffset? SupersededAt { get; init; }

    /// <summary>When the last pass was complete that has found something under it since; null where none has.</summary>
    public DateTimeOffset? LastFoundAt { get; init; }

    /// <summary>What proves that nothing needs it any more; null without a proof.</summary>
    public UnreferencedProof? Proof { get; init; }

    /// <summary>When it was decided that it goes; null while it stays.</summary>
    public DateTimeOffset? RetiringAt { get; init; }

    /// <summary>The same, once its material is destroyed: <see cref="Wrapped"/> is empty then.</summary>
    public DateTimeOffset? RetiredAt { get; init; }

    public bool IsRetired => RetiredAt is not null;

    /// <summary>What the store compares when the version is changed.</summary>
    public string ETag { get; init; } = "";
}

/// <summary>A pass that has found nothing under a version.</summary>
/// <param name="PassId">The pass's id.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="CompletedAt">When it was complete.</param>
/// <param name="Objects">How many objects, archived versions and uploads it has seen.</param>
public sealed record UnreferencedProof(Guid PassId, DateTimeOffset StartedAt, DateTimeOffset CompletedAt, long Objects);

/// <summary>Which version wraps new data keys.</summary>
/// <param name="Version">The version's number; its row exists.</param>
/// <param name="Since">From when its age is counted: when it came into use, by the clock of then. Null where that was not kept.</param>
/// <param name="ETag">What the store compares when the pointer is moved.</param>
public sealed record MasterKeyPointer(uint Version, DateTimeOffset? Since, string ETag);

/// <summary>Where the master key's versions live. What a method reports as done is durable when it returns; storage that fails throws.</summary>
public interface IMasterKeyStore
{
    /// <summary>The root key's check value, or null in a new storage account.</summary>
    ValueTask<byte[]?> ReadRootKeyCheckAsync(CancellationToken cancellationToken);

    /// <summary>Keeps the check value; false, and nothing changed, when there is one already.</summary>
    ValueTask<bool> TryCreateRootKeyCheckAsync(byte[] check, CancellationToken cancellationToken);

    /// <summary>Keeps the check value under another wrap. False, and nothing changed, when it is not as it was seen any more.</summary>
    ValueTask<bool> TryRewrapRootKeyCheckAsync(byte[] seen, byte[] check, CancellationToken cancellationToken);

    /// <summary>The current version, or null before the first.</summary>
    ValueTask<MasterKeyPointer?> ReadCurrentAsync(CancellationToken cancellationToken);

    /// <summary>A version, or null.</summary>
    ValueTask<MasterKeyVersion?> ReadVersionAsync(uint version, CancellationToken cancellationToken);

    /// <summary>All versions, the oldest first.</summary>
    ValueTask<IReadOnlyList<MasterKeyVersion>> ListVersionsAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a new version; false, and nothing changed, when that number is taken.</summary>
    ValueTask<bool> TryCreateVersionAsync(MasterKeyVersion version, CancellationToken cancellationToken);

    /// <summary>Keeps a version under another wrap, and nothing else of it changes. False, and nothing changed, when its wrap is not as it was seen any more.</summary>
    ValueTask<bool> TryRewrapVersionAsync(MasterKeyVersion seen, byte[] wrapped, CancellationToken cancellationToken);

    /// <summary>Keeps what has become of a version: its wrap and what follows <see cref="MasterKeyVersion.SupersededAt"/>. False, and nothing changed, when it is not as it was read any more.</summary>
    ValueTask<bool> TryChangeVersionAsync(MasterKeyVersion changed, CancellationToken cancellationToken);

    /// <summary>Moves the pointer, if it still is what <paramref name="from"/> says (null: not there yet). False, and nothing changed, otherwise.</summary>
    /// <param name="from">The pointer as it was read.</param>
    /// <param name="to">The version that is to be current.</param>
    /// <param name="since">From when its age is to be counted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<bool> TryMoveCurrentAsync(MasterKeyPointer? from, uint to, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>How many wraps are accounted to a version.</summary>
    ValueTask<long> ReadWrapsAsync(uint version, CancellationToken cancellationToken);

    /// <summary>Accounts wraps to a version. No concurrent call's count is lost.</summary>
    ValueTask AddWrapsAsync(uint version, long count, CancellationToken cancellationToken);
}
