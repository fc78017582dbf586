namespace Serverless.Access;

/// <summary>Shared secrets in their caches.</summary>
public static class SharedSecrets
{
    /// <summary>Holds the secret until it is disposed; null where there is none. One that was dropped between the look-up and the hold is read again.</summary>
    public static async ValueTask<TSecret?> HoldAsync<TKey, TSecret>(this RecentCache<TKey, TSecret> cache, TKey key, CancellationToken cancellationToken)
        where TKey : notnull
        where TSecret : SharedSecret
    {
        while (true)
        {
            TSecret? secret = await cache.GetAsync(key, cancellationToken).ConfigureAwait(false);
            if (secret is null || secret.TryHold())
            {
                return secret;
            }
        }
    }
}
