using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Objects.Listing;
using Serverless.Objects.Operations;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests;

/// <summary>Everything that finds, writes, deletes and lists versions, over the stores of a test.</summary>
internal sealed class VersionParts
{
    public VersionParts(IObjectStore objects, IVersionArchive archive, IDataStore data, TimeProvider time)
    {
        Large = new(new(data), data, NullLogger<LargeBody>.Instance);
        Archived = new(archive, objects, Large, time);
        Copies = new(objects, time);
        Deletion = new(objects, archive, Archived, Copies, Large, time);
        Replacement = new(objects, archive, Archived, Copies, Large, time);
        Finder = new(objects, Archived, Deletion);
        Listing = new(objects, Archived);
    }

    public VersionParts(MemoryStore store, TimeProvider time) : this(store, store, store, time)
    {
    }

    public LargeBody Large { get; }

    public ArchivedVersions Archived { get; }

    public VersionCopies Copies { get; }

    public VersionDeletion Deletion { get; }

    public ObjectReplacement Replacement { get; }

    public ObjectFinder Finder { get; }

    public VersionListing Listing { get; }
}
