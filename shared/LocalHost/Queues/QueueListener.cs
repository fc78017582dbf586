using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Serverless.LocalHost.Queues;

/// <summary>
/// Takes messages from one queue and hands each to the function by itself, so that one which fails or hangs holds up no other. When it is stopped it
/// takes no more, and waits for those at work.
/// </summary>
internal sealed class QueueListener(QueueClient queue, MessageHandler handler, QueueOptions options, ILogger<QueueListener> logger) : BackgroundService
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);

    /// <summary>What functions that were told to give up have to do so, and their messages to go back to the queue.</summary>
    private static readonly TimeSpan AbandonLimit = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _abandon = new();
    private bool _exists;

    /// <summary>Waits for the functions at work until <paramref name="cancellationToken"/> fires; then it tells them to give up.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (ExecuteTask is not { IsCompleted: false } polling) return;
        await _abandon.CancelAsync();
        await Task.WhenAny(polling, Task.Delay(AbandonLimit, CancellationToken.None));
    }

    public override void Dispose()
    {
        _abandon.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var atWork = new List<Task>();
        var wait = ShortestWait;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (atWork.Count > options.BatchSize / 2)
                {
                    await Task.WhenAny(atWork).WaitAsync(stoppingToken);
                    atWork.RemoveAll(task => task.IsCompleted);
                }
                var messages = await ReceiveAsync(stoppingToken);
                atWork.RemoveAll(task => task.IsCompleted);
                atWork.AddRange(messages.Select(message => handler.HandleAsync(message, _abandon.Token)));
                if (messages.Length > 0)
                {
                    wait = ShortestWait;
                    continue;
                }
                await Task.Delay(wait, stoppingToken);
                wait = wait * 2 < options.MaxPollingInterval ? wait * 2 : options.MaxPollingInterval;
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
        }
        await Task.WhenAll(atWork);
    }

    /// <summary>A failure of the storage is an empty answer: the next look comes after the usual wait.</summary>
    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (!_exists) await queue.CreateIfNotExistsAsync(cancellationToken: stoppingToken);
            _exists = true;
            // Not cancelled half-way: messages that were given out and not received would stay hidden.
            return await queue.ReceiveMessagesAsync(options.BatchSize, MessageHandler.Invisibility, CancellationToken.None);
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            _exists = false;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            logger.LogWarning("Queue {Queue} cannot be read: {Reason}", queue.Name, exception.Message);
        }
        return [];
    }
}
