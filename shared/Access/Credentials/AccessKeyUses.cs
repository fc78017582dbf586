using Microsoft.Extensions.Logging;

namespace Serverless.Access;

/// <summary>
/// Notes when access keys sign, behind the requests' backs: a use is written only when the one that the store knows is <see cref="Precision"/> old, by whichever instance comes
/// first, and one that cannot be written is lost. Disposing it waits, within bounds, for those that were begun.
/// </summary>
public sealed class AccessKeyUses(IIdentityStore store, TimeProvider time, ILogger<AccessKeyUses> logger) : IAsyncDisposable
{
    /// <summary>How much later than noted a key may have been used last. AWS's own answer is coarse, too.</summary>
    public static readonly TimeSpan Precision = TimeSpan.FromMinutes(5);

    /// <summary>Uses that wait to be written while the store is slow; more are lost.</summary>
    private const int MaxWaiting = 256;

    /// <summary>How long a stop waits for a store that is slow.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Task last = Task.CompletedTask;
    private int waiting;

    /// <summary>Whether a use now is worth noting.</summary>
    internal bool IsDue(AccessKeyOwner seen) => seen.LastUse is not { At: var at } || time.GetUtcNow() - at >= Precision;

    /// <summary>Notes a use. It neither waits nor throws.</summary>
    internal void Note(AccessKeyOwner seen, string service, string region)
    {
        var use = new AccessKeyUse(time.GetUtcNow(), service, region);
        lock (gate)
        {
            if (waiting < MaxWaiting)
            {
                waiting++;
                last = WriteAfterAsync(last, seen, use);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task begun;
        lock (gate)
        {
            begun = last;
        }
        await begun.WaitAsync(LongestStop, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAfterAsync(Task previous, AccessKeyOwner seen, AccessKeyUse use)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await store.TryNoteUseAsync(seen, use, CancellationToken.None);
        }
        catch (Exception failure)
        {
            logger.LogWarning(failure, "The use of access key {AccessKeyId} was not noted.", seen.AccessKeyId);
        }
        finally
        {
            lock (gate)
            {
                waiting--;
            }
        }
    }
}
