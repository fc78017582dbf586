namespace Serverless.Keys.Tests;

public sealed class WrapMeterTests
{
    private readonly InMemoryMasterKeyStore _store = new();

    [Fact]
    public async Task Wraps_are_accounted_before_they_are_made_and_never_under_counted()
    {
        var meter = new WrapMeter(_store, 1);
        for (int made = 1; made <= 3 * WrapMeter.BlockSize; made++)
        {
            await meter.CountAsync(default);
            Assert.InRange(await _store.ReadWrapsAsync(1, default), made, made + 2 * WrapMeter.BlockSize);
        }
    }

    [Fact]
    public async Task Concurrent_wraps_are_never_under_counted_and_write_once_in_a_block()
    {
        const int wraps = 10 * WrapMeter.BlockSize;
        var meter = new WrapMeter(_store, 1);
        await Parallel.ForAsync(0, wraps, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, ct) => await meter.CountAsync(ct));
        Assert.InRange(await _store.ReadWrapsAsync(1, default), wraps, wraps + 2 * WrapMeter.BlockSize);
        Assert.InRange(_store.Calls.Count(call => call == nameof(IMasterKeyStore.AddWrapsAsync)), 10, 12);
    }

    [Fact]
    public async Task The_next_block_is_fetched_while_half_of_this_one_is_left()
    {
        var meter = new WrapMeter(_store, 1);
        await meter.CountAsync(default);
        var slow = new TaskCompletionSource();
        _store.Before = _ => slow.Task;
        for (int i = 1; i < WrapMeter.BlockSize; i++)
        {
            Assert.True(meter.CountAsync(default).AsTask().IsCompletedSuccessfully);
        }

        Task waits = meter.CountAsync(default).AsTask();
        Assert.False(waits.IsCompleted);
        slow.SetResult();
        await waits;
        Assert.Equal(2 * WrapMeter.BlockSize, await _store.ReadWrapsAsync(1, default));
    }

    [Fact]
    public async Task A_store_that_fails_fails_the_wrap_and_the_next_one_tries_again()
    {
        var meter = new WrapMeter(_store, 1);
        _store.Before = _ => throw new IOException("down");
        await Assert.ThrowsAsync<IOException>(async () => await meter.CountAsync(default));
        _store.Before = _ => Task.CompletedTask;
        await meter.CountAsync(default);
        Assert.Equal(WrapMeter.BlockSize, await _store.ReadWrapsAsync(1, default));
    }

    [Fact]
    public async Task A_cancelled_wrap_stops_waiting_and_takes_nothing()
    {
        var meter = new WrapMeter(_store, 1);
        var slow = new TaskCompletionSource();
        _store.Before = _ => slow.Task;
        using var cancellation = new CancellationTokenSource();
        Task waits = meter.CountAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        slow.SetResult();
        await meter.CountAsync(default);
        Assert.Equal(WrapMeter.BlockSize, await _store.ReadWrapsAsync(1, default));
    }
}
