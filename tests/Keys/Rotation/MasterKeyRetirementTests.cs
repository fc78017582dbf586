using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>The end of master key versions: proofs, and what they allow.</summary>
public sealed class MasterKeyRetirementTests : IDisposable
{
    private const string Proved = "ProveMasterKeyVersionUnreferenced";
    private const string Retired = "RetireMasterKeyVersion";

    private readonly World _world = new() { Scope = AuditScope.All };

    [Fact]
    public async Task Without_a_policy_a_version_is_proved_unreferenced_and_kept()
    {
        IServiceProvider instance = _world.NewInstance();
        byte[] wrapped = await RotatedAsync(instance);
        await RunAsync(instance);
        await PassAsync(instance, TimeSpan.FromDays(2));
        MasterKeyVersion version = await ReadAsync(1);
        Assert.Equal(new(_world.References.Pass!.Id, _world.References.Pass.StartedAt, _world.References.Pass.CompletedAt, 1000), version.Proof);
        AuditEvent proof = Assert.Single(_world.Trail.Named(Proved));
        Assert.Equal(("AwsServiceEvent", """{"masterKeyVersion":1}""", null), (proof.EventType, proof.AdditionalEventData!.ToJsonString(), proof.ErrorCode));
        Assert.Equal(version.Proof!.PassId.ToString(), (string)proof.ServiceEventDetails!["passId"]!);

        await PassAsync(instance, TimeSpan.FromDays(1000));
        Assert.Equal((version.Proof, false), ((await ReadAsync(1)).Proof, (await ReadAsync(1)).IsRetired));
        Assert.Empty(_world.Trail.Named(Retired));
        Assert.True(await OpensAsync(instance, wrapped));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("30", 30)]
    public async Task By_policy_its_material_is_destroyed_once_a_later_pass_says_the_same(string setting, int days)
    {
        IServiceProvider instance = _world.NewInstance(("Rotation:RetireAfterDays", setting));
        byte[] wrapped = await RotatedAsync(instance);
        await RunAsync(instance);
        await PassAsync(instance, TimeSpan.FromDays(2));
        await RunAsync(instance);
        Assert.False((await ReadAsync(1)).IsRetired);
        if (days > 0)
        {
            await PassAsync(instance, TimeSpan.FromDays(days - 1));
            Assert.False((await ReadAsync(1)).IsRetired);
        }

        await PassAsync(instance, TimeSpan.FromDays(1));
        MasterKeyVersion version = await ReadAsync(1);
        Assert.True(version.IsRetired);
        Assert.Empty(version.Wrapped);
        AuditEvent retired = Assert.Single(_world.Trail.Named(Retired));
        Assert.Equal((version.RetiredAt, version.Proof!.PassId.ToString()), (retired.EventTime, (string)retired.ServiceEventDetails!["passId"]!));

        // What comes back is named, here and on every instance that has not held the version.
        foreach (IServiceProvider any in (IServiceProvider[])[instance, _world.NewInstance()])
        {
            RetiredVersionException lost = await Assert.ThrowsAsync<RetiredVersionException>(() => OpensAsync(any, wrapped));
            Assert.Equal("It is encrypted under version 1 of the master key, which has been retired.", lost.Message);
        }

        Assert.Contains(_world.Trail.Named("Decrypt"), recorded => recorded.ErrorCode == "KMSInvalidStateException");
        // The others go on, and its number does not come again.
        Assert.Equal(3u, (await instance.GetRequiredService<MasterKeyRotation>().RotateAsync(default)).CurrentVersion);
    }

    [Fact]
    public async Task The_current_version_is_never_retired_nor_one_behind_it()
    {
        IServiceProvider instance = _world.NewInstance(("Rotation:RetireAfterDays", "0"));
        await RotatedAsync(instance);
        // A rotation that was cut short: its version is there, and not current.
        await _world.MasterStore.TryCreateVersionAsync(new(3, Guid.NewGuid(), [1], _world.Time.GetUtcNow()), default);
        for (int i = 0; i < 5; i++)
        {
            await PassAsync(instance, TimeSpan.FromDays(2));
        }

        Assert.True((await ReadAsync(1)).IsRetired);
        Assert.Equal((null, null, null), ((await ReadAsync(2)).SupersededAt, (await ReadAsync(2)).Proof, (await ReadAsync(2)).RetiredAt));
        Assert.Equal((null, null), ((await ReadAsync(3)).SupersededAt, (await ReadAsync(3)).Proof));
    }

    [Fact]
    public async Task A_reference_that_is_found_puts_the_proof_off_by_a_day_and_withdraws_one_that_there_is()
    {
        IServiceProvider instance = _world.NewInstance(("Rotation:RetireAfterDays", "30"));
        await RotatedAsync(instance);
        await RunAsync(instance);
        await PassAsync(instance, TimeSpan.FromDays(2), found: 1);
        Assert.Null((await ReadAsync(1)).Proof);
        await PassAsync(instance, TimeSpan.FromDays(1));
        Assert.Null((await ReadAsync(1)).Proof);
        await PassAsync(instance, TimeSpan.FromHours(1));
        Assert.NotNull((await ReadAsync(1)).Proof);

        await PassAsync(instance, TimeSpan.FromDays(40), found: 2);
        MasterKeyVersion version = await ReadAsync(1);
        Assert.Equal((null, false), (version.Proof, version.IsRetired));
        Assert.Equal("KeyVersionInUse", _world.Trail.Named(Proved)[^1].ErrorCode);
        await PassAsync(instance, TimeSpan.FromDays(2));
        await PassAsync(instance, TimeSpan.FromDays(1));
        Assert.False((await ReadAsync(1)).IsRetired);
    }

