using Serverless.Objects.Store;

namespace Serverless.Objects.Versions;

/// <summary>Which version of a key is meant: the one that clients know by an id, or the very one of a rank.</summary>
public readonly record struct VersionSelection
{
    private readonly VersionId? _id;

    private VersionSelection(VersionId? id, VersionRank? rank) => (_id, Rank) = (id, rank);

    /// <summary>The rank that it has; null for the null version, which has any.</summary>
    public VersionRank? Rank { get; }

    public static VersionSelection Of(VersionId id) => new(id, id.Rank);

    public static VersionSelection Of(VersionRank rank) => new(null, rank);

    public bool Includes(StoredObject stored) => Includes(stored.Description.VersionId, stored.Description.Rank);

    public bool Includes(ArchivedEntry entry) => Includes(entry.Id, entry.Name!.Value.Rank);

    private bool Includes(VersionId id, VersionRank rank) => _id is { } wanted ? wanted == id : Rank == rank;
}
