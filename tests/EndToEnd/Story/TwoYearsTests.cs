using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Story;

/// <summary>Two years of a service's life in minutes, with a clock that the test moves: what is promised of rotation and audit holds all along and at the end.</summary>
public sealed class TwoYearsTests
{
    private const string Bucket = "story";
    private const int Quarters = 8;
    private static readonly TimeSpan Month = TimeSpan.FromDays(30.4);

    [Fact]
    public async Task Two_years_of_rotations_crashes_deletions_and_audit()
    {
        await using var world = await StoryWorld.BeginAsync();
        (await world.SendAsync(new RawRequest("PUT", $"/{Bucket}"))).MustBe(System.Net.HttpStatusCode.OK);
        var objects = new StoryObjects(world, Bucket);
        var (kept, doomed) = (await world.NewKeyAsync(), await world.NewKeyAsync());
        await world.KmsAsync("EnableKeyRotation", new() { ["KeyId"] = kept, ["RotationPeriodInDays"] = 180 });
        foreach (var (name, mode) in ((string, (string, string)[])[])[("managed", StoryObjects.Managed), ("kms", StoryObjects.Kms(kept)), ("bucket-key", StoryObjects.WithBucketKey(kept)),
            ("layers", StoryObjects.TwoLayers(kept)), ("doomed", StoryObjects.Kms(doomed))])
            await objects.PutAsync($"first/{name}", mode);
        await objects.PutAsync("first/large", StoryObjects.Managed, 9 * TestData.Mebibyte);

        for (var quarter = 0; quarter < Quarters; quarter++)
        {
            for (var month = 0; month < 3; month++)
            {
                await objects.PutAsync($"{quarter}/{month}", month == 0 ? StoryObjects.WithBucketKey(kept) : StoryObjects.Managed);
                await world.AdvanceAsync(Month);
                if (quarter % 3 == 1) await world.CrashAsync();
                await world.RewrappedAsync();
            }
            await objects.PutAsync("overwritten", StoryObjects.Managed);
            await objects.DeleteAsync($"{quarter}/1");
            await objects.VerifyAsync();
        }
    }
}
