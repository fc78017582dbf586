using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Audit;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Storage.Tests;

/// <summary>From the trail through the real queue and table to LookupEvents.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class AuditPipelineTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task What_is_recorded_is_found_by_each_attribute()
    {
        var user = Events.Alice with { UserName = $"user-{Guid.NewGuid():N}", AccessKeyId = $"AKID{Guid.NewGuid():N}" };
        AuditEvent[] events =
        [
            .. Enumerable.Range(0, 70).Select(number => Events.Decrypt(DateTimeOffset.UtcNow.AddHours(-number), $"{user.UserName}/é {number}.jpg", user)),
        ];
        await using (var trail = new AuditTrail(new AzureAuditQueue(azurite.Account), Events.Identity, TimeProvider.System))
        {
            await Task.WhenAll(events.Select(auditEvent => trail.RecordAsync(auditEvent, CancellationToken.None).AsTask()));
        }
        await WriteAllAsync();

        Assert.Equal(70, await CountAsync("Username", user.UserName));
        Assert.Equal(70, await CountAsync("AccessKeyId", user.AccessKeyId));
        Assert.Equal(1, await CountAsync("EventId", events[9].EventId.ToString()));
        Assert.Equal(1, await CountAsync("ResourceName", events[9].Resources[1].Arn));
        Assert.Equal(70, await CountAsync("ResourceName", Events.KeyArn));
        Assert.Equal(70, await CountAsync("ResourceName", Events.KeyId));
        Assert.Equal(70, await CountAsync("EventName", "Decrypt"));
        Assert.Equal(70, await CountAsync("EventSource", "kms.amazonaws.com"));
        Assert.Equal(70, await CountAsync("ResourceType", "AWS::S3::Object"));
        Assert.Equal(70, await CountAsync("ReadOnly", "true"));
        Assert.Equal(0, await CountAsync("ReadOnly", "false"));
    }

    private async Task WriteAllAsync()
    {
        var queue = azurite.Account.Queues.GetQueueClient(IAuditQueue.Name);
        var writer = new AuditWriter(new TableAuditStore(azurite.Account), TimeProvider.System);
        while ((await queue.ReceiveMessagesAsync(32)).Value is { Length: > 0 } messages)
        {
            foreach (var message in messages)
            {
                await writer.WriteAsync(message.Body.ToString(), CancellationToken.None);
                await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
            }
        }
    }

    private async Task<int> CountAsync(string key, string value)
    {
        var endpoint = new CloudTrailEndpoint(new TableAuditStore(azurite.Account), Events.Identity, TimeProvider.System, NullLogger<CloudTrailEndpoint>.Instance);
        var body = new JsonObject { ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = key, ["AttributeValue"] = value }), ["MaxResults"] = 30 };
        var count = 0;
        while (true)
        {
            var (context, request) = await SignedCall.MakeAsync(body.ToJsonString(), TimeProvider.System, Events.Root);
            await endpoint.HandleAsync(context, request, CancellationToken.None);
            context.Response.Body.Position = 0;
            var answer = (await JsonNode.ParseAsync(context.Response.Body))!;
            count += answer["Events"]!.AsArray().Count;
            if (answer["NextToken"] is not { } token) return count;
            body["NextToken"] = token.DeepClone();
        }
    }
}
