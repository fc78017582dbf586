using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.Storage;

namespace Serverless.EndToEnd.Story;

/// <summary>Two years of a service's life in minutes, with a clock that the test moves: what is promised of rotation and audit holds all along and at the end.</summary>
public sealed class TwoYearsTests
{
    private const int Quarters = 8;
    private const string First = "story-a";
    private const string Second = "story-b";
    private static readonly TimeSpan Month = TimeSpan.FromDays(30.4);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task Two_years_of_rotations_crashes_deletions_and_audit()
    {
        await using var world = await StoryWorld.BeginAsync(
            ("Rotation__RetireAfterDays", "0"), ("Keys__KeepKeysInUse", "true"), ("Rotation__RewrapMaxObjectsPerSecond", "20"), ("Audit__RetentionDays", "400"));
        var began = world.Now;
        var (objects, others) = (await StoryObjects.CreateAsync(world, First), await StoryObjects.CreateAsync(world, Second));
        var (kept, doomed) = (await world.NewKeyAsync(), await world.NewKeyAsync());
        await world.KmsAsync("EnableKeyRotation", new() { ["KeyId"] = kept, ["RotationPeriodInDays"] = 180 });
        foreach (var (name, mode) in ((string, (string, string)[])[])[("managed", StoryObjects.Managed), ("kms", StoryObjects.Kms(kept)), ("bucket-key", StoryObjects.WithBucketKey(kept)),
            ("layers", StoryObjects.TwoLayers(kept)), ("doomed", StoryObjects.Kms(doomed))])
            await objects.PutAsync($"first/{name}", mode);
        await objects.PutAsync("first/large", StoryObjects.Managed, 9 * TestData.Mebibyte);
        await PassUntilSealedAsync(world);
        var backup = await BlobBackup.TakeAsync(world, First, "first/managed");

        var interrupted = 0;
        for (var quarter = 0; quarter < Quarters; quarter++)
        {
            for (var month = 0; month < 3; month++)
            {
                await objects.PutAsync($"{quarter}/{month}", month == 0 ? StoryObjects.WithBucketKey(kept) : StoryObjects.Managed);
                await others.PutAsync($"{quarter}/{month}", month == 0 ? StoryObjects.Kms(kept) : StoryObjects.Managed);
                await world.AdvanceAsync(Month);
                await world.RewrappedAsync();
            }
            if (quarter % 3 == 1) interrupted += await InterruptAsync(world);
            if (quarter == 2) await RefuseDeletionAsync(world, doomed);
            if (quarter == 3) await AllowDeletionAsync(world, objects, doomed);
            await objects.PutAsync("overwritten", StoryObjects.Managed);
            await others.DeleteAsync($"{quarter}/1");
            await objects.VerifyAsync();
            await others.VerifyAsync();
        }

        Assert.True(interrupted > 0, "No pass was interrupted.");
        Assert.InRange(world.Now - began, TimeSpan.FromDays(725), TimeSpan.FromDays(800));
        await AccountForVersionsAsync(world);
        await FindRetiredVersionAsync(world, backup);
        await objects.VerifyAsync();
        await VerifyTrailAsync(world, began);
    }

    /// <summary>Kills the service in the middle of a pass, twice; the pass is gone on with all the same.</summary>
    /// <returns>How often a pass was found to be under way when the service was back.</returns>
    private static async Task<int> InterruptAsync(StoryWorld world)
    {
        var interrupted = 0;
        await world.AdminAsync("RotateMasterKey");
        for (var kill = 0; kill < 2; kill++)
        {
            await world.AdvanceAsync(TimeSpan.FromHours(1));
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            await world.CrashAsync();
            if ((string?)(await world.AdminAsync("GetRewrapProgress"))["State"] == "RUNNING") interrupted++;
        }
        await world.RewrappedAsync();
        return interrupted;
    }

    /// <summary>A key that an object needs is not destroyed when its waiting period is over.</summary>
    private static async Task RefuseDeletionAsync(StoryWorld world, string key)
    {
        var scheduled = await world.KmsAsync("ScheduleKeyDeletion", new() { ["KeyId"] = key, ["PendingWindowInDays"] = 7 });
        Assert.Equal((First, 1), OnlyBucket(scheduled["DependentObjects"]!));
        await world.AdvanceAsync(TimeSpan.FromDays(9));
        await world.RewrappedAsync();
        var refusal = await world.FindEventAsync("DeleteKey", record => (string?)record["errorCode"] is not null);
        Assert.Equal(key, (string?)refusal["resources"]![0]!["ARN"]);
        var described = (await world.KmsAsync("DescribeKey", new() { ["KeyId"] = key }));
        Assert.Equal("PendingDeletion", (string?)described["KeyMetadata"]!["KeyState"]);
        Assert.Equal((First, 1), OnlyBucket(described["DependentObjects"]!));
        await world.KmsAsync("CancelKeyDeletion", new() { ["KeyId"] = key });
        await world.KmsAsync("EnableKey", new() { ["KeyId"] = key });
    }

