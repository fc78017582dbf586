using Serverless.Objects.Store;

namespace Serverless.Objects.Versions;

/// <summary>A damaged object can be read no more, but its owner can be rid of it.</summary>
internal static class DamagedObjects
{
    /// <summary>The current object, if there is one. One that is damaged is removed, unless it is needed.</summary>
    /// <exception cref="DamagedObjectException">It is needed.</exception>
    public static async ValueTask<StoredObject?> FindOrClearAsync(this IObjectStore objects, ObjectPlace place, bool isNeeded, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.FindAsync(place, cancellationToken).ConfigureAwait(false);
        }
        catch (DamagedObjectException) when (!isNeeded)
        {
            await objects.DeleteAsync(place, ExpectedState.Any, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }
}
