namespace Serverless.Keys;

/// <summary>
/// Counts the wraps under one master key version. They are reserved in the store in blocks before they are made: a crash may count wraps that never were,
/// never the other way round, and the store is written once in <see cref="BlockSize"/> wraps. The next block is fetched while half of this one is left,
/// so that wraps wait for the store only when it cannot keep up.
/// </summary>
internal sealed class WrapMeter(IMasterKeyStore store, uint version)
{
    /// <summary>Wraps in a reservation.</summary>
    public const int BlockSize = 4096;

    private readonly Lock _lock = new();
    private long _left;
    private Task _reserving = Task.CompletedTask;

    /// <summary>The version that is metered.</summary>
    public uint Version => version;

    /// <summary>Takes one wrap from those reserved; call it before wrapping.</summary>
    public ValueTask CountAsync(CancellationToken cancellationToken) => TryTake() ? default : WaitAsync(cancellationToken);

    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        do
        {
            await Reserve().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (!TryTake());
    }

    private bool TryTake()
    {
        long left = Interlocked.Decrement(ref _left);
        if (left == BlockSize / 2)
        {
            _ = Reserve();
        }

        if (left < 0)
        {
            Interlocked.Increment(ref _left);
        }

        return left >= 0;
    }

    private Task Reserve()
    {
        lock (_lock)
        {
            return _reserving.IsCompleted ? _reserving = ReserveBlockAsync() : _reserving;
        }
    }

    private async Task ReserveBlockAsync()
    {
        await store.AddWrapsAsync(version, BlockSize, CancellationToken.None).ConfigureAwait(false);
        Interlocked.Add(ref _left, BlockSize);
    }
}
