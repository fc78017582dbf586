using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;

namespace Serverless.LocalHost.Timers;

/// <summary>
/// What lets one process among many do something: a lease on a blob, renewed until it is disposed of. Its time is the store's, which no test can
/// advance, so it runs by the real clock.
/// </summary>
internal sealed class SingletonLease : IAsyncDisposable
{
    /// <summary>The shortest that the store grants, so that another process takes over soon after this one has crashed.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long one renewal may take: with the interval it stays below the lease's end.</summary>
    private static readonly TimeSpan RenewLimit = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    private readonly BlobLeaseClient _lease;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewal;

    private SingletonLease(BlobLeaseClient lease)
    {
        _lease = lease;
        _renewal = RenewAsync();
    }

    /// <summary>Fires before another process can have it.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Waits until the lease is ours. The blob is created where it is missing; its content does not matter.</summary>
    public static async Task<SingletonLease> AcquireAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryAcquireAsync(blob, cancellationToken) is { } lease) return lease;
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    /// <summary>Takes the lease, or answers null where another process has it.</summary>
    public static async Task<SingletonLease?> TryAcquireAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            if (!await blob.ExistsAsync(cancellationToken))
                await blob.UploadAsync(BinaryData.Empty, overwrite: false, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412)
        {
            // Another process was quicker.
        }
        var lease = blob.GetBlobLeaseClient();
        try
        {
            await lease.AcquireAsync(Duration, cancellationToken: cancellationToken);
            return new SingletonLease(lease);
        }
        catch (RequestFailedException exception) when (exception.Status == 409)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewal;
        try
        {
            if (!_lost.IsCancellationRequested)
            {
                using var limit = new CancellationTokenSource(RenewInterval);
                await _lease.ReleaseAsync(cancellationToken: limit.Token);
            }
        }
        catch (Exception exception) when (exception is RequestFailedException or OperationCanceledException or AggregateException)
        {
            // It ends by itself in 15 seconds.
        }
        _stop.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(RenewInterval, _stop.Token);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                limit.CancelAfter(RenewLimit);
                await _lease.RenewAsync(cancellationToken: limit.Token);
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The holder is done with it.
        }
        catch (Exception exception) when (exception is RequestFailedException or OperationCanceledException or AggregateException)
        {
            await _lost.CancelAsync();
        }
    }
}
