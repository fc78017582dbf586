using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Access;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

/// <summary>Calls of the IAM API as records, and how they are found.</summary>
public sealed class IamTrailTests
{
    private const string BobArn = "arn:aws:iam::123456789012:user/p/bob";

    private readonly TrailAndLookup trail = new();

    [Fact]
    public async Task A_change_is_a_record_as_CloudTrail_writes_it()
    {
        await RecordAsync(new IamEvent(Events.From(Events.Alice), "CreateUser")
        {
            IsReadOnly = false,
            Parameters = new JsonObject { ["userName"] = "bob" },
            Response = new JsonObject { ["user"] = new JsonObject { ["userName"] = "bob" } },
            UserArn = BobArn,
        });

        var record = await OnlyRecordAsync(TrailAndLookup.By("EventName", "CreateUser"));
        record.Remove("eventID");
        Assert.Equal(
            """
            {
              "eventVersion": "1.11",
              "userIdentity": {
                "type": "IAMUser",
                "principalId": "AIDAALICE",
                "arn": "arn:aws:iam::123456789012:user/alice",
                "accountId": "123456789012",
                "accessKeyId": "AKIDALICE",
                "userName": "alice"
              },
              "eventTime": "2026-03-04T12:00:00Z",
              "eventSource": "iam.amazonaws.com",
              "eventName": "CreateUser",
              "awsRegion": "eu-west-1",
              "sourceIPAddress": "192.0.2.7",
              "userAgent": "aws-cli/2.0",
              "requestParameters": {
                "userName": "bob"
              },
              "responseElements": {
                "user": {
                  "userName": "bob"
                }
              },
              "requestID": "request-1",
              "readOnly": false,
              "resources": [
                {
                  "accountId": "123456789012",
                  "type": "AWS::IAM::User",
                  "ARN": "arn:aws:iam::123456789012:user/p/bob"
                }
              ],
              "eventType": "AwsApiCall",
              "managementEvent": true,
              "recipientAccountId": "123456789012",
              "eventCategory": "Management"
            }
            """.ReplaceLineEndings("\n"),
            record.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }));
    }

    [Fact]
    public async Task A_refusal_tells_why()
    {
        await RecordAsync(new IamEvent(Events.From(Events.Alice), "GetUser") { IsReadOnly = true, Refusal = new("AccessDenied", 403, "User: … is not authorized.") });
        var record = await OnlyRecordAsync(TrailAndLookup.By("Username", "alice"));
        Assert.Equal(("AccessDenied", "User: … is not authorized.", true), ((string?)record["errorCode"], (string?)record["errorMessage"], (bool)record["readOnly"]!));
        Assert.False(record.ContainsKey("resources"));
    }

    [Theory]
    [InlineData("ResourceName", BobArn)]
    [InlineData("ResourceName", "bob")]
    [InlineData("ResourceType", "AWS::IAM::User")]
    [InlineData("EventSource", "iam.amazonaws.com")]
    [InlineData("Username", "alice")]
    [InlineData("ReadOnly", "false")]
    public async Task A_change_is_found_by_what_it_concerns(string key, string value)
    {
        await RecordAsync(new IamEvent(Events.From(Events.Alice), "DeleteUser") { IsReadOnly = false, UserArn = BobArn });
        await trail.RecordAsync([Events.Decrypt(by: Events.Root)]);
        Assert.Equal("DeleteUser", (string?)(await OnlyRecordAsync(TrailAndLookup.By(key, value)))["eventName"]);
        Assert.Equal(0, await trail.CountAsync(TrailAndLookup.By("ResourceName", "p/bob")));
    }

    [Fact]
    public async Task A_trail_that_takes_nothing_says_so()
    {
        var down = new IamTrail(new FailingTrail(), Events.Identity, trail.Time);
        Assert.False(await down.TryRecordAsync(new IamEvent(Events.From(Events.Alice), "CreateUser") { IsReadOnly = false }, default));
    }

    private async Task RecordAsync(IamEvent call)
    {
        var kept = new KeepingTrail();
        Assert.True(await new IamTrail(kept, Events.Identity, trail.Time).TryRecordAsync(call, default));
        await trail.RecordAsync([kept.Event!]);
    }

    private async Task<JsonObject> OnlyRecordAsync(JsonObject request) =>
        JsonNode.Parse((string)Assert.Single(Assert.Single(await trail.PagesAsync(request)))["CloudTrailEvent"]!)!.AsObject();

    private sealed class KeepingTrail : IAuditTrail
    {
        public AuditEvent? Event { get; private set; }

        public ValueTask RecordAsync(AuditEvent auditEvent, CancellationToken cancellationToken)
        {
            Event = auditEvent;
            return default;
        }
    }

    private sealed class FailingTrail : IAuditTrail
    {
        public ValueTask RecordAsync(AuditEvent auditEvent, CancellationToken cancellationToken) => throw new AuditUnavailableException();
    }
}
