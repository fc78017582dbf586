using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Clients;

/// <summary>The one operation of CloudTrail, as its clients send it (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html).</summary>
internal sealed class CloudTrail(RawClient client)
{
    /// <summary>The records of the events that a request finds, all pages of them.</summary>
    public async Task<IReadOnlyList<JsonObject>> LookupAsync(string attribute, string value, DateTimeOffset? start = null, DateTimeOffset? end = null)
    {
        var records = new List<JsonObject>();
        string? token = null;
        do
        {
            var request = new JsonObject
            {
                ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = attribute, ["AttributeValue"] = value }),
                ["MaxResults"] = 50,
            };
            if (start is not null) request["StartTime"] = start.Value.ToUnixTimeSeconds();
            if (end is not null) request["EndTime"] = end.Value.ToUnixTimeSeconds();
            if (token is not null) request["NextToken"] = token;
            var answer = (await SendAsync(request)).MustBe(System.Net.HttpStatusCode.OK);
            var page = JsonNode.Parse(answer.Body)!;
            records.AddRange(page["Events"]!.AsArray().Select(found => JsonNode.Parse((string)found!["CloudTrailEvent"]!)!.AsObject()));
            token = (string?)page["NextToken"];
        }
        while (token is not null);
        return records;
    }

    public Task<RawAnswer> SendAsync(JsonObject body, string service = "cloudtrail") => client.SendAsync(new RawRequest("POST", "/")
    {
        Headers = [("X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"), ("Content-Type", "application/x-amz-json-1.1")],
        Body = JsonSerializer.SerializeToUtf8Bytes(body),
        Signer = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, TestAccount.Region, service, DateTimeOffset.UtcNow),
    });
}
