using Microsoft.Extensions.DependencyInjection;
using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Keys.Tests;
using Serverless.Objects.Admin;

namespace Serverless.Objects.Tests.Admin;

public sealed class MasterKeyOperationTests : IDisposable
{
    private readonly World world = new();
    private readonly IServiceProvider instance;
    private readonly AdminClient client;

    public MasterKeyOperationTests()
    {
        instance = world.NewInstance();
        var report = instance.GetRequiredService<MasterKeyReport>();
        client = new(
            world, new DescribeMasterKey(report, world.MasterStore), new RotateMasterKey(instance.GetRequiredService<MasterKeyRotation>(), report, AdminClient.TrailOf(world)));
    }

    [Fact]
    public async Task The_master_key_is_rotated_on_demand_and_the_trail_names_who_asked()
    {
        await WrapAsync();
        Assert.Equal(2u, (uint)(await client.AnswerAsync("RotateMasterKey"))["CurrentVersion"]!);
        Assert.Equal(3u, (uint)(await client.AnswerAsync("RotateMasterKey"))["CurrentVersion"]!);
        Assert.Equal(3u, await WrapAsync());

        var asked = world.Trail.Events.Where(recorded => recorded is { EventName: "RotateMasterKey", EventType: "AwsApiCall" }).ToList();
        Assert.All(asked, recorded => Assert.Equal(("sse.amazonaws.com", World.Root.Principal), (recorded.EventSource, recorded.Caller.Principal)));
        Assert.Equal(["""{"masterKeyVersion":1}""", """{"masterKeyVersion":2}"""], asked.Select(recorded => recorded.AdditionalEventData!.ToJsonString()));
    }

    [Fact]
    public async Task Without_the_trail_it_is_not_rotated()
    {
        await WrapAsync();
        world.Trail.IsUnavailable = true;
        await client.RefusalAsync(503, "ServiceUnavailableException", "RotateMasterKey");
        Assert.Equal([1u], world.MasterStore.Versions);
    }

    [Fact]
    public async Task A_master_key_that_was_never_used_has_no_version()
    {
        Assert.Equal("""{"Versions":[]}""", (await client.AnswerAsync("DescribeMasterKey")).ToJsonString());
        Assert.Equal(1u, (uint)(await client.AnswerAsync("RotateMasterKey"))["CurrentVersion"]!);
    }

    [Fact]
    public async Task The_master_key_is_described_with_its_versions()
    {
        await WrapAsync();
        var first = world.Time.GetUtcNow();
        world.Time.Advance(TimeSpan.FromDays(10));
        await client.AnswerAsync("RotateMasterKey");
        var second = world.Time.GetUtcNow();
        await WrapAsync();
        world.Time.Advance(TimeSpan.FromDays(89.5));

        var described = await client.AnswerAsync("DescribeMasterKey");
        Assert.Equal((2u, 89, 4096L, false), ((uint)described["CurrentVersion"]!, (int)described["AgeInDays"]!, (long)described["Wraps"]!, (bool)described["RotationDue"]!));
        Assert.Equal((second.ToUnixTimeSeconds(), second.AddDays(90).ToUnixTimeSeconds()), ((long)described["CreationDate"]!, (long)described["NextRotationDate"]!));
        Assert.Equal(1L << 30, (long)described["MaxWraps"]!);
        Assert.Equal(
            [(1u, first.ToUnixTimeSeconds(), "PREVIOUS"), (2u, second.ToUnixTimeSeconds(), "CURRENT")],
            described["Versions"]!.AsArray().Select(version => ((uint)version!["Version"]!, (long)version["CreationDate"]!, (string)version["State"]!)));
        Assert.Equal((await world.MasterStore.ReadVersionAsync(2, default))!.Id, (Guid)described["Versions"]![1]!["VersionId"]!);

        world.Time.Advance(TimeSpan.FromDays(1));
        Assert.True((bool)(await client.AnswerAsync("DescribeMasterKey"))["RotationDue"]!);
    }

    [Fact]
    public async Task A_version_whose_rotation_was_cut_short_is_pending()
    {
        await WrapAsync();
        world.MasterStore.Before = call => call == nameof(IMasterKeyStore.TryMoveCurrentAsync) ? throw new IOException("crash") : Task.CompletedTask;
        await client.RefusalAsync(500, "InternalFailure", "RotateMasterKey");
        world.MasterStore.Before = _ => Task.CompletedTask;
        Assert.Equal(
            ["CURRENT", "PENDING"], (await client.AnswerAsync("DescribeMasterKey"))["Versions"]!.AsArray().Select(version => (string)version!["State"]!));
    }

    public void Dispose() => world.Dispose();

    /// <returns>The version that wrapped.</returns>
    private async Task<uint> WrapAsync()
    {
        using var key = SecretKey.Generate();
        var wrapped = await instance.GetRequiredService<IMasterKeys>().WrapAsync(key, World.Context, World.ViaS3, default);
        return KeyWrap.TryReadHeader(wrapped, out var header) ? header.KeyVersion : 0;
    }
}
