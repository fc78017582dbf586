using System.Collections.Concurrent;
using System.Globalization;

namespace Serverless.Keys.Tests;

/// <summary>Master keys in memory, with a hook before every call that can fail it, and a count of calls.</summary>
public sealed class InMemoryMasterKeyStore : IMasterKeyStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, MasterKeyVersion> _versions = [];
    private readonly Dictionary<uint, long> _wraps = [];
    private byte[]? _check;
    private MasterKeyPointer? _current;
    private int _etag;

    /// <summary>Awaited with the method's name before it does anything.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Awaited with the method's name when it has taken effect.</summary>
    public Func<string, Task> After { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<string> Calls { get; } = [];

    public IReadOnlyCollection<uint> Versions => _versions.Keys;

    public async ValueTask<byte[]?> ReadRootKeyCheckAsync(CancellationToken cancellationToken) => await DoAsync(nameof(ReadRootKeyCheckAsync), () => _check);

    public async ValueTask<bool> TryCreateRootKeyCheckAsync(byte[] check, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryCreateRootKeyCheckAsync), () => _check is null && (_check = check) is not null);

    public async ValueTask<bool> TryRewrapRootKeyCheckAsync(byte[] seen, byte[] check, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryRewrapRootKeyCheckAsync), () => _check is not null && _check.AsSpan().SequenceEqual(seen) && (_check = check) is not null);

    public async ValueTask<bool> TryRewrapVersionAsync(MasterKeyVersion seen, byte[] wrapped, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryRewrapVersionAsync), () =>
        {
            if (!_versions.TryGetValue(seen.Version, out MasterKeyVersion? current) || !current.Wrapped.AsSpan().SequenceEqual(seen.Wrapped))
            {
                return false;
            }

            _versions[seen.Version] = Tagged(current with { Wrapped = wrapped });
            return true;
        });

    public async ValueTask<MasterKeyPointer?> ReadCurrentAsync(CancellationToken cancellationToken) => await DoAsync(nameof(ReadCurrentAsync), () => _current);

    public async ValueTask<MasterKeyVersion?> ReadVersionAsync(uint version, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ReadVersionAsync), () => _versions.GetValueOrDefault(version));

    public async ValueTask<IReadOnlyList<MasterKeyVersion>> ListVersionsAsync(CancellationToken cancellationToken) =>
        await DoAsync(nameof(ListVersionsAsync), () => _versions.Values.OrderBy(version => version.Version).ToList());

    public async ValueTask<bool> TryCreateVersionAsync(MasterKeyVersion version, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryCreateVersionAsync), () => _versions.TryAdd(version.Version, Tagged(version)));

    public async ValueTask<bool> TryChangeVersionAsync(MasterKeyVersion changed, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryChangeVersionAsync), () =>
        {
            if (_versions.GetValueOrDefault(changed.Version)?.ETag != changed.ETag)
            {
                return false;
            }

            _versions[changed.Version] = Tagged(changed);
            return true;
        });

    public async ValueTask<bool> TryMoveCurrentAsync(MasterKeyPointer? from, uint to, DateTimeOffset since, CancellationToken cancellationToken) =>
        await DoAsync(nameof(TryMoveCurrentAsync), () =>
        {
            if (_current?.ETag != from?.ETag)
            {
                return false;
            }

            _current = new(to, since, (++_etag).ToString(CultureInfo.InvariantCulture));
            return true;
        });

    public async ValueTask<long> ReadWrapsAsync(uint version, CancellationToken cancellationToken) =>
        await DoAsync(nameof(ReadWrapsAsync), () => _wraps.GetValueOrDefault(version));

    public async ValueTask AddWrapsAsync(uint version, long count, CancellationToken cancellationToken) =>
        await DoAsync(nameof(AddWrapsAsync), () => _wraps[version] = _wraps.GetValueOrDefault(version) + count);

    /// <summary>Loses the check value, as somebody who cleans up the table by hand would.</summary>
    public void LoseRootKeyCheck() => _check = null;

    private MasterKeyVersion Tagged(MasterKeyVersion version) => version with { ETag = (++_etag).ToString(CultureInfo.InvariantCulture) };

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
