using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

/// <summary>Events go the whole way, from the trail through queue and writer into the table, and are looked up over HTTP.</summary>
public sealed class LookupEventsTests
{
    private readonly MemoryAuditQueue queue = new();
    private readonly MemoryAuditStore store = new();
    private readonly FakeTimeProvider time = new(Events.Noon);
    private readonly CloudTrailEndpoint endpoint;

    public LookupEventsTests() => endpoint = new CloudTrailEndpoint(store, Events.Identity, time, NullLogger<CloudTrailEndpoint>.Instance);

    [Theory]
    [InlineData("EventName", "Decrypt", 90)]
    [InlineData("EventName", "RotateKey", 30)]
    [InlineData("Username", "alice", 60)]
    [InlineData("Username", "root", 60)]
    [InlineData("ResourceName", Events.KeyArn, 120)]
    [InlineData("ResourceName", Events.KeyId, 120)]
    [InlineData("ResourceName", "arn:aws:s3:::photos/7.jpg", 1)]
    [InlineData("ResourceType", "AWS::S3::Object", 120)]
    [InlineData("EventSource", "kms.amazonaws.com", 120)]
    [InlineData("ReadOnly", "true", 90)]
    [InlineData("ReadOnly", "false", 30)]
    [InlineData("AccessKeyId", "AKIDROOT", 60)]
    [InlineData("AccessKeyId", "akidroot", 0)]
    [InlineData("Username", "nobody", 0)]
    [InlineData(null, null, 120)]
    public async Task Each_attribute_finds_its_events_newest_first_page_by_page_across_days(string? key, string? value, int expected)
    {
        var events = await RecordThreeDaysAsync();
        JsonObject request = key is null ? [] : new() { ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = key, ["AttributeValue"] = value }) };
        var matching = events.Where(auditEvent => key is null || Matches(auditEvent, key, value!)).OrderByDescending(auditEvent => auditEvent.EventTime)
            .Select(auditEvent => auditEvent.EventId.ToString()).ToList();
        Assert.Equal(expected, matching.Count);

        foreach (var size in new int?[] { 1, 7, 50, null })
        {
            if (size is not null) request["MaxResults"] = size;
            else request.Remove("MaxResults");
            var pages = await PagesAsync(request);
            Assert.Equal(matching, pages.SelectMany(page => page).Select(found => (string)found["EventId"]!));
            Assert.All(pages.SkipLast(1), page => Assert.Equal(size ?? 50, page.Count));
            Assert.Equal(Math.Max(1, (expected + (size ?? 50) - 1) / (size ?? 50)), pages.Count);
        }
    }

    [Fact]
    public async Task An_event_is_found_by_its_id_and_told_as_CloudTrail_tells_it()
    {
        var auditEvent = (await RecordThreeDaysAsync())[41];

        var found = Assert.Single(Assert.Single(await PagesAsync(By("EventId", auditEvent.EventId.ToString()))));

        Assert.Equal(
            ["EventId", "EventName", "ReadOnly", "AccessKeyId", "EventTime", "EventSource", "Username", "Resources", "CloudTrailEvent"],
            found.Select(member => member.Key));
        Assert.Equal("Decrypt", (string?)found["EventName"]);
        Assert.Equal("true", (string?)found["ReadOnly"]);
        Assert.Equal("AKIDALICE", (string?)found["AccessKeyId"]);
        Assert.Equal(auditEvent.EventTime.ToUnixTimeSeconds(), (long)found["EventTime"]!);
        Assert.Equal("alice", (string?)found["Username"]);
        Assert.Equal($$"""[{"ResourceType":"AWS::KMS::Key","ResourceName":"{{Events.KeyArn}}"},{"ResourceType":"AWS::S3::Object","ResourceName":"arn:aws:s3:::photos/41.jpg"}]""", found["Resources"]!.ToJsonString());
        var record = JsonNode.Parse((string)found["CloudTrailEvent"]!)!;
        Assert.Equal(auditEvent.EventId.ToString(), (string?)record["eventID"]);
        Assert.Equal("arn:aws:s3:::photos/41.jpg", (string?)record["requestParameters"]!["encryptionContext"]!["aws:s3:arn"]);
    }

    [Fact]
    public async Task A_time_range_holds_the_whole_seconds_of_both_its_ends_in_numbers_and_in_texts()
    {
        await RecordAsync([.. new[] { -1, 0, 400, 999, 1000, 5999, 6000 }.Select(milliseconds => Events.Decrypt(Events.Noon.AddMilliseconds(milliseconds)))]);
        time.SetUtcNow(Events.Noon.AddHours(1));
        var start = Events.Noon.ToUnixTimeSeconds();

        Assert.Equal(3, await CountAsync(new() { ["StartTime"] = start, ["EndTime"] = start }));
        Assert.Equal(5, await CountAsync(new() { ["StartTime"] = start + 0.25, ["EndTime"] = start + 5.5 }));
        Assert.Equal(5, await CountAsync(new() { ["StartTime"] = "2026-03-04T12:00:00Z", ["EndTime"] = "2026-03-04T13:00:05+01:00" }));
        Assert.Equal(6, await CountAsync(new() { ["StartTime"] = start }));
        Assert.Equal(4, await CountAsync(new() { ["EndTime"] = start }));
        Assert.Equal(0, await CountAsync(new() { ["StartTime"] = start + 7 }));
        Assert.Equal(0, await CountAsync(new() { ["StartTime"] = start + 7200 }));
    }

    [Fact]
    public async Task Events_older_than_90_days_are_not_found()
    {
        await RecordAsync([Events.Decrypt(Events.Noon.AddDays(-90)), Events.Decrypt(Events.Noon.AddDays(-90).AddSeconds(-1))]);

        Assert.Equal(1, await CountAsync([]));
        Assert.Equal(1, await CountAsync(new() { ["StartTime"] = 0 }));
        Assert.Equal(0, await CountAsync(new() { ["EndTime"] = 0 }));
    }

    [Fact]
    public async Task New_events_do_not_disturb_the_pages_that_follow()
    {
        await RecordThreeDaysAsync();
        var request = new JsonObject { ["MaxResults"] = 50 };
        var first = await AnswerAsync(request);
        time.Advance(TimeSpan.FromSeconds(90));
        await RecordAsync([.. Enumerable.Range(0, 10).Select(number => Events.Decrypt(time.GetUtcNow().AddSeconds(-number)))]);

        request["NextToken"] = (string)first["NextToken"]!;
        var pages = await PagesAsync(request);

        Assert.Equal(120, first["Events"]!.AsArray().Concat(pages.SelectMany(page => page)).Select(found => (string)found!["EventId"]!).Distinct().Count());
        Assert.Equal(70, pages.Sum(page => page.Count));
    }

    [Fact]
    public async Task A_busy_attribute_costs_one_query_and_ninety_empty_days_one_each()
    {
        await RecordAsync([.. Enumerable.Range(0, 60).Select(number => Events.Decrypt(Events.Noon.AddSeconds(-number)))]);

        await AnswerAsync([]);
        Assert.Equal(1, store.Reads);

        await AnswerAsync(By("Username", "nobody"));
        Assert.Equal(1 + 91, store.Reads);
    }

    [Fact]
    public async Task A_common_value_that_has_become_rare_makes_short_pages_and_loses_nothing()
    {
        await RecordAsync([.. Enumerable.Range(0, 1100).Select(number => Events.Decrypt(Events.Noon.AddSeconds(-number)) with { ReadOnly = false })]);
        await RecordAsync([.. Enumerable.Range(0, 3).Select(number => Events.Decrypt(Events.Noon.AddDays(-1).AddSeconds(-number)))]);

        Assert.Equal([0, 3], (await PagesAsync(By("ReadOnly", "true"))).Select(page => page.Count));
    }

    [Fact]
    public async Task A_keys_ARN_finds_only_the_key_of_its_Region()
    {
        await RecordAsync([Events.Decrypt()]);

        Assert.Single(Assert.Single(await PagesAsync(By("ResourceName", Events.KeyArn))));
        Assert.Empty(Assert.Single(await PagesAsync(By("ResourceName", Events.KeyArn.Replace("eu-west-1", "us-east-1", StringComparison.Ordinal)))));
    }

    [Fact]
    public async Task There_are_no_insights_events()
    {
        await RecordAsync([Events.Decrypt()]);

        Assert.Equal(0, await CountAsync(new() { ["EventCategory"] = "insight" }));
    }

    public static TheoryData<string, string> InvalidRequests => new()
    {
        { "", "SerializationException" },
        { "[]", "SerializationException" },
        { "null", "SerializationException" },
        { "{", "SerializationException" },
        { """{"MaxResults":"many"}""", "SerializationException" },
        { """{"StartTime":"yesterday"}""", "SerializationException" },
        { """{"StartTime":[]}""", "SerializationException" },
        { """{"LookupAttributes":"EventName"}""", "SerializationException" },
        { """{"MaxResults":0}""", "InvalidMaxResultsException" },
        { """{"MaxResults":51}""", "InvalidMaxResultsException" },
        { """{"MaxResults":-1}""", "InvalidMaxResultsException" },
        { """{"StartTime":2,"EndTime":1}""", "InvalidTimeRangeException" },
        { """{"StartTime":1e300}""", "InvalidTimeRangeException" },
        { """{"EndTime":-1e300}""", "InvalidTimeRangeException" },
        { """{"EventCategory":"management"}""", "InvalidEventCategoryException" },
        { """{"EventCategory":""}""", "InvalidEventCategoryException" },
        { """{"LookupAttributes":[null]}""", "InvalidLookupAttributesException" },
        { """{"LookupAttributes":[{}]}""", "InvalidLookupAttributesException" },
        { """{"LookupAttributes":[{"AttributeKey":"Colour","AttributeValue":"red"}]}""", "InvalidLookupAttributesException" },
        { """{"LookupAttributes":[{"AttributeKey":"None","AttributeValue":"x"}]}""", "InvalidLookupAttributesException" },
        { """{"LookupAttributes":[{"AttributeKey":"EventName"}]}""", "InvalidLookupAttributesException" },
        { """{"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":""}]}""", "InvalidLookupAttributesException" },
        { $$"""{"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"{{new string('x', 2001)}}"}]}""", "InvalidLookupAttributesException" },
        { """{"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"a"},{"AttributeKey":"EventName","AttributeValue":"b"}]}""", "InvalidLookupAttributesException" },
        { """{"NextToken":""}""", "InvalidNextTokenException" },
        { """{"NextToken":"abc"}""", "InvalidNextTokenException" },
        { """{"NextToken":"not/base64url"}""", "InvalidNextTokenException" },
    };

    [Theory]
    [MemberData(nameof(InvalidRequests))]
    public async Task A_request_that_is_not_valid_is_refused_as_CloudTrail_refuses_it(string body, string code) =>
        await AssertRefusedAsync(await CallAsync(body), 400, code);

    [Fact]
    public async Task A_body_that_is_too_large_is_refused() =>
        await AssertRefusedAsync(await CallAsync($$"""{"NextToken":"{{new string('x', 70_000)}}"}"""), 413, "RequestEntityTooLargeException");

    [Fact]
    public async Task A_token_that_was_altered_is_refused()
    {
        await RecordThreeDaysAsync();
        var token = (string)(await AnswerAsync([]))["NextToken"]!;

        for (var position = 0; position < token.Length; position++)
        {
            var altered = token.Remove(position, 1).Insert(position, token[position] == 'A' ? "B" : "A");
            await AssertRefusedAsync(await CallAsync($$"""{"NextToken":"{{altered}}"}"""), 400, "InvalidNextTokenException");
            await AssertRefusedAsync(await CallAsync($$"""{"NextToken":"{{token[..position]}}"}"""), 400, "InvalidNextTokenException");
        }
        await AssertRefusedAsync(await CallAsync($$"""{"NextToken":"{{token}}A"}"""), 400, "InvalidNextTokenException");
    }

    [Fact]
    public async Task A_token_of_another_request_is_refused_and_another_page_size_is_no_other_request()
    {
        await RecordThreeDaysAsync();
        var request = By("EventName", "Decrypt");
        request["StartTime"] = Events.Noon.AddDays(-5).ToUnixTimeSeconds();
        request["NextToken"] = (string)(await AnswerAsync(request))["NextToken"]!;

        await AssertRefusedAsync(await CallAsync(With("StartTime", Events.Noon.AddDays(-4).ToUnixTimeSeconds())), 400, "InvalidNextTokenException");
        await AssertRefusedAsync(await CallAsync(With("EndTime", Events.Noon.ToUnixTimeSeconds())), 400, "InvalidNextTokenException");
        await AssertRefusedAsync(await CallAsync(With("EventCategory", "insight")), 400, "InvalidNextTokenException");
        await AssertRefusedAsync(await CallAsync(With("LookupAttributes", null)), 400, "InvalidNextTokenException");
        await AssertRefusedAsync(await CallAsync(With("LookupAttributes", By("Username", "Decrypt")["LookupAttributes"]!.DeepClone())), 400, "InvalidNextTokenException");
        Assert.Equal(200, (await CallAsync(With("MaxResults", 3))).Response.StatusCode);

        string With(string name, JsonNode? value)
        {
            var other = request.DeepClone();
            other[name] = value;
            return other.ToJsonString();
        }
    }

    [Fact]
    public async Task Only_the_root_principal_may_look_up_events()
    {
        await AssertRefusedAsync(await CallAsync("{}", Events.Alice), 400, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: cloudtrail:LookupEvents");
        await AssertRefusedAsync(await CallAsync("{}", null), 400, "AccessDeniedException", "User: anonymous is not authorized to perform: cloudtrail:LookupEvents");
        Assert.Equal(0, store.Reads);
    }

    [Theory]
    [InlineData("s3", "eu-west-1")]
    [InlineData("kms", "eu-west-1")]
    [InlineData("cloudtrail", "us-east-1")]
    public async Task A_signature_for_another_service_or_Region_is_refused(string service, string region)
    {
        var (context, request) = await SignedCall.MakeAsync("{}", time, Events.Root, service: service, region: region);
        await endpoint.HandleAsync(context, request, CancellationToken.None);
        await AssertRefusedAsync(context, 400, "InvalidSignatureException");
    }

    [Theory]
    [InlineData("CloudTrail_20131101.LookupEvents", true, 200)]
    [InlineData("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", true, 200)]
    [InlineData("CloudTrail_20131101.DeleteTrail", true, 400)]
    [InlineData("CloudTrail_20131101.", true, 400)]
    [InlineData("TrentService.Decrypt", false, 400)]
    [InlineData("", false, 400)]
    public async Task The_target_header_names_the_operation(string target, bool isCloudTrail, int status)
    {
        Assert.Equal(isCloudTrail, CloudTrailEndpoint.IsTarget(target));
        var (context, request) = await SignedCall.MakeAsync("{}", time, Events.Root, target);
        await endpoint.HandleAsync(context, request, CancellationToken.None);
        if (status == 400) await AssertRefusedAsync(context, 400, "UnknownOperationException");
        else Assert.Equal(200, context.Response.StatusCode);
    }

    [Fact]
    public async Task A_store_that_fails_is_answered_with_500_and_none_of_its_words()
    {
        var failing = new CloudTrailEndpoint(new FailingStore(), Events.Identity, time, NullLogger<CloudTrailEndpoint>.Instance);
        var (context, request) = await SignedCall.MakeAsync("{}", time, Events.Root);
        await failing.HandleAsync(context, request, CancellationToken.None);
        await AssertRefusedAsync(context, 500, "InternalFailure", "The service failed to answer; try again.");
    }

    private static bool Matches(AuditEvent auditEvent, string key, string value) => key switch
    {
        "EventName" => auditEvent.EventName == value,
        "Username" => auditEvent.Caller.Principal.UserName == value,
        "AccessKeyId" => auditEvent.Caller.Principal.AccessKeyId == value,
        "EventSource" => auditEvent.EventSource == value,
        "ReadOnly" => auditEvent.ReadOnly == bool.Parse(value),
        "ResourceType" => auditEvent.Resources.Any(resource => resource.Type == value),
        _ => auditEvent.Resources.Any(resource => resource.Arn == value || resource.Arn.EndsWith("key/" + value, StringComparison.Ordinal)),
    };

    private static JsonObject By(string key, string value) =>
        new() { ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = key, ["AttributeValue"] = value }) };

    /// <summary>120 events in three days, some of them in one second; every second by root, every fourth a rotation.</summary>
    private async Task<AuditEvent[]> RecordThreeDaysAsync()
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

    private async Task RecordAsync(AuditEvent[] events)
    {
        await using var trail = new AuditTrail(queue, Events.Identity, time);
        var before = queue.Messages.Count;
        await Task.WhenAll(events.Select(auditEvent => trail.RecordAsync(auditEvent, CancellationToken.None).AsTask()));
        foreach (var message in queue.Messages.Skip(before)) await new AuditWriter(store).WriteAsync(message, CancellationToken.None);
    }

    private async Task<List<List<JsonObject>>> PagesAsync(JsonObject request)
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

    private async Task<int> CountAsync(JsonObject request) => (await PagesAsync(request)).Sum(page => page.Count);

    private async Task<JsonObject> AnswerAsync(JsonObject request)
    {
        var context = await CallAsync(request.ToJsonString());
        Assert.Equal(200, context.Response.StatusCode);
        Assert.Equal("application/x-amz-json-1.1", context.Response.ContentType);
        Assert.Equal("request-1", context.Response.Headers["x-amzn-RequestId"]);
        return await BodyAsync(context);
    }

    private Task<HttpContext> CallAsync(string body) => CallAsync(body, Events.Root);

    private async Task<HttpContext> CallAsync(string body, Principal? principal)
    {
        var (context, request) = await SignedCall.MakeAsync(body, time, principal);
        await endpoint.HandleAsync(context, request, CancellationToken.None);
        return context;
    }

    private static async Task AssertRefusedAsync(HttpContext context, int status, string code, string? message = null)
    {
        var body = await BodyAsync(context);
        Assert.Equal(code, (string?)body["__type"]);
        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal("application/x-amz-json-1.1", context.Response.ContentType);
        Assert.Equal("request-1", context.Response.Headers["x-amzn-RequestId"]);
        Assert.NotEmpty((string)body["message"]!);
        if (message is not null) Assert.Equal(message, (string?)body["message"]);
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        Assert.Equal(context.Response.ContentLength, context.Response.Body.Length);
        context.Response.Body.Position = 0;
        return (await JsonNode.ParseAsync(context.Response.Body))!.AsObject();
    }

    private sealed class FailingStore : IAuditStore
    {
        public Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken) => throw new IOException("secret detail");

        public Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken) =>
            throw new IOException("secret detail");
    }
}
