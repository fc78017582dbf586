using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

public sealed class MasterKeyTests : IDisposable
{
    private readonly World _world = new();
    private readonly SecretKey _dataKey = SecretKey.Generate();

    [Fact]
    public async Task A_data_key_comes_back_as_it_was()
    {
        IMasterKeys keys = Keys();
        byte[] wrapped = await keys.WrapAsync(_dataKey, World.Context, World.ViaS3, default);
        using SecretKey opened = await keys.UnwrapAsync(wrapped, World.Context, World.ViaS3, default);
        Assert.Equal(_dataKey.Bytes, opened.Bytes);
    }

    [Fact]
    public async Task Another_instance_opens_it()
    {
        byte[] wrapped = await Keys().WrapAsync(_dataKey, World.Context, World.ViaS3, default);
        using SecretKey opened = await Keys().UnwrapAsync(wrapped, World.Context, World.ViaS3, default);
        Assert.Equal(_dataKey.Bytes, opened.Bytes);
    }

    [Fact]
    public async Task Whatever_does_not_open_has_one_outcome()
    {
        IMasterKeys keys = Keys();
        byte[] wrapped = await keys.WrapAsync(_dataKey, World.Context, World.ViaS3, default);
        byte[] flipped = [.. wrapped];
        flipped[^1] ^= 1;
        byte[] unknownVersion = KeyWrap.Wrap(_dataKey.Bytes, MasterKeyring.WrapKeyId, 9, World.Context, _dataKey.Bytes);
        byte[] otherKey = KeyWrap.Wrap(_dataKey.Bytes, "eu-central-1/0", 1, World.Context, _dataKey.Bytes);
        byte[] notAKey = KeyWrap.Wrap(_dataKey.Bytes, MasterKeyring.WrapKeyId, 1, World.Context, "short"u8);
        (byte[], EncryptionContext)[] bad =
        [
            (flipped, World.Context), (wrapped[..^1], World.Context), ([], World.Context), (unknownVersion, World.Context), (otherKey, World.Context),
            (notAKey, World.Context), (wrapped, EncryptionContext.Empty),
        ];
        foreach ((byte[] blob, EncryptionContext context) in bad)
        {
            var failure = await Assert.ThrowsAsync<DataKeyException>(async () => await keys.UnwrapAsync(blob, context, World.ViaS3, default));
            Assert.Equal(new DataKeyException().Message, failure.Message);
        }
    }

    [Fact]
    public async Task A_warm_use_asks_the_store_nothing()
    {
        IMasterKeys keys = Keys();
        byte[] wrapped = await keys.WrapAsync(_dataKey, World.Context, World.ViaS3, default);
        _world.MasterStore.Calls.Clear();
        await keys.WrapAsync(_dataKey, World.Context, World.ViaS3, default);
        (await keys.UnwrapAsync(wrapped, World.Context, World.ViaS3, default)).Dispose();
        Assert.Empty(_world.MasterStore.Calls);
    }

    [Fact]
    public async Task Concurrent_first_uses_make_one_version()
    {
        IMasterKeys[] instances = [Keys(), Keys()];
        await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () => await instances[i % 2].WrapAsync(_dataKey, World.Context, World.ViaS3, default))));
        Assert.Equal([1u], _world.MasterStore.Versions);
        Assert.Single(_world.Trail.Named("CreateMasterKey").DistinctBy(e => e.EventId));
    }

    [Fact]
    public async Task Uses_are_not_audited_by_default()
    {
        IMasterKeys keys = Keys();
        byte[] wrapped = await keys.WrapAsync(_dataKey, World.Context, World.ViaS3, default);
        (await keys.UnwrapAsync(wrapped, World.Context, World.ViaS3, default)).Dispose();
        Assert.Equal(["CreateMasterKey"], _world.Trail.Events.Select(e => e.EventName));
    }

    public void Dispose()
    {
        _dataKey.Dispose();
        _world.Dispose();
    }

    private IMasterKeys Keys() => _world.NewInstance().GetRequiredService<IMasterKeys>();
}

public sealed class MasterKeyAuditTests : IDisposable
{
    private readonly World _world = new() { Scope = AuditScope.All };
    private readonly SecretKey _dataKey = SecretKey.Generate();
    private readonly IMasterKeys _keys;

    public MasterKeyAuditTests() => _keys = _world.NewInstance().GetRequiredService<IMasterKeys>();

    [Fact]
    public async Task Every_use_is_on_the_trail_with_its_object_and_version()
    {
        byte[] wrapped = await _keys.WrapAsync(_dataKey, World.Context, World.ViaS3, default);
        AuditEvent wrap = _world.Trail.Last;
        Assert.Equal(("s3.amazonaws.com", "GenerateDataKey", World.Region), (wrap.EventSource, wrap.EventName, wrap.Region));
        Assert.Equal(World.Root, wrap.Caller);
        Assert.Equal(new AuditResource("AWS::S3::Object", "arn:aws:s3:::bucket/key"), Assert.Single(wrap.Resources));
        Assert.Equal("""{"masterKeyVersion":1}""", wrap.AdditionalEventData!.ToJsonString());
        Assert.Equal("""{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::bucket/key"}}""", wrap.RequestParameters!.ToJsonString());

        (await _keys.UnwrapAsync(wrapped, World.Context, World.ViaS3, default)).Dispose();
        Assert.Equal("Decrypt", _world.Trail.Last.EventName);
        Assert.Null(_world.Trail.Last.ErrorCode);
    }

    [Fact]
    public async Task A_refusal_is_on_the_trail()
    {
        await Assert.ThrowsAsync<DataKeyException>(async () => await _keys.UnwrapAsync(new byte[10], World.Context, World.ViaS3, default));
        Assert.Equal(("Decrypt", "InvalidCiphertextException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
    }

    [Fact]
    public async Task Without_the_trail_no_key_is_given()
    {
        byte[] wrapped = await _keys.WrapAsync(_dataKey, World.Context, World.ViaS3, default);
        _world.Trail.IsUnavailable = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await _keys.WrapAsync(_dataKey, World.Context, World.ViaS3, default));
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await _keys.UnwrapAsync(wrapped, World.Context, World.ViaS3, default));
    }

    public void Dispose()
    {
        _dataKey.Dispose();
        _world.Dispose();
    }
}
