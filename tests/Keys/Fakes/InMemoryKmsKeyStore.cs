using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Serverless.Keys.Tests;

/// <summary>KMS keys in memory, with a hook before every call, and a count of calls.</summary>
public sealed partial class InMemoryKmsKeyStore : IKmsKeyStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Region, string Id), KmsKey> _keys = [];
    private readonly Dictionary<(string Region, string Id, uint Version), KmsKeyVersion> _versions = [];
    private readonly Dictionary<(string Region, string Name), KmsAlias> _aliases = [];
    private readonly Dictionary<(string Region, string Id), DateTimeOffset> _due = [];
    private readonly SortedSet<string> _regions = new(StringComparer.Ordinal);
    private int _etag;

    /// <summary>Awaited with the method's name before it does anything.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Awaited with the method's name when it has taken effect.</summary>
    public Func<string, Task> After { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<string> Calls { get; } = [];

    public async ValueTask<KmsKey?> ReadKeyAsync(string region, string id, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ReadKeyAsync), () => _keys.GetValueOrDefault((region, id)));

    public async ValueTask<KmsKeyVersion?> ReadVersionAsync(string region, string keyId, uint version, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ReadVersionAsync), () => _versions.GetValueOrDefault((region, keyId, version)));

    public async ValueTask<IReadOnlyList<KmsKeyVersion>> ListVersionsAsync(string region, string keyId, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListVersionsAsync), () => VersionsOf(region, keyId).OrderBy(version => version.Version).ToArray());

    public async IAsyncEnumerable<KmsKeyVersion> ListAllVersionsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (KmsKeyVersion version in await DoAsync(nameof(ListAllVersionsAsync), () => _versions.Values.ToArray()))
        {
            yield return version;
        }
    }

    public async ValueTask<bool> TryRewrapVersionAsync(KmsKeyVersion seen, byte[] wrapped, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryRewrapVersionAsync), () =>
        {
            var id = (seen.Region, seen.KeyId, seen.Version);
            if (!_versions.TryGetValue(id, out KmsKeyVersion? current) || !current.Wrapped.AsSpan().SequenceEqual(seen.Wrapped))
            {
                return false;
            }

            _versions[id] = current with { Wrapped = wrapped };
            return true;
        });

    public async ValueTask<KmsAlias?> ReadAliasAsync(string region, string name, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ReadAliasAsync), () => _aliases.GetValueOrDefault((region, name)));

    public async ValueTask<bool> TryCreateKeyAsync(KmsKey key, KmsKeyVersion? first, KmsAlias? alias, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryCreateKeyAsync), () =>
        {
            if (_keys.ContainsKey((key.Region, key.Id)) || (alias is not null && !TryAdd(alias)))
            {
                return false;
            }

            Put(key);
            return first is null || TryAdd(first);
        });

    public async ValueTask<bool> TryReplaceKeyAsync(KmsKey key, KmsVersionChange? versions, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryReplaceKeyAsync), () =>
        {
            if (_keys.GetValueOrDefault((key.Region, key.Id))?.ETag != key.ETag)
            {
                return false;
            }

            Put(key);
            foreach (KmsKeyVersion version in versions?.Written ?? [])
            {
                _versions[(version.Region, version.KeyId, version.Version)] = version;
            }

            return versions?.Removed is not { } removed || _versions.Remove((key.Region, key.Id, removed));
        });

    public async ValueTask<bool> TryCreateVersionAsync(KmsKeyVersion version, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryCreateVersionAsync), () => TryAdd(version));

    public async ValueTask<bool> TryDeleteKeyAsync(KmsKey key, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryDeleteKeyAsync), () => _keys.GetValueOrDefault((key.Region, key.Id))?.ETag == key.ETag && _keys.Remove((key.Region, key.Id)));

    public async ValueTask RemoveRemainsAsync(KmsDueKey deleted, CancellationToken cancellationToken) =>
        await DoAsync(nameof(RemoveRemainsAsync), () =>
        {
            foreach (KmsKeyVersion version in VersionsOf(deleted.Region, deleted.KeyId).ToArray())
            {
                _versions.Remove((version.Region, version.KeyId, version.Version));
            }

            foreach (KmsAlias alias in _aliases.Values.Where(alias => (alias.Region, alias.KeyId) == (deleted.Region, deleted.KeyId)).ToArray())
            {
                _aliases.Remove((alias.Region, alias.Name));
            }

            return _due.Remove((deleted.Region, deleted.KeyId));
        });

    public async ValueTask<bool> TryCreateAliasAsync(KmsAlias alias, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryCreateAliasAsync), () => TryAdd(alias));

    public async ValueTask<bool> TryReplaceAliasAsync(KmsAlias alias, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryReplaceAliasAsync), () => TryRemove(alias) && TryAdd(alias));

    public async ValueTask<bool> TryDeleteAliasAsync(KmsAlias alias, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryDeleteAliasAsync), () => TryRemove(alias));

    public async ValueTask<IReadOnlyList<string>> ListKeyIdsAsync(string region, string? after, int limit, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListKeyIdsAsync), () => Page(_keys.Values.Where(key => key.Region == region).Select(key => key.Id), id => id, after, limit));

    public async ValueTask<IReadOnlyList<KmsAlias>> ListAliasesAsync(string region, string? keyId, string? after, int limit, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListAliasesAsync), () => Page(
            _aliases.Values.Where(alias => alias.Region == region && (keyId is null || alias.KeyId == keyId)), alias => alias.Name, after, limit));

    public async ValueTask<IReadOnlyList<KmsDueKey>> ListDueAsync(string region, DateTimeOffset until, KmsDueKey? after, int limit, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListDueAsync), () => Page(
            _due.Where(due => due.Key.Region == region && due.Value <= until).Select(due => new KmsDueKey(region, due.Value, due.Key.Id)),
            due => $"{due.At:O} {due.KeyId}", after is null ? null : $"{after.At:O} {after.KeyId}", limit));

    public async ValueTask<IReadOnlyList<KmsDueKey>> ListCountedFromAsync(string region, DateTimeOffset after, int limit, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListCountedFromAsync), () => _due
            .Where(due => due.Key.Region == region && _keys.GetValueOrDefault(due.Key)?.RotationCountedFrom > after)
            .Select(due => new KmsDueKey(region, due.Value, due.Key.Id)).Take(limit).ToArray());

    public async ValueTask<IReadOnlyList<string>> ListRegionsAsync(string? after, int limit, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListRegionsAsync), () => Page(_regions, region => region, after, limit));

    private static T[] Page<T>(IEnumerable<T> all, Func<T, string> name, string? after, int limit) =>
        [.. all.OrderBy(name, StringComparer.Ordinal).Where(item => string.CompareOrdinal(name(item), after) > 0).Take(limit)];

    private IEnumerable<KmsKeyVersion> VersionsOf(string region, string keyId) => _versions.Values.Where(version => version.Region == region && version.KeyId == keyId);

    private bool TryAdd(KmsKeyVersion version) => _versions.TryAdd((version.Region, version.KeyId, version.Version), version);

    private bool TryAdd(KmsAlias alias) => _aliases.TryAdd((alias.Region, alias.Name), alias with { ETag = NewETag() });

    private bool TryRemove(KmsAlias alias) =>
        _aliases.GetValueOrDefault((alias.Region, alias.Name))?.ETag == alias.ETag && _aliases.Remove((alias.Region, alias.Name));

    private void Put(KmsKey key)
    {
        _keys[(key.Region, key.Id)] = key with { ETag = NewETag(), ScheduledAt = key.DueAt };
        if (key.DueAt is { } due)
        {
            _due[(key.Region, key.Id)] = due;
            _regions.Add(key.Region);
        }
        else
        {
            _due.Remove((key.Region, key.Id));
        }
    }

    private string NewETag() => (++_etag).ToString(CultureInfo.InvariantCulture);

    private async Task<T> DoAsync<T>(string call, Func<T> act)
    {
        Calls.Enqueue(call);
        await Before(call);
        T result;
        lock (_lock)
        {
            result = act();
        }

        await After(call);
        return result;
    }
}
