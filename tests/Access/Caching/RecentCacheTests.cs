using Microsoft.Extensions.Time.Testing;

namespace Serverless.Access.Tests;

public sealed class RecentCacheTests
{
    private readonly FakeTimeProvider _time = new();
    private int _reads;

    [Fact]
    public async Task A_value_is_read_once_in_its_lifetime()
    {
        var cache = NewCache(async key => await Task.FromResult(new Value(key)));
        Value first = (await cache.GetAsync("a", default))!;
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Same(first, await cache.GetAsync("a", default));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.NotSame(first, await cache.GetAsync("a", default));
        Assert.Equal(2, _reads);
        Assert.True(first.IsDisposed);
    }

    [Fact]
    public async Task Concurrent_readers_share_one_read_and_a_cancelled_one_does_not_end_it()
    {
        var slow = new TaskCompletionSource<Value?>();
        var cache = NewCache(_ => slow.Task);
        using var cancellation = new CancellationTokenSource();
        Task<Value?>[] readers = [.. Enumerable.Range(0, 8).Select(_ => cache.GetAsync("a", default).AsTask())];
        Task<Value?> impatient = cache.GetAsync("a", cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        slow.SetResult(new Value("a"));
        Assert.All(await Task.WhenAll(readers), Assert.NotNull);
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task Nothing_and_failures_are_not_remembered()
    {
        Func<string, Task<Value?>> read = _ => Task.FromResult<Value?>(null);
        var cache = NewCache(key => read(key));
        Assert.Null(await cache.GetAsync("a", default));
        read = _ => throw new IOException("down");
        await Assert.ThrowsAsync<IOException>(async () => await cache.GetAsync("a", default));
        read = key => Task.FromResult<Value?>(new Value(key));
        Assert.NotNull(await cache.GetAsync("a", default));
    }

    [Fact]
    public async Task A_read_that_was_under_way_when_the_key_was_forgotten_is_not_kept()
    {
        var reads = new Queue<TaskCompletionSource<Value?>>([new(), new()]);
        TaskCompletionSource<Value?>[] pending = [.. reads];
        var cache = NewCache(_ => reads.Dequeue().Task);
        Task<Value?> before = cache.GetAsync("a", default).AsTask();
        cache.Forget("a");
        Task<Value?> after = cache.GetAsync("a", default).AsTask();
        pending[1].SetResult(new Value("new"));
        pending[0].SetResult(new Value("old"));
        Assert.Equal("old", (await before)!.Name);
        Assert.Equal("new", (await after)!.Name);
        Assert.Equal("new", (await cache.GetAsync("a", default))!.Name);
    }

    [Fact]
    public async Task Beyond_its_capacity_the_value_that_was_not_used_for_longest_goes()
    {
        var cache = NewCache(key => Task.FromResult<Value?>(new Value(key)), capacity: 2);
        Value a = (await cache.GetAsync("a", default))!;
        _time.Advance(TimeSpan.FromSeconds(1));
        Value b = (await cache.GetAsync("b", default))!;
        _time.Advance(TimeSpan.FromSeconds(1));
        await cache.GetAsync("a", default);
        _time.Advance(TimeSpan.FromSeconds(1));
        await cache.GetAsync("c", default);
        Assert.Equal((false, true), (a.IsDisposed, b.IsDisposed));
        Assert.Equal(3, _reads);
        await cache.GetAsync("a", default);
        Assert.Equal(3, _reads);
    }

    private RecentCache<string, Value> NewCache(Func<string, Task<Value?>> read, int capacity = 10) => new("test", key =>
        {
            _reads++;
            return read(key);
        },
        _time, TimeSpan.FromSeconds(5), capacity);

    private sealed class Value(string name) : IDisposable
    {
        public string Name => name;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
