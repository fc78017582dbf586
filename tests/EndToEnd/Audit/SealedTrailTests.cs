using System.Text;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Story;

namespace Serverless.EndToEnd.Audit;

/// <summary>The trail is sealed by the service's own timer; the administration's API verifies it, and finds what somebody has done to the storage account.</summary>
public sealed class SealedTrailTests
{
    [Fact]
    public async Task A_use_of_a_key_is_sealed_and_exported_and_the_row_that_is_forged_is_named()
    {
        await using var world = await StoryWorld.BeginAsync(("Audit__DigestSchedule", "*/2 * * * * *"));
        var key = await world.NewKeyAsync();
        await Eventually.TrueAsync(async () => await LookupAsync(world, key) is { Count: 1 }, "the record of the key's creation");
        var id = (string)(await LookupAsync(world, key))[0]!["EventId"]!;

        await world.AdvanceAsync(TimeSpan.FromHours(2));
        var verified = await Eventually.GetAsync(
            async () => await world.AdminAsync("VerifyAuditTrail") is { } answer && (double?)answer["SealedUntil"] > world.Now.AddHours(-2).ToUnixTimeSeconds() ? answer : null, "the digest");
        Assert.True((bool)verified["Valid"]!, verified.ToJsonString());
        Assert.InRange((long)verified["RecordCount"]!, 1, long.MaxValue);
        var container = new BlobContainerClient(world.Storage, "audit-logs", new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
        Assert.Contains(container.GetBlobs(), blob => blob.Name.StartsWith($"AWSLogs/{TestAccount.Id}/CloudTrail/{TestAccount.Region}/", StringComparison.Ordinal));

        var table = new TableClient(world.Storage, "AuditRecords");
        var row = table.Query<TableEntity>("PartitionKey ge 'ResourceName_' and PartitionKey lt 'ResourceName_~'").First(row => row.RowKey.EndsWith(id, StringComparison.Ordinal));
        row["Record"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.GetBinary("Record")).Replace("CreateKey", "CreateKay", StringComparison.Ordinal));
        await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);

        var answer = await world.AdminAsync("VerifyAuditTrail");
        Assert.False((bool)answer["Valid"]!);
        Assert.Equal(("RECORD_CHANGED", id), ((string)answer["Finding"]!["Type"]!, (string)answer["Finding"]!["EventId"]!));
    }

    private static async Task<JsonArray> LookupAsync(StoryWorld world, string resource)
    {
        var request = new JsonObject { ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = "ResourceName", ["AttributeValue"] = resource }) };
        var answer = await world.AskAsync("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", request);
        return JsonNode.Parse(answer.MustBe(System.Net.HttpStatusCode.OK).Body)!["Events"]!.AsArray();
    }
}
