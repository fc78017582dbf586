namespace Serverless.Access;

/// <summary>
/// A secret in memory that a <see cref="RecentCache{TKey,TValue}"/> and requests share. It is wiped when the cache has dropped it <i>and</i> the last request that holds
/// it is done, never under a request's hands: a key that reads as zeros is a key that everybody knows.
/// </summary>
public abstract class SharedSecret : IDisposable
{
    private int _holders = 1;

    /// <summary>Takes part in the secret; each success is ended by one <see cref="Dispose"/>. False when the secret is gone.</summary>
    public bool TryHold()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    /// <summary>Ends one holder's part.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Wipe();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Zeroes the secret; called once.</summary>
    protected abstract void Wipe();
}
