using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Audit;

namespace Serverless.Storage.Tests;

[Collection(AzuriteCollection.Name)]
public sealed class AzureAuditQueueTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_message_is_in_a_queue_that_is_made_when_there_is_none_and_costs_one_call_from_then_on()
    {
        var calls = new CallCount();
        var account = new StorageAccount(azurite.ConnectionString, [calls]);
        await account.Queues.GetQueueClient(IAuditQueue.Name).DeleteIfExistsAsync();
        var queue = new AzureAuditQueue(account);

        await queue.SendAsync("[1]"u8.ToArray(), CancellationToken.None);
        var cold = calls.Total;
        await queue.SendAsync("[2]"u8.ToArray(), CancellationToken.None);

        Assert.Equal(cold + 1, calls.Total);
        Assert.Equal(["[1]", "[2]"], (await ReceiveAsync()).Order());
    }

    [Fact]
    public async Task The_largest_message_fits_and_never_expires()
    {
        await ReceiveAsync();
        var largest = Encoding.ASCII.GetBytes(new string('x', 48 * 1024));

        await new AzureAuditQueue(azurite.Account).SendAsync(largest, CancellationToken.None);

        var message = Assert.Single((await Queue.ReceiveMessagesAsync(32)).Value);
        await Queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
        Assert.True(message.Body.ToMemory().Span.SequenceEqual(largest));
        Assert.Equal(9999, message.ExpiresOn!.Value.Year);
    }

    [Fact]
    public async Task An_attempt_that_gets_no_answer_is_made_again_within_the_callers_time()
    {
        await ReceiveAsync();
        var silent = new SilentOnce();
        var queue = new AzureAuditQueue(new StorageAccount(azurite.ConnectionString, [silent]));

        await queue.SendAsync("[3]"u8.ToArray(), CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.True(silent.WasSilent);
        Assert.Equal(["[3]"], await ReceiveAsync());
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_not_kept()
    {
        using var impatience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var queue = new AzureAuditQueue(new StorageAccount(azurite.ConnectionString, [new SilentOnce()]));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.SendAsync("[4]"u8.ToArray(), impatience.Token).AsTask());
    }

    private Azure.Storage.Queues.QueueClient Queue => azurite.Account.Queues.GetQueueClient(IAuditQueue.Name);

    private async Task<List<string>> ReceiveAsync()
    {
        await Queue.CreateIfNotExistsAsync();
        var texts = new List<string>();
        while ((await Queue.ReceiveMessagesAsync(32)).Value is { Length: > 0 } messages)
        {
            foreach (var message in messages)
            {
                texts.Add(message.Body.ToString());
                await Queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
            }
        }
        return texts;
    }

    /// <summary>A connection that takes the first request and never answers it.</summary>
    private sealed class SilentOnce : HttpPipelinePolicy
    {
        public bool WasSilent { get; private set; }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            if (!WasSilent)
            {
                WasSilent = true;
                await Task.Delay(Timeout.Infinite, message.CancellationToken);
            }
            await ProcessNextAsync(message, pipeline);
        }
    }
}
