using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

public sealed class CloudTrailEndpointTests
{
    private readonly TrailAndLookup trail = new();

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
        await AssertRefusedAsync(await trail.CallAsync(body), 400, code);

    [Fact]
    public async Task A_body_that_is_too_large_is_refused() =>
        await AssertRefusedAsync(await trail.CallAsync($$"""{"NextToken":"{{new string('x', 70_000)}}"}"""), 413, "RequestEntityTooLargeException");

    [Fact]
    public async Task A_token_that_was_altered_is_refused()
    {
        await trail.RecordThreeDaysAsync();
        var token = (string)(await trail.AnswerAsync([]))["NextToken"]!;

        for (var position = 0; position < token.Length; position++)
        {
            var altered = token.Remove(position, 1).Insert(position, token[position] == 'A' ? "B" : "A");
            await AssertRefusedAsync(await trail.CallAsync($$"""{"NextToken":"{{altered}}"}"""), 400, "InvalidNextTokenException");
            await AssertRefusedAsync(await trail.CallAsync($$"""{"NextToken":"{{token[..position]}}"}"""), 400, "InvalidNextTokenException");
        }
        await AssertRefusedAsync(await trail.CallAsync($$"""{"NextToken":"{{token}}A"}"""), 400, "InvalidNextTokenException");
    }

    [Fact]
    public async Task A_token_of_another_request_is_refused_and_another_page_size_is_no_other_request()
    {
        await trail.RecordThreeDaysAsync();
        var request = TrailAndLookup.By("EventName", "Decrypt");
        request["StartTime"] = Events.Noon.AddDays(-5).ToUnixTimeSeconds();
        request["NextToken"] = (string)(await trail.AnswerAsync(request))["NextToken"]!;

        await AssertRefusedAsync(await trail.CallAsync(With("StartTime", Events.Noon.AddDays(-4).ToUnixTimeSeconds())), 400, "InvalidNextTokenException");
        await AssertRefusedAsync(await trail.CallAsync(With("EndTime", Events.Noon.ToUnixTimeSeconds())), 400, "InvalidNextTokenException");
        await AssertRefusedAsync(await trail.CallAsync(With("EventCategory", "insight")), 400, "InvalidNextTokenException");
        await AssertRefusedAsync(await trail.CallAsync(With("LookupAttributes", null)), 400, "InvalidNextTokenException");
        await AssertRefusedAsync(await trail.CallAsync(With("LookupAttributes", TrailAndLookup.By("Username", "Decrypt")["LookupAttributes"]!.DeepClone())), 400, "InvalidNextTokenException");
        Assert.Equal(200, (await trail.CallAsync(With("MaxResults", 3))).Response.StatusCode);

        string With(string name, JsonNode? value)
        {
            var other = request.DeepClone();
            other[name] = value;
            return other.ToJsonString();
        }
    }

    [Fact]
    public async Task Whom_no_policy_allows_it_may_not_look_up_events()
    {
        const string unless = "because no identity-based policy allows the cloudtrail:LookupEvents action";
        const string alice = "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: cloudtrail:LookupEvents";
        await AssertRefusedAsync(await trail.CallAsync("{}", Events.Alice), 400, "AccessDeniedException", $"{alice} {unless}");
        await AssertRefusedAsync(await trail.CallAsync("{}", Events.Alice, policies: [Policy("Allow", "s3:*")]), 400, "AccessDeniedException", $"{alice} {unless}");
        await AssertRefusedAsync(
            await trail.CallAsync("{}", Events.Alice, policies: [Policy("Allow", "*"), Policy("Deny", "cloudtrail:Lookup*")]), 400, "AccessDeniedException", $"{alice} with an explicit deny in an identity-based policy");
        await AssertRefusedAsync(await trail.CallAsync("{}", null), 400, "AccessDeniedException", $"User: anonymous is not authorized to perform: cloudtrail:LookupEvents {unless}");
        Assert.Equal(0, trail.Store.Reads);
        Assert.Equal(200, (await trail.CallAsync("{}", Events.Alice, policies: [Policy("Allow", "cloudtrail:LookupEvents")])).Response.StatusCode);

        static Policy Policy(string effect, string action) =>
            Access.Policy.ForIdentity($$"""{"Version":"2012-10-17","Statement":[{"Effect":"{{effect}}","Action":"{{action}}","Resource":"*"}]}""");
    }

    [Theory]
    [InlineData("s3", "eu-west-1")]
    [InlineData("kms", "eu-west-1")]
    [InlineData("cloudtrail", "us-east-1")]
    public async Task A_signature_for_another_service_or_Region_is_refused(string service, string region) =>
        await AssertRefusedAsync(await trail.CallAsync("{}", Events.Root, service: service, region: region), 400, "InvalidSignatureException");

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
        var context = await trail.CallAsync("{}", Events.Root, target);
        if (status == 400) await AssertRefusedAsync(context, 400, "UnknownOperationException");
        else Assert.Equal(200, context.Response.StatusCode);
    }

    [Fact]
    public async Task A_store_that_fails_is_answered_with_500_and_none_of_its_words()
    {
        var context = await new TrailAndLookup(new FailingStore()).CallAsync("{}");
        await AssertRefusedAsync(context, 500, "InternalFailure", "The service failed to answer; try again.");
    }

    private static async Task AssertRefusedAsync(HttpContext context, int status, string code, string? message = null)
    {
        var body = await TrailAndLookup.BodyAsync(context);
        Assert.Equal(code, (string?)body["__type"]);
        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal("application/x-amz-json-1.1", context.Response.ContentType);
        Assert.Equal("request-1", context.Response.Headers["x-amzn-RequestId"]);
        Assert.NotEmpty((string)body["message"]!);
        if (message is not null) Assert.Equal(message, (string?)body["message"]);
    }

    private sealed class FailingStore : IAuditStore
    {
        public Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken) => throw new IOException("secret detail");

        public Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken) =>
            throw new IOException("secret detail");

        public Task<string?> FindPartitionAsync(string first, string last, CancellationToken cancellationToken) => throw new IOException();

        public Task RemoveAsync(string partition, CancellationToken cancellationToken) => throw new IOException();
    }
}
