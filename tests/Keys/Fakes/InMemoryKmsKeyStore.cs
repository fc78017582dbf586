using System.Collections.Concurrent;
using System.Globalization;

namespace Serverless.Keys.Tests;

/// <summary>KMS keys in memory, with a hook before every call, and a count of calls.</summary>
public sealed class InMemoryKmsKeyStore : IKmsKeyStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Region, string Id), KmsKey> _keys = [];
    private readonly Dictionary<(string Region, string Id, uint Version), KmsKeyVersion> _versions = [];
    private readonly Dictionary<(string Region, string Name), KmsAlias> _aliases = [];
    private int _etag;

    /// <summary>Awaited with the method's name before it does anything.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<string> Calls { get; } = [];

    public async ValueTask<KmsKey?> ReadKeyAsync(string region, string id, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ReadKeyAsync), () => _keys.GetValueOrDefault((region, id)));

    public async ValueTask<KmsKeyVersion?> ReadVersionAsync(string region, string keyId, uint version, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ReadVersionAsync), () => _versions.GetValueOrDefault((region, keyId, version)));

    public async ValueTask<KmsAlias?> ReadAliasAsync(string region, string name, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ReadAliasAsync), () => _aliases.GetValueOrDefault((region, name)));

    public async ValueTask<bool> TryCreateKeyAsync(KmsKey key, KmsKeyVersion? first, KmsAlias? alias, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryCreateKeyAsync), () =>
        {
            if (_keys.ContainsKey((key.Region, key.Id)) || (alias is not null && !_aliases.TryAdd((alias.Region, alias.Name), alias)))
            {
                return false;
            }

            Put(key);
            return first is null || _versions.TryAdd((first.Region, first.KeyId, first.Version), first);
        });

    public async ValueTask<bool> TryReplaceKeyAsync(KmsKey key, KmsKeyVersion? added, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryReplaceKeyAsync), () =>
        {
            if (_keys.GetValueOrDefault((key.Region, key.Id))?.ETag != key.ETag)
            {
                return false;
            }

            Put(key);
            return added is null || _versions.TryAdd((added.Region, added.KeyId, added.Version), added);
        });

    public async ValueTask<bool> TryCreateAliasAsync(KmsAlias alias, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryCreateAliasAsync), () => _aliases.TryAdd((alias.Region, alias.Name), alias));

    public async ValueTask<IReadOnlyList<string>> ListKeyIdsAsync(string region, string? after, int limit, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListKeyIdsAsync), () => Page(_keys.Values.Where(key => key.Region == region).Select(key => key.Id), id => id, after, limit));

    public async ValueTask<IReadOnlyList<KmsAlias>> ListAliasesAsync(string region, string? keyId, string? after, int limit, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListAliasesAsync), () => Page(
            _aliases.Values.Where(alias => alias.Region == region && (keyId is null || alias.KeyId == keyId)), alias => alias.Name, after, limit));

    private static T[] Page<T>(IEnumerable<T> all, Func<T, string> name, string? after, int limit) =>
        [.. all.OrderBy(name, StringComparer.Ordinal).Where(item => string.CompareOrdinal(name(item), after) > 0).Take(limit)];

    private void Put(KmsKey key) => _keys[(key.Region, key.Id)] = key with { ETag = (++_etag).ToString(CultureInfo.InvariantCulture) };

    private async Task<T> DoAsync<T>(string call, Func<T> act)
    {
        Calls.Enqueue(call);
        await Before(call);
        lock (_lock)
        {
            return act();
        }
    }
}
