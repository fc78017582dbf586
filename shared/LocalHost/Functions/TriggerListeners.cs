using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.LocalHost.Queues;
using Serverless.LocalHost.Settings;
using Serverless.LocalHost.Timers;

namespace Serverless.LocalHost.Functions;

/// <summary>Runs the functions that no request starts: one scheduler for the timers, one poller for each queue function. They start and stop together.</summary>
internal sealed class TriggerListeners(
    FunctionCatalog catalog, QueueOptions queues, IConfiguration configuration, IServiceScopeFactory scopes, TimeProvider time, ILoggerFactory logs)
    : IHostedService, IDisposable
{
    private BackgroundService[] _listeners = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listeners = [.. catalog.Queues.Select(Poller), .. Scheduler()];
        return Task.WhenAll(_listeners.Select(listener => listener.StartAsync(cancellationToken)));
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_listeners.Select(listener => listener.StopAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var listener in _listeners) listener.Dispose();
    }

    private IEnumerable<BackgroundService> Scheduler()
    {
        if (catalog.Timers.Count == 0) yield break;
        var records = new TimerRecords(LocalStorage.Blobs(configuration[LocalSettings.Storage]!), catalog.AppName);
        yield return new TimerListener(catalog.Timers, records, scopes, time, logs.CreateLogger<TimerListener>());
    }

    private QueueListener Poller(QueueFunction function)
    {
        var storage = LocalStorage.Queues(function.ConnectionString);
        var queue = storage.GetQueueClient(function.QueueName);
        var poison = storage.GetQueueClient(function.QueueName + "-poison");
        var log = logs.CreateLogger<QueueListener>();
        return new QueueListener(queue, new MessageHandler(function.Method, queue, poison, queues, scopes, log), queues, log);
    }
}
