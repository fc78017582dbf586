namespace Serverless.Keys.Tests;

/// <summary>The keys' grants.</summary>
public sealed partial class InMemoryKmsKeyStore : IGrantStore
{
    private readonly Dictionary<(string Region, string KeyId, string Id), KmsGrant> _grants = [];

    public async ValueTask<KmsGrant?> ReadGrantAsync(string region, string keyId, string grantId, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ReadGrantAsync), () => _grants.GetValueOrDefault((region, keyId, grantId)));

    public async ValueTask<string?> FindGrantAsync(string region, string keyId, string fingerprint, CancellationToken cancellationToken) =>
        await DoAsync(nameof(FindGrantAsync), () => GrantsOf(region, keyId).SingleOrDefault(grant => grant.Fingerprint == fingerprint)?.Id);

    public async ValueTask<bool> TryCreateGrantAsync(KmsKey key, KmsGrant grant, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryCreateGrantAsync), () =>
        {
            bool repeated = grant.Fingerprint is not null && GrantsOf(grant.Region, grant.KeyId).Any(other => other.Fingerprint == grant.Fingerprint);
            return !repeated && TryCount(key, 1) && _grants.TryAdd((grant.Region, grant.KeyId, grant.Id), grant);
        });

    public async ValueTask<bool> TryDeleteGrantAsync(KmsKey key, KmsGrant grant, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryDeleteGrantAsync), () =>
            _grants.ContainsKey((grant.Region, grant.KeyId, grant.Id)) && TryCount(key, -1) && _grants.Remove((grant.Region, grant.KeyId, grant.Id)));

    public async ValueTask<IReadOnlyList<KmsGrant>> ListGrantsAsync(
        string region, string keyId, string? grantee, string? after, int limit, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListGrantsAsync), () => Page(
            GrantsOf(region, keyId).Where(grant => grantee is null || grant.Grantee.Arn == grantee), grant => grant.Id, after, limit));

    public async ValueTask<IReadOnlyList<KmsGrant>> ListRetirableGrantsAsync(
        string region, string retiring, (string KeyId, string GrantId)? after, int limit, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListRetirableGrantsAsync), () => Page(
            _grants.Values.Where(grant => grant.Region == region && grant.Retiring?.Arn == retiring), grant => $"{grant.KeyId}:{grant.Id}",
            after is { } last ? $"{last.KeyId}:{last.GrantId}" : null, limit));

    public async ValueTask DeleteGrantsAsync(string region, string keyId, CancellationToken cancellationToken) =>
        await DoAsync(nameof(DeleteGrantsAsync), () =>
        {
            foreach (KmsGrant grant in GrantsOf(region, keyId).ToArray())
            {
                _grants.Remove((region, keyId, grant.Id));
            }

            return true;
        });

    private IEnumerable<KmsGrant> GrantsOf(string region, string keyId) => _grants.Values.Where(grant => grant.Region == region && grant.KeyId == keyId);

    private bool TryCount(KmsKey key, int difference)
    {
        if (_keys.GetValueOrDefault((key.Region, key.Id)) is not { } stored || stored.ETag != key.ETag)
        {
            return false;
        }

        Put(stored with { GrantCount = key.GrantCount + difference });
        return true;
    }
}
