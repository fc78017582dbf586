using Serverless.Access;

namespace Serverless.Keys;

/// <summary>The names of keys' aliases, for the policies that ask for them (<c>kms:ResourceAliases</c>); at most five seconds old, and what this instance changes counts at once.</summary>
internal sealed class KeyAliases(IKmsKeyStore store, TimeProvider time)
{
    /// <summary>A key with more than this has, for policies, none (https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html#aliases-per-key).</summary>
    private const int Most = 50;
    private const int Capacity = 1000;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly RecentCache<(string Region, string KeyId), string[]> _names = new("key_aliases", key => ReadAsync(store, key.Region, key.KeyId), time, Lifetime, Capacity);

    public async ValueTask<IReadOnlyList<string>> OfAsync(KmsKey key, CancellationToken cancellationToken) =>
        await _names.GetAsync((key.Region, key.Id), cancellationToken).ConfigureAwait(false) ?? [];

    /// <summary>An alias has come to the key or has left it: its next use asks the store.</summary>
    public void Forget(string region, string keyId) => _names.Forget((region, keyId));

    private static async Task<string[]?> ReadAsync(IKmsKeyStore store, string region, string keyId)
    {
        IReadOnlyList<KmsAlias> aliases = await store.ListAliasesAsync(region, keyId, null, Most + 1, CancellationToken.None).ConfigureAwait(false);
        return aliases.Count > Most ? [] : [.. aliases.Select(alias => alias.Name)];
    }
}