    [Fact]
    public async Task A_pass_that_could_not_read_everything_or_began_too_early_or_by_a_wrong_clock_proves_nothing()
    {
        IServiceProvider instance = _world.NewInstance();
        await RotatedAsync(instance);
        await RunAsync(instance);
        await PassAsync(instance, TimeSpan.FromDays(1));
        Assert.Null((await ReadAsync(1)).Proof);
        await PassAsync(instance, TimeSpan.FromDays(1), unreadable: 1);
        Assert.Null((await ReadAsync(1)).Proof);
        await PassAsync(instance, TimeSpan.FromHours(1), clock: TimeSpan.FromDays(3));
        Assert.Null((await ReadAsync(1)).Proof);
        await PassAsync(instance, TimeSpan.FromHours(1));
        Assert.NotNull((await ReadAsync(1)).Proof);
    }

    [Fact]
    public async Task Killed_anywhere_it_is_finished_by_the_next_run_and_nothing_is_destroyed_that_is_not_on_the_trail()
    {
        for (int calls = 1; ; calls++)
        {
            using var world = new World();
            IServiceProvider instance = world.NewInstance(("Rotation:RetireAfterDays", "0"));
            await instance.GetRequiredService<MasterKeyRotation>().RotateAsync(default);
            await instance.GetRequiredService<MasterKeyRotation>().RotateAsync(default);
            int left = calls;
            Func<Task> step = () => --left < 0 ? throw new OperationCanceledException("It is killed.") : Task.CompletedTask;
            world.MasterStore.Before = _ => step();
            world.References.Before = step;
            bool killed = false;
            for (int pass = 0; pass < 4; pass++)
            {
                world.Time.Advance(TimeSpan.FromDays(2));
                world.References.Complete(world.Time.GetUtcNow());
                try
                {
                    await instance.GetRequiredService<MasterKeyRetirement>().RunAsync(default);
                }
                catch (OperationCanceledException)
                {
                    (killed, left) = (true, int.MaxValue);
                    if ((await world.MasterStore.ReadVersionAsync(1, default))!.IsRetired)
                    {
                        Assert.NotEmpty(world.Trail.Named(Retired));
                    }
                }
            }

            left = int.MaxValue;
            Assert.True((await world.MasterStore.ReadVersionAsync(1, default))!.IsRetired);
            Assert.False((await world.MasterStore.ReadVersionAsync(2, default))!.IsRetired);
            Assert.Single(world.Trail.Named(Retired).Select(retired => (retired.EventId, retired.EventTime)).Distinct());
            if (!killed)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task Two_instances_at_once_retire_a_version_once()
    {
        IServiceProvider[] instances = [_world.NewInstance(("Rotation:RetireAfterDays", "0")), _world.NewInstance(("Rotation:RetireAfterDays", "0"))];
        await RotatedAsync(instances[0]);
        for (int pass = 0; pass < 4; pass++)
        {
            _world.Time.Advance(TimeSpan.FromDays(2));
            _world.References.Complete(_world.Time.GetUtcNow());
            await Task.WhenAll(instances.Select(instance => Task.Run(() => RunAsync(instance))));
        }

        Assert.True((await ReadAsync(1)).IsRetired);
        Assert.Single(_world.Trail.Named(Retired).Select(retired => retired.EventId).Distinct());
    }

    public void Dispose() => _world.Dispose();

    /// <summary>A key under version 1, which is not current any more.</summary>
    private static async Task<byte[]> RotatedAsync(IServiceProvider instance)
    {
        using SecretKey dataKey = SecretKey.Generate();
        byte[] wrapped = await instance.GetRequiredService<IMasterKeys>().WrapAsync(dataKey, World.Context, World.ViaS3, default);
        await instance.GetRequiredService<MasterKeyRotation>().RotateAsync(default);
        return wrapped;
    }

    private static async Task<bool> OpensAsync(IServiceProvider instance, byte[] wrapped)
    {
        using SecretKey dataKey = await instance.GetRequiredService<IMasterKeys>().UnwrapAsync(wrapped, World.Context, World.ViaS3, default);
        return dataKey.Bytes.Length == SecretKey.Size;
    }

    /// <summary>A pass that is complete after so long, by a clock that is ahead by so much; and what follows.</summary>
    private async Task PassAsync(IServiceProvider instance, TimeSpan after, long found = 0, long unreadable = 0, TimeSpan clock = default)
    {
        _world.Time.Advance(after);
        _world.References.Complete(_world.Time.GetUtcNow() + clock, unreadable);
        if (found > 0)
        {
            _world.References.Add(KeyVersionName.Master, new("bucket", 1, found, 0));
        }

        await RunAsync(instance);
    }

    private static Task RunAsync(IServiceProvider instance) => instance.GetRequiredService<MasterKeyRetirement>().RunAsync(default);

    private async Task<MasterKeyVersion> ReadAsync(uint version) => (await _world.MasterStore.ReadVersionAsync(version, default))!;
}
