using Serverless.Keys;
using Serverless.Objects.Rotation;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests.Rotation;

/// <summary>A pass that is killed between any two calls of the stores, and gone on with: its counts are those of one that was not.</summary>
public sealed class RewrapKillTests
{
    private const int Objects = 7;
    private const int Archived = 4;
    private const int Uploads = 2;

    [Fact]
    public async Task The_counts_of_a_pass_are_exact_wherever_it_is_killed()
    {
        for (var calls = 1; ; calls++)
        {
            if (!await RunAsync(random: null, calls)) return;
            Assert.True(calls < 1000);
        }
    }

    [Fact]
    public async Task Nor_do_more_kills_change_them()
    {
        for (var seed = 0; seed < 150; seed++) await RunAsync(new Random(seed), calls: 0);
    }

    /// <summary>Whether it was killed.</summary>
    private static async Task<bool> RunAsync(Random? random, int calls)
    {
        var left = int.MaxValue;
        Task StepAsync() => --left < 0 ? throw new OperationCanceledException("It is killed.") : Task.CompletedTask;
        var world = new RewrapWorld(step: store => new(store, StepAsync, StepAsync));
        world.Uploads.Step = world.Passes.Step = StepAsync;
        await FillAsync(world);

        var kills = 0;
        RewrapProgress? progress = null;
        while (progress?.CompletedAt is null)
        {
            left = random is not null ? random.Next(5, 60) : kills == 0 ? calls : int.MaxValue;
            try
            {
                progress = await world.Pass().RunAsync(default);
            }
            catch (OperationCanceledException)
            {
                kills++;
                // It may have been complete by then.
                left = int.MaxValue;
                if (await world.Passes.ReadAsync(default) is { IsComplete: true } complete) progress = RewrapProgress.Of(complete);
            }
            Assert.True(kills < 200, "It does not get on.");
        }
        left = int.MaxValue;

        Assert.Equal((Objects + Archived + Uploads, Objects + Archived + Uploads, 0), (progress.Seen, progress.Rewrapped, progress.Failed));
        var master = (await world.References.FindAsync(VersionedKeys.MasterId, default))!;
        Assert.Equal([new("a", 1, 2, 0), new("a", 2, 0, 2), new("b", 1, 8, 0), new("b", 2, 0, 8)], master.Buckets);
        var kms = (await world.References.FindAsync(VersionedKeys.KmsId, default))!;
        Assert.Equal([new("a", 1, 3, 0), new("a", 2, 0, 3), new("b", 1, 2, 0), new("b", 2, 0, 2)], kms.Buckets);

        // The next pass finds the versions of now alone, and what was kept of the one before goes with the one behind it.
        await world.Pass().RunAsync(default);
        Assert.Equal([new("a", 2, 2, 2), new("b", 2, 8, 8)], (await world.References.FindAsync(VersionedKeys.MasterId, default))!.Buckets);
        await world.Pass().RunAsync(default);
        Assert.Equal(2, world.Passes.Passes.Count());
        return kills > 0;
    }

    /// <summary>In bucket a four objects, of all modes; in bucket b three objects, four archived versions and two uploads.</summary>
    private static async Task FillAsync(RewrapWorld world)
    {
        await world.PutAllModesAsync("a", 4);
        var b = await world.NewVersionedBucketAsync("b");
        for (var i = 0; i < 3; i++) await world.PutAsync(b, $"key{i}", EncryptionMode.S3);
        for (var i = 0; i < Archived; i++)
        {
            var name = world.Versions.Copies.NewName(VersionRank.Of(world.Time.GetUtcNow().AddSeconds(i), new byte[16]));
            await world.PutAsync(b.At("archived") with { Archived = name }, i == 0 ? EncryptionMode.Kms : EncryptionMode.S3);
        }
        foreach (var mode in (EncryptionMode[])[EncryptionMode.S3, EncryptionMode.DoubleKms]) await world.BeginAsync(b, mode);
        (world.Keys.MasterVersion, world.Keys.KmsVersion) = (2, 2);
    }
}
