using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;

namespace Serverless.Audit.Tests.Fakes;

/// <summary>Events go the whole way, from the trail through queue and writer into the table, and are looked up over HTTP.</summary>
internal sealed class TrailAndLookup
{
    private readonly MemoryAuditQueue queue = new();
    private readonly CloudTrailEndpoint endpoint;

    public TrailAndLookup(IAuditStore? store = null) =>
        endpoint = new CloudTrailEndpoint(store ?? Store, Events.Identity, Time, NullLogger<CloudTrailEndpoint>.Instance);

    public MemoryAuditStore Store { get; } = new();

    public FakeTimeProvider Time { get; } = new(Events.Noon);

    public static JsonObject By(string key, string value) =>
        new() { ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = key, ["AttributeValue"] = value }) };

    /// <summary>120 events in three days, some of them in one second; every second by root, every fourth a rotation.</summary>
    public async Task<AuditEvent[]> RecordThreeDaysAsync()
    {
        AuditEvent[] events =
        [
            .. Enumerable.Range(0, 120).Select(number => Events.Decrypt(
                Events.Noon.AddDays(-number / 40).AddMilliseconds(-400 * number), string.Create(CultureInfo.InvariantCulture, $"{number}.jpg"), number % 2 == 0 ? Events.Root : Events.Alice) with
            {
                EventName = number % 4 == 0 ? "RotateKey" : "Decrypt",
                ReadOnly = number % 4 != 0,
            }),
        ];
        await RecordAsync(events);
        return events;
    }

    public async Task RecordAsync(AuditEvent[] events)
    {
        await using var trail = new AuditTrail(queue, Events.Identity, Time);
        var before = queue.Messages.Count;
        await Task.WhenAll(events.Select(auditEvent => trail.RecordAsync(auditEvent, CancellationToken.None).AsTask()));
        foreach (var message in queue.Messages.Skip(before)) await new AuditWriter(Store, TimeProvider.System).WriteAsync(message, CancellationToken.None);
    }

    public async Task<List<List<JsonObject>>> PagesAsync(JsonObject request)
    {
        var next = request.DeepClone().AsObject();
        var pages = new List<List<JsonObject>>();
        while (true)
        {
            var answer = await AnswerAsync(next);
            pages.Add([.. answer["Events"]!.AsArray().Select(found => found!.AsObject())]);
            if (answer["NextToken"] is null) return pages;
            next["NextToken"] = (string)answer["NextToken"]!;
        }
    }

    public async Task<int> CountAsync(JsonObject request) => (await PagesAsync(request)).Sum(page => page.Count);

    public async Task<JsonObject> AnswerAsync(JsonObject request)
    {
        var context = await CallAsync(request.ToJsonString());
        Assert.Equal(200, context.Response.StatusCode);
        Assert.Equal("application/x-amz-json-1.1", context.Response.ContentType);
        Assert.Equal("request-1", context.Response.Headers["x-amzn-RequestId"]);
        return await BodyAsync(context);
    }

    public Task<HttpContext> CallAsync(string body) => CallAsync(body, Events.Root);

    public async Task<HttpContext> CallAsync(
        string body, Principal? principal, string target = SignedCall.LookupEvents, string service = "cloudtrail", string region = "eu-west-1", IReadOnlyList<Policy>? policies = null)
    {
        var (context, request) = await SignedCall.MakeAsync(body, Time, principal, target, service, region, policies);
        await endpoint.HandleAsync(context, request, CancellationToken.None);
        return context;
    }

    public static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        Assert.Equal(context.Response.ContentLength, context.Response.Body.Length);
        context.Response.Body.Position = 0;
        return (await JsonNode.ParseAsync(context.Response.Body))!.AsObject();
    }
}