    /// <summary>When no object needs it any more, it is.</summary>
    private static async Task AllowDeletionAsync(StoryWorld world, StoryObjects objects, string key)
    {
        await objects.ReencryptAsync("first/doomed", StoryObjects.Managed);
        await world.KmsAsync("ScheduleKeyDeletion", new() { ["KeyId"] = key, ["PendingWindowInDays"] = 7 });
        await world.AdvanceAsync(TimeSpan.FromDays(9));
        await world.RewrappedAsync();
        await world.PassHoursUntilAsync(async () => (await world.AskAsync("kms", "TrentService.DescribeKey", new() { ["KeyId"] = key })).Status == HttpStatusCode.BadRequest, "the key's deletion");
    }

    /// <summary>Each version of the master key is current, or proved unreferenced and retired, or too young for that; and its coming is on the trail as long as that is kept.</summary>
    private static async Task AccountForVersionsAsync(StoryWorld world)
    {
        // The proof of the last rotation's predecessor, and a later pass that says the same.
        for (var pass = 0; pass < 3; pass++)
        {
            await world.AdvanceAsync(2 * Day);
            await world.RewrappedAsync();
        }
        var versions = (await world.AdminAsync("DescribeMasterKey"))["Versions"]!.AsArray();
        Assert.InRange(versions.Count, 8, 16);
        Assert.Equal(Enumerable.Range(1, versions.Count), versions.Select(version => (int)version!["Version"]!));
        Assert.Equal("CURRENT", (string?)versions[^1]!["State"]);
        Assert.All(versions.SkipLast(1), version => Assert.Equal("RETIRED", (string?)version!["State"]));
        var proofs = (await world.AdminAsync("GetKeyReferences", new() { ["KeyId"] = "master" }))["Versions"]!.AsArray();
        Assert.All(proofs.SkipLast(1), version => Assert.NotNull(version!["Proof"]));
    }

    /// <summary>An object that its storage account's administrator brings back from a backup is refused with the version's name, and nothing else changes.</summary>
    private static async Task FindRetiredVersionAsync(StoryWorld world, BlobBackup backup)
    {
        var present = await BlobBackup.TakeAsync(world, First, "first/managed");
        await backup.RestoreAsync();
        var refused = await world.SendAsync(RawRequest.Get(First, "first/managed"));
        Assert.Contains("version 1 of the master key, which has been retired", refused.Text, StringComparison.Ordinal);
        await present.RestoreAsync();
    }

    /// <summary>The whole chain is as it was sealed; what is older than 400 days is rightly gone; and one forged row is found and named.</summary>
    private static async Task VerifyTrailAsync(StoryWorld world, DateTimeOffset began)
    {
        await PassUntilSealedAsync(world);
        var (begin, verified, digests, records) = await VerifyAsync();
        Assert.True((bool?)verified["Valid"], verified.ToJsonString());
        Assert.InRange(StoryWorld.TimeOf(begin["ChainStartTime"]!), began.AddHours(-1), began.AddHours(1));
        Assert.InRange(StoryWorld.TimeOf(verified["RetainedFrom"]!), world.Now.AddDays(-403), world.Now.AddDays(-398));
        Assert.InRange(digests, 24 * 720, long.MaxValue);
        Assert.InRange(records, 100, long.MaxValue);

        var table = new TableClient(world.Storage, TableAuditStore.TableName);
        var forged = table.Query<TableEntity>($"PartitionKey ge 'EventName_' and PartitionKey lt 'EventName_~' and RowKey ge 'RotateMasterKey!' and RowKey lt 'RotateMasterKey~'").First();
        var original = forged.GetBinary("Record");
        forged["Record"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(original).Replace("RotateMasterKey", "DescribeMasterKe", StringComparison.Ordinal));
        await table.UpdateEntityAsync(forged, forged.ETag, TableUpdateMode.Replace);
        var (_, found, _, _) = await VerifyAsync();
        Assert.False((bool?)found["Valid"]);
        Assert.Equal("RECORD_CHANGED", (string?)found["Finding"]!["Type"]);
        Assert.EndsWith((string)found["Finding"]!["EventId"]!, forged.RowKey, StringComparison.Ordinal);

        async Task<(JsonNode First, JsonNode Last, long Digests, long Records)> VerifyAsync()
        {
            var (first, digestCount, recordCount, token) = ((JsonNode?)null, 0L, 0L, (string?)null);
            while (true)
            {
                var page = await world.AdminAsync("VerifyAuditTrail", token is null ? [] : new() { ["NextToken"] = token });
                first ??= page;
                digestCount += (long)page["DigestCount"]!;
                recordCount += (long)page["RecordCount"]!;
                token = (string?)page["NextToken"];
                if (token is null || (bool?)page["Valid"] == false) return (first, page, digestCount, recordCount);
            }
        }
    }

    /// <summary>Waits until the hours that are over are sealed.</summary>
    private static Task PassUntilSealedAsync(StoryWorld world) => world.PassHoursUntilAsync(
        async () => (await world.AdminAsync("VerifyAuditTrail", new() { ["StartTime"] = world.Now.AddDays(-1).ToUnixTimeSeconds() }))["SealedUntil"] is { } until
            && StoryWorld.TimeOf(until) > world.Now.AddHours(-4), "the sealing of all hours that are over");

    private static (string, int) OnlyBucket(JsonNode dependents) => (((string)dependents["Buckets"]!.AsArray().Single()!["Bucket"]!), (int)dependents["Buckets"]![0]!["Objects"]!);
}
