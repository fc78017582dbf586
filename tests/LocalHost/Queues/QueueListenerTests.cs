using System.Collections.Concurrent;
using System.Text;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.LocalHost.Functions;
using Serverless.LocalHost.Queues;
using Serverless.LocalHost.Tests.Azurite;

namespace Serverless.LocalHost.Tests.Queues;

[Collection(WithAzurite.Name)]
public sealed class QueueListenerTests : IAsyncLifetime, IDisposable
{
    private readonly Worker _worker = new();
    private readonly QueueClient _queue;
    private readonly QueueClient _poison;
    private readonly QueueListener _listener;

    public QueueListenerTests(AzuriteFixture azurite)
    {
        var name = $"queue-{Guid.NewGuid():N}";
        _queue = azurite.Queues.GetQueueClient(name);
        _poison = azurite.Queues.GetQueueClient(name + "-poison");
        var method = typeof(Worker.Function).GetMethod(nameof(Worker.Function.RunAsync))!;
        var scopes = new ServiceCollection().AddSingleton(_worker).BuildServiceProvider().GetRequiredService<IServiceScopeFactory>();
        var options = new QueueOptions { BatchSize = 4, MaxDequeueCount = 3 };
        var handler = new MessageHandler(
            new FunctionMethod("Work", method, method.GetParameters()[0]), _queue, _poison, options, scopes, NullLogger<QueueListener>.Instance);
        _listener = new QueueListener(_queue, handler, options, NullLogger<QueueListener>.Instance);
    }

    public Task InitializeAsync() => _listener.StartAsync(CancellationToken.None);

    public Task DisposeAsync()
    {
        _worker.Gate.TrySetResult();
        return _listener.StopAsync(CancellationToken.None);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Every_message_is_handled_and_then_gone()
    {
        await Until.True(async () => await _queue.ExistsAsync(), "the queue's creation");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => SendAsync($"message ü {i}")));

        await Until.True(() => _worker.Handled.Count >= 50, "50 messages");
        await Until.True(IsEmptyAsync, "an empty queue");
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"message ü {i}, try 1").Order(), _worker.Handled.Order());
    }

    [Fact]
    public async Task A_message_that_always_fails_is_tried_three_times_and_moved_to_the_poison_queue_as_it_was()
    {
        var body = await SendAsync("fail 9");

        await Until.True(async () => await _poison.ExistsAsync() && await CountAsync(_poison) == 1, "the poison message");
        await Until.True(IsEmptyAsync, "an empty queue");
        Assert.Equal(["fail 9, try 1", "fail 9, try 2", "fail 9, try 3"], _worker.Handled);
        Assert.Equal(body, (await _poison.PeekMessageAsync()).Value.Body.ToString());
    }

    [Fact]
    public async Task A_message_that_fails_at_first_is_tried_again_until_it_succeeds()
    {
        await SendAsync("fail 2");

        await Until.True(() => _worker.Handled.Count == 3, "the third try");
        await Until.True(IsEmptyAsync, "an empty queue");
        Assert.False(await _poison.ExistsAsync());
    }

    [Fact]
    public async Task A_message_that_is_not_base64_ends_in_the_poison_queue_and_holds_up_no_other()
    {
        await _queue.CreateIfNotExistsAsync();
        await _queue.SendMessageAsync("not base64!");
        await SendAsync("good");

        await Until.True(() => _worker.Handled.Contains("good, try 1"), "the good message");
        await Until.True(async () => await _poison.ExistsAsync() && await CountAsync(_poison) == 1, "the poison message");
        Assert.Equal("not base64!", (await _poison.PeekMessageAsync()).Value.Body.ToString());
    }

    [Fact]
    public async Task A_message_that_hangs_holds_up_no_other()
    {
        await SendAsync("hang");
        await Until.True(() => _worker.Handled.Contains("hang, try 1"), "the hanging message");

        for (var i = 0; i < 20; i++) await SendAsync($"good {i}");

        await Until.True(() => _worker.Handled.Count == 21, "the 20 others");
        _worker.Gate.SetResult();
    }

    [Fact]
    public async Task Stopping_waits_for_the_function_at_work_and_its_message_is_done()
    {
        await SendAsync("hang");
        await Until.True(() => _worker.Handled.Contains("hang, try 1"), "the message");

        var stopping = _listener.StopAsync(CancellationToken.None);
        Assert.NotSame(stopping, await Task.WhenAny(stopping, Task.Delay(300)));
        _worker.Gate.SetResult();
        await stopping;

        Assert.Equal(0, await CountAsync(_queue));
    }

    [Fact]
    public async Task A_function_that_does_not_finish_in_time_is_cancelled_and_its_message_goes_back_at_once()
    {
        await SendAsync("hang");
        await Until.True(() => _worker.Handled.Contains("hang, try 1"), "the message");

        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _listener.StopAsync(limit.Token);

        Assert.NotNull((await _queue.ReceiveMessageAsync()).Value);
        Assert.False(await _poison.ExistsAsync());
    }

    [Fact]
    public async Task A_queue_that_was_deleted_is_made_again()
    {
        await Until.True(async () => await _queue.ExistsAsync(), "the queue's creation");
        await _queue.DeleteAsync();

        await Until.True(async () => await _queue.ExistsAsync(), "the queue's return");
        await SendAsync("after");
        await Until.True(() => _worker.Handled.Contains("after, try 1"), "the message");
    }

    private async Task<string> SendAsync(string text)
    {
        await _queue.CreateIfNotExistsAsync();
        var body = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        await _queue.SendMessageAsync(body);
        return body;
    }

    private async Task<bool> IsEmptyAsync() => await CountAsync(_queue) == 0;

    private static async Task<int> CountAsync(QueueClient queue) => (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount;

    public sealed class Worker
    {
        public ConcurrentQueue<string> Handled { get; } = new();

        public TaskCompletionSource Gate { get; } = new();

        public sealed class Function(Worker worker)
        {
            /// <summary>"fail n" fails on the first n tries, "hang" waits for the gate.</summary>
            public async Task RunAsync(string message, FunctionContext context)
            {
                var attempt = (long)context.BindingContext.BindingData["DequeueCount"]!;
                worker.Handled.Enqueue($"{message}, try {attempt}");
                if (message == "hang") await worker.Gate.Task.WaitAsync(context.CancellationToken);
                if (message.StartsWith("fail ", StringComparison.Ordinal) && attempt <= message[5] - '0') throw new InvalidOperationException("as asked");
            }
        }
    }
}
