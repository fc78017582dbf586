using System.Collections.Concurrent;

namespace Serverless.Access;

/// <summary>
/// What a store said a short while ago: bounded in age and number. Concurrent readers of one key share one read, no reader holds a lock while it waits,
/// and what was not found is not remembered. A value that is dropped is disposed if it can be.
/// </summary>
/// <param name="name">What it is called in measurements.</param>
/// <param name="read">Reads the store; null where there is nothing.</param>
/// <param name="time">The clock that ages entries.</param>
/// <param name="lifetime">How old an answer may be, counted from before its read began.</param>
/// <param name="capacity">How many values are kept; beyond it the one that was not used for longest goes.</param>
public sealed class RecentCache<TKey, TValue>(string name, Func<TKey, Task<TValue?>> read, TimeProvider time, TimeSpan lifetime, int capacity)
    where TKey : notnull
    where TValue : class
{
    private readonly Func<TKey, Task<TValue?>> _read = read;
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();

    /// <summary>The value of a key. A cancelled caller stops waiting; the read goes on for the others.</summary>
    public ValueTask<TValue?> GetAsync(TKey key, CancellationToken cancellationToken)
    {
        long now = time.GetTimestamp();
        while (true)
        {
            if (_entries.TryGetValue(key, out Entry? known) && time.GetElapsedTime(known.Since, now) < lifetime)
            {
                known.Used = now;
                CacheMetrics.Count(name, isHit: true);
                return Await(known, cancellationToken);
            }

            var fresh = new Entry(this, key, now);
            if (known is null ? _entries.TryAdd(key, fresh) : _entries.TryUpdate(key, fresh, known))
            {
                CacheMetrics.Count(name, isHit: false);
                known?.Discard();
                Trim();
                return Await(fresh, cancellationToken);
            }
        }
    }

    /// <summary>Makes the next <see cref="GetAsync"/> read the store: for who has just changed it. A read that is under way is not kept.</summary>
    public void Forget(TKey key)
    {
        if (_entries.TryRemove(key, out Entry? entry))
        {
            entry.Discard();
        }
    }

    private static ValueTask<TValue?> Await(Entry entry, CancellationToken cancellationToken)
    {
        Task<TValue?> value = entry.Value;
        return new(value.IsCompleted ? value : value.WaitAsync(cancellationToken));
    }

    private void Trim()
    {
        while (_entries.Count > capacity && _entries.Values.MinBy(entry => entry.Used) is { } oldest)
        {
            if (_entries.TryRemove(KeyValuePair.Create(oldest.Key, oldest)))
            {
                oldest.Discard();
            }
        }
    }

    private sealed class Entry
    {
        private readonly Lazy<Task<TValue?>> _value;

        public Entry(RecentCache<TKey, TValue> cache, TKey key, long now)
        {
            Key = key;
            Since = Used = now;
            _value = new(() => ReadAsync(cache));
        }

        public TKey Key { get; }

        public long Since { get; }

        public long Used { get; set; }

        public Task<TValue?> Value => _value.Value;

        public void Discard() =>
            Value.ContinueWith(
                static read => (read.Result as IDisposable)?.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);

        private async Task<TValue?> ReadAsync(RecentCache<TKey, TValue> cache)
        {
            TValue? value = null;
            try
            {
                return value = await cache._read(Key).ConfigureAwait(false);
            }
            finally
            {
                if (value is null)
                {
                    cache._entries.TryRemove(KeyValuePair.Create(Key, this));
                }
            }
        }
    }
}
