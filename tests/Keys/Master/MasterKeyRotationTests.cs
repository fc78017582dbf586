using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

public sealed class MasterKeyRotationTests : IDisposable
{
    private readonly World _world = new();
    private readonly SecretKey _dataKey = SecretKey.Generate();
    private readonly Instance _one;
    private readonly Instance _two;

    public MasterKeyRotationTests() => (_one, _two) = (new(_world.NewInstance()), new(_world.NewInstance()));

    [Fact]
    public async Task A_rotation_that_is_not_due_changes_nothing()
    {
        await WrapAsync(_one);
        _world.Time.Advance(TimeSpan.FromDays(89));
        Assert.Equal(new(1, Rotated: false), await _one.Rotation.RotateIfDueAsync(default));
        Assert.Equal([1u], _world.MasterStore.Versions);
    }

    [Fact]
    public async Task A_version_is_replaced_by_age_and_data_keys_under_both_open()
    {
        byte[] before = await WrapAsync(_one);
        _world.Time.Advance(TimeSpan.FromDays(90));
        Assert.Equal(new(2, Rotated: true), await _one.Rotation.RotateIfDueAsync(default));
        byte[] after = await WrapAsync(_one);
        Assert.Equal((1u, 2u), (VersionOf(before), VersionOf(after)));
        Assert.True(await OpensAsync(_one, before));
        Assert.True(await OpensAsync(_two, before));
        Assert.True(await OpensAsync(_two, after));
        Assert.Equal(new(2, Rotated: false), await _two.Rotation.RotateIfDueAsync(default));
    }

    [Fact]
    public async Task A_version_is_replaced_by_use()
    {
        var instance = new Instance(_world.NewInstance(("Rotation:MasterKeyMaxWraps", "5000")));
        await WrapAsync(instance);
        Assert.False((await instance.Rotation.RotateIfDueAsync(default)).Rotated);
        for (int i = 0; i < WrapMeter.BlockSize; i++)
        {
            await WrapAsync(instance);
        }

        Assert.True((await instance.Rotation.RotateIfDueAsync(default)).Rotated);
        Assert.Equal(2u, VersionOf(await WrapAsync(instance)));
    }

