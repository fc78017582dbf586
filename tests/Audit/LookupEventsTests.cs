using System.Text.Json.Nodes;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

public sealed class LookupEventsTests
{
    private readonly TrailAndLookup trail = new();

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
        var events = await trail.RecordThreeDaysAsync();
        JsonObject request = key is null ? [] : new() { ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = key, ["AttributeValue"] = value }) };
        var matching = events.Where(auditEvent => key is null || Matches(auditEvent, key, value!)).OrderByDescending(auditEvent => auditEvent.EventTime)
            .Select(auditEvent => auditEvent.EventId.ToString()).ToList();
        Assert.Equal(expected, matching.Count);

        foreach (var size in new int?[] { 1, 7, 50, null })
        {
            if (size is not null) request["MaxResults"] = size;
            else request.Remove("MaxResults");
            var pages = await trail.PagesAsync(request);
            Assert.Equal(matching, pages.SelectMany(page => page).Select(found => (string)found["EventId"]!));
            Assert.All(pages.SkipLast(1), page => Assert.Equal(size ?? 50, page.Count));
            Assert.Equal(Math.Max(1, (expected + (size ?? 50) - 1) / (size ?? 50)), pages.Count);
        }
    }

    [Fact]
    public async Task An_event_is_found_by_its_id_and_told_as_CloudTrail_tells_it()
    {
        var auditEvent = (await trail.RecordThreeDaysAsync())[41];

        var found = Assert.Single(Assert.Single(await trail.PagesAsync(TrailAndLookup.By("EventId", auditEvent.EventId.ToString()))));

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
        await trail.RecordAsync([.. new[] { -1, 0, 400, 999, 1000, 5999, 6000 }.Select(milliseconds => Events.Decrypt(Events.Noon.AddMilliseconds(milliseconds)))]);
        trail.Time.SetUtcNow(Events.Noon.AddHours(1));
        var start = Events.Noon.ToUnixTimeSeconds();

        Assert.Equal(3, await trail.CountAsync(new() { ["StartTime"] = start, ["EndTime"] = start }));
        Assert.Equal(5, await trail.CountAsync(new() { ["StartTime"] = start + 0.25, ["EndTime"] = start + 5.5 }));
        Assert.Equal(5, await trail.CountAsync(new() { ["StartTime"] = "2026-03-04T12:00:00Z", ["EndTime"] = "2026-03-04T13:00:05+01:00" }));
        Assert.Equal(6, await trail.CountAsync(new() { ["StartTime"] = start }));
        Assert.Equal(4, await trail.CountAsync(new() { ["EndTime"] = start }));
        Assert.Equal(0, await trail.CountAsync(new() { ["StartTime"] = start + 7 }));
        Assert.Equal(0, await trail.CountAsync(new() { ["StartTime"] = start + 7200 }));
    }

    [Fact]
    public async Task Events_older_than_90_days_are_not_found()
    {
        await trail.RecordAsync([Events.Decrypt(Events.Noon.AddDays(-90)), Events.Decrypt(Events.Noon.AddDays(-90).AddSeconds(-1))]);

        Assert.Equal(1, await trail.CountAsync([]));
        Assert.Equal(1, await trail.CountAsync(new() { ["StartTime"] = 0 }));
        Assert.Equal(0, await trail.CountAsync(new() { ["EndTime"] = 0 }));
    }

    [Fact]
    public async Task New_events_do_not_disturb_the_pages_that_follow()
    {
        await trail.RecordThreeDaysAsync();
        var request = new JsonObject { ["MaxResults"] = 50 };
        var first = await trail.AnswerAsync(request);
        trail.Time.Advance(TimeSpan.FromSeconds(90));
        await trail.RecordAsync([.. Enumerable.Range(0, 10).Select(number => Events.Decrypt(trail.Time.GetUtcNow().AddSeconds(-number)))]);

        request["NextToken"] = (string)first["NextToken"]!;
        var pages = await trail.PagesAsync(request);

        Assert.Equal(120, first["Events"]!.AsArray().Concat(pages.SelectMany(page => page)).Select(found => (string)found!["EventId"]!).Distinct().Count());
        Assert.Equal(70, pages.Sum(page => page.Count));
    }

    [Fact]
    public async Task A_busy_attribute_costs_one_query_and_ninety_empty_days_one_each()
    {
        await trail.RecordAsync([.. Enumerable.Range(0, 60).Select(number => Events.Decrypt(Events.Noon.AddSeconds(-number)))]);

        await trail.AnswerAsync([]);
        Assert.Equal(1, trail.Store.Reads);

        await trail.AnswerAsync(TrailAndLookup.By("Username", "nobody"));
        Assert.Equal(1 + 91, trail.Store.Reads);
    }

    [Fact]
    public async Task A_common_value_that_has_become_rare_makes_short_pages_and_loses_nothing()
    {
        await trail.RecordAsync([.. Enumerable.Range(0, 1100).Select(number => Events.Decrypt(Events.Noon.AddSeconds(-number)) with { ReadOnly = false })]);
        await trail.RecordAsync([.. Enumerable.Range(0, 3).Select(number => Events.Decrypt(Events.Noon.AddDays(-1).AddSeconds(-number)))]);

        Assert.Equal([0, 3], (await trail.PagesAsync(TrailAndLookup.By("ReadOnly", "true"))).Select(page => page.Count));
    }

    [Fact]
    public async Task A_keys_ARN_finds_only_the_key_of_its_Region()
    {
        await trail.RecordAsync([Events.Decrypt()]);

        Assert.Single(Assert.Single(await trail.PagesAsync(TrailAndLookup.By("ResourceName", Events.KeyArn))));
        Assert.Empty(Assert.Single(await trail.PagesAsync(TrailAndLookup.By("ResourceName", Events.KeyArn.Replace("eu-west-1", "us-east-1", StringComparison.Ordinal)))));
    }

    [Fact]
    public async Task There_are_no_insights_events()
    {
        await trail.RecordAsync([Events.Decrypt()]);

        Assert.Equal(0, await trail.CountAsync(new() { ["EventCategory"] = "insight" }));
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
}
