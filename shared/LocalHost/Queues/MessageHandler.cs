using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.LocalHost.Functions;

namespace Serverless.LocalHost.Queues;

/// <summary>
/// One message's way: the function runs while the message stays invisible; then it is deleted, or released for another try, or, after the last try,
/// moved to the poison queue, where it is before it leaves its own. It is handled at least once whatever fails, so functions must bear a repetition.
/// </summary>
internal sealed class MessageHandler(
    FunctionMethod function, QueueClient queue, QueueClient poison, QueueOptions options, IServiceScopeFactory scopes, ILogger<QueueListener> logger)
{
    /// <summary>Renewed while the function runs; after a crash the message comes back when it ends.</summary>
    public static readonly TimeSpan Invisibility = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(20);

    /// <summary>The service's word for a message that never expires.</summary>
    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    private enum Outcome { Succeeded, Failed, Abandoned }

    /// <summary>Never throws: what fails here is logged, and leaves the message to be seen again.</summary>
    public async Task HandleAsync(QueueMessage message, CancellationToken abandon)
    {
        var receipt = message.PopReceipt;
        try
        {
            // Beyond the limit only when an earlier try ended with its process, or could not reach the poison queue.
            if (message.DequeueCount <= options.MaxDequeueCount)
            {
                (var outcome, receipt) = await RunAsync(message, abandon);
                if (outcome == Outcome.Abandoned || (outcome == Outcome.Failed && message.DequeueCount < options.MaxDequeueCount))
                {
                    var pause = outcome == Outcome.Abandoned ? TimeSpan.Zero : options.VisibilityTimeout;
                    await queue.UpdateMessageAsync(message.MessageId, receipt, (string?)null, pause, CancellationToken.None);
                    return;
                }
                if (outcome == Outcome.Succeeded)
                {
                    await queue.DeleteMessageAsync(message.MessageId, receipt, CancellationToken.None);
                    return;
                }
            }
            await poison.CreateIfNotExistsAsync(cancellationToken: CancellationToken.None);
            await poison.SendMessageAsync(message.Body, timeToLive: Forever, cancellationToken: CancellationToken.None);
            await queue.DeleteMessageAsync(message.MessageId, receipt, CancellationToken.None);
            logger.LogError("Message {Id} of queue {Queue} failed {Tries} times and is now in {Poison}",
                message.MessageId, queue.Name, options.MaxDequeueCount, poison.Name);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // Another process has taken it over, because this one was too slow to renew it.
        }
        catch (Exception exception)
        {
            logger.LogWarning("Message {Id} of queue {Queue} could not be put away and will come again: {Reason}",
                message.MessageId, queue.Name, exception.Message);
        }
    }

    /// <summary>Runs the function; the receipt in the answer is the one that the message has after its renewals.</summary>
    private async Task<(Outcome Outcome, string Receipt)> RunAsync(QueueMessage message, CancellationToken abandon)
    {
        using var done = new CancellationTokenSource();
        var renewal = RenewAsync(message, done.Token);
        var outcome = Outcome.Succeeded;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var body = Convert.FromBase64String(message.Body.ToString());
            await function.InvokeAsync(body, new Invocation(function, scope.ServiceProvider, abandon, BindingData(message)));
        }
        catch (Exception) when (abandon.IsCancellationRequested)
        {
            outcome = Outcome.Abandoned;
        }
        catch (Exception exception)
        {
            outcome = Outcome.Failed;
            logger.LogError(exception, "Function {Function} failed on message {Id}, try {Try} of {Tries}",
                function.Name, message.MessageId, message.DequeueCount, options.MaxDequeueCount);
        }
        await done.CancelAsync();
        return (outcome, await renewal);
    }

    /// <summary>Keeps the message invisible until it is done; the answer is its current receipt.</summary>
    private async Task<string> RenewAsync(QueueMessage message, CancellationToken done)
    {
        var receipt = message.PopReceipt;
        while (true)
        {
            try
            {
                await Task.Delay(RenewInterval, done);
            }
            catch (OperationCanceledException)
            {
                return receipt;
            }
            try
            {
                // Not cancelled half-way: the receipt would be lost.
                receipt = (await queue.UpdateMessageAsync(message.MessageId, receipt, (string?)null, Invisibility, CancellationToken.None)).Value.PopReceipt;
            }
            catch (Exception exception) when (exception is RequestFailedException or AggregateException)
            {
                logger.LogWarning("Message {Id} of queue {Queue} could not be renewed: {Reason}", message.MessageId, queue.Name, exception.Message);
            }
        }
    }

    private static Dictionary<string, object?> BindingData(QueueMessage message) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["Id"] = message.MessageId,
        ["DequeueCount"] = message.DequeueCount,
        ["InsertionTime"] = message.InsertedOn,
    };
}