    [Fact]
    public async Task The_instance_that_rotates_uses_the_new_version_at_once_and_others_within_five_seconds()
    {
        await WrapAsync(_one);
        await WrapAsync(_two);
        await _one.Rotation.RotateAsync(default);
        Assert.Equal(2u, VersionOf(await WrapAsync(_one)));
        Assert.Equal(1u, VersionOf(await WrapAsync(_two)));
        _world.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2u, VersionOf(await WrapAsync(_two)));
    }

    [Fact]
    public async Task Two_instances_that_rotate_at_once_make_one_new_version()
    {
        await WrapAsync(_one);
        _world.Time.Advance(TimeSpan.FromDays(90));

        // Both have found the rotation due, and neither has made the version, before either goes on.
        using var both = new Barrier(2);
        _world.MasterStore.Before = call =>
        {
            if (call == nameof(IMasterKeyStore.TryCreateVersionAsync))
            {
                Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(30)));
            }

            return Task.CompletedTask;
        };
        MasterKeyRotationResult[] results = await Task.WhenAll(
            Task.Run(() => _one.Rotation.RotateIfDueAsync(default)), Task.Run(() => _two.Rotation.RotateIfDueAsync(default)));

        Assert.All(results, result => Assert.Equal(new(2, Rotated: true), result));
        Assert.Equal([1u, 2u], _world.MasterStore.Versions);
        Assert.Single(_world.Trail.Named("RotateMasterKey").DistinctBy(e => (e.EventId, e.EventTime)));
        byte[] wrapped = await WrapAsync(_one);
        Assert.Equal(2u, VersionOf(wrapped));
        Assert.True(await OpensAsync(_two, wrapped));
    }

    [Theory]
    [InlineData(nameof(IMasterKeyStore.TryCreateVersionAsync))]
    [InlineData(nameof(IMasterKeyStore.TryMoveCurrentAsync))]
    public async Task A_crash_between_any_two_steps_harms_nothing_and_the_next_run_finishes(string crashBefore)
    {
        byte[] before = await WrapAsync(_one);
        _world.Time.Advance(TimeSpan.FromDays(90));
        _world.MasterStore.Before = call => call == crashBefore ? throw new IOException("crash") : Task.CompletedTask;
        await Assert.ThrowsAsync<IOException>(() => _one.Rotation.RotateIfDueAsync(default));
        Assert.Equal(1u, VersionOf(await WrapAsync(_one)));
        Assert.True(await OpensAsync(_two, before));

        _world.MasterStore.Before = _ => Task.CompletedTask;
        Assert.Equal(new(2, Rotated: true), await _two.Rotation.RotateIfDueAsync(default));
        Assert.Equal([1u, 2u], _world.MasterStore.Versions);
        Assert.Single(_world.Trail.Named("RotateMasterKey").DistinctBy(e => (e.EventId, e.EventTime)));
        Assert.True(await OpensAsync(_two, before));
    }

    [Fact]
    public async Task A_half_finished_rotation_is_finished_though_the_clock_has_gone_back()
    {
        await WrapAsync(_one);
        _world.MasterStore.Before = call => call == nameof(IMasterKeyStore.TryMoveCurrentAsync) ? throw new IOException("crash") : Task.CompletedTask;
        await Assert.ThrowsAsync<IOException>(() => _one.Rotation.RotateAsync(default));
        _world.MasterStore.Before = _ => Task.CompletedTask;
        Assert.Equal(new(2, Rotated: true), await _two.Rotation.RotateIfDueAsync(default));
    }

    [Fact]
    public async Task Without_the_trail_nothing_rotates()
    {
        await WrapAsync(_one);
        _world.Trail.IsUnavailable = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(() => _one.Rotation.RotateAsync(default));
        Assert.Equal(1u, (await _world.MasterStore.ReadCurrentAsync(default))!.Version);
    }

    [Fact]
    public async Task A_rotation_is_audited_as_the_services_own_event()
    {
        await WrapAsync(_one);
        await _one.Rotation.RotateAsync(default);
        AuditEvent rotation = Assert.Single(_world.Trail.Named("RotateMasterKey"));
        Assert.Equal("AwsServiceEvent", rotation.EventType);
        Assert.Equal(Access.PrincipalType.AWSService, rotation.Caller.Principal.Type);
        Assert.Equal("""{"masterKeyVersion":2}""", rotation.AdditionalEventData!.ToJsonString());
    }

    [Fact]
    public async Task A_data_key_is_rewrapped_once_under_the_current_version()
    {
        byte[] before = await WrapAsync(_one);
        Assert.Null(await _one.Keys.RewrapAsync(before, World.Context, default));
        await _one.Rotation.RotateAsync(default);
        byte[] after = (await _one.Keys.RewrapAsync(before, World.Context, default))!;
        Assert.Equal(2u, VersionOf(after));
        Assert.True(await OpensAsync(_two, after));
        Assert.Null(await _one.Keys.RewrapAsync(after, World.Context, default));
        await Assert.ThrowsAsync<DataKeyException>(async () => await _one.Keys.RewrapAsync(before, EncryptionContext.Empty, default));
    }

    public void Dispose()
    {
        _dataKey.Dispose();
        _world.Dispose();
    }

    private async Task<byte[]> WrapAsync(Instance instance) => await instance.Keys.WrapAsync(_dataKey, World.Context, World.ViaS3, default);

    private async Task<bool> OpensAsync(Instance instance, byte[] wrapped)
    {
        using SecretKey opened = await instance.Keys.UnwrapAsync(wrapped, World.Context, World.ViaS3, default);
        return opened.Bytes.SequenceEqual(_dataKey.Bytes);
    }

    private static uint VersionOf(byte[] wrapped) => KeyWrap.TryReadHeader(wrapped, out WrapHeader header) ? header.KeyVersion : 0;

    private sealed class Instance(IServiceProvider services)
    {
        public IMasterKeys Keys { get; } = services.GetRequiredService<IMasterKeys>();

        public MasterKeyRotation Rotation { get; } = services.GetRequiredService<MasterKeyRotation>();
    }
}
