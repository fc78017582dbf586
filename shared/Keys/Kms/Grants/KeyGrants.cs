using Serverless.Access;

namespace Serverless.Keys;

/// <summary>Grants, as permissions are judged by them: those of one grantee on one key, at most five seconds old, and those that a request's tokens name, as they are now.</summary>
internal sealed class KeyGrants(IGrantStore store, TimeProvider time)
{
    private const int Capacity = 10_000;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly RecentCache<(string Region, string KeyId, string Grantee), KmsGrant[]> _grants = new(
        "grants",
        async of => [.. await store.ListGrantsAsync(of.Region, of.KeyId, of.Grantee, null, int.MaxValue, CancellationToken.None).ConfigureAwait(false)],
        time, Lifetime, Capacity);

    /// <summary>A key's grants to a grantee (an ARN); a key that is counted to have none is not asked for them.</summary>
    public async ValueTask<IReadOnlyList<KmsGrant>> OfAsync(KmsKey key, string grantee, CancellationToken cancellationToken) =>
        key.GrantCount > 0 ? await _grants.GetAsync((key.Region, key.Id, grantee), cancellationToken).ConfigureAwait(false) ?? [] : [];

    /// <summary>The grants that the call's tokens name, as they were when it was judged first.</summary>
    /// <exception cref="KmsException">A token is not one of CreateGrant's, or its grant is gone.</exception>
    public async ValueTask<IReadOnlyList<KmsGrant>> NamedAsync(KmsCall call, CancellationToken cancellationToken)
    {
        if (call.GrantTokens.Count == 0)
        {
            return [];
        }

        if (call.NamedGrants is { } known)
        {
            return known;
        }

        var named = new List<KmsGrant>(call.GrantTokens.Count);
        foreach (string token in call.GrantTokens)
        {
            named.Add(await ReadAsync(call.Use.Region, token, cancellationToken).ConfigureAwait(false));
        }

        return call.NamedGrants = named;
    }

    /// <summary>The grant of a token, as it is now.</summary>
    /// <exception cref="KmsException">As above.</exception>
    public async ValueTask<KmsGrant> ReadAsync(string region, string text, CancellationToken cancellationToken) =>
        GrantToken.TryParse(text, out GrantToken? token)
        && await store.ReadGrantAsync(region, token.KeyId, token.GrantId, cancellationToken).ConfigureAwait(false) is { } grant
        && token.IsOf(grant)
            ? grant
            : throw new KmsException(KmsErrors.InvalidGrantToken);

    /// <summary>A grant has been made or has gone: its next use asks the store.</summary>
    public void Forget(KmsGrant grant) => _grants.Forget((grant.Region, grant.KeyId, grant.Grantee.Arn));
}
