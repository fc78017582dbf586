using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>Bucket keys: one use of the KMS key for many requests, each of which is judged.</summary>
public sealed class BucketKeyTests : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);
    private static readonly EncryptionContext Context = EncryptionContext.Empty.With("aws:s3:arn", "arn:aws:s3:::bucket");

    private readonly World _world = new();
    private readonly IBucketKeys _keys;
    private readonly KmsClient _api;

    public BucketKeyTests()
    {
        IServiceProvider instance = _world.NewInstance();
        _keys = instance.GetRequiredService<IBucketKeys>();
        _api = new KmsClient(_world, instance);
    }

    [Fact]
    public async Task Many_writes_and_many_reads_are_one_use_of_the_KMS_key_each()
    {
        string id = await _api.CreateKeyAsync();
        using BucketKey first = await CreateAsync(id);
        Assert.True(first.IsRecorded);
        for (int i = 0; i < 9; i++)
        {
            using BucketKey next = await CreateAsync(id);
            Assert.Equal((first.KeyArn, first.Wrapped, false), (next.KeyArn, next.Wrapped, next.IsRecorded));
            Assert.Equal(first.Plaintext.Bytes, next.Plaintext.Bytes);
        }

        for (int i = 0; i < 10; i++)
        {
            using BucketKey opened = await OpenAsync(first.Wrapped);
            Assert.Equal(first.Plaintext.Bytes, opened.Plaintext.Bytes);
            Assert.Equal(i == 0, opened.IsRecorded);
        }

        AuditEvent made = Assert.Single(_world.Trail.Named("GenerateDataKey"));
        AuditEvent read = Assert.Single(_world.Trail.Named("Decrypt"));
        foreach ((AuditEvent use, string key) in new[] { (made, "key-1"), (read, "key-11") })
        {
            Assert.Equal("""{"aws:s3:arn":"arn:aws:s3:::bucket"}""", use.RequestParameters!["encryptionContext"]!.ToJsonString());
            Assert.True((bool)use.AdditionalEventData!["bucketKey"]!);
            Assert.Equal([first.KeyArn, $"arn:aws:s3:::bucket/{key}"], use.Resources.Select(resource => resource.Arn));
        }
    }

    [Fact]
    public async Task Requests_at_the_same_time_are_one_use_too_and_one_of_them_is_the_one_on_the_trail()
    {
        string id = await _api.CreateKeyAsync();
        BucketKey[] made = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await CreateAsync(id))));
        Assert.Single(made, key => key.IsRecorded);
        Assert.Single(made.Select(key => Convert.ToBase64String(key.Wrapped)).Distinct());
        Assert.Single(_world.Trail.Named("GenerateDataKey"));
        Array.ForEach(made, key => key.Dispose());
    }

    [Fact]
    public async Task Another_principal_context_or_KMS_key_shares_nothing()
    {
        string id = await _api.CreateKeyAsync();
        string other = await _api.CreateKeyAsync();
        KeyUse use = NewUse();
        BucketKey[] made =
        [
            await _keys.CreateAsync(id, Context, use, default),
            await _keys.CreateAsync(id, Context, use with { Caller = World.Root with { Principal = Principal.Service(World.Account) } }, default),
            await _keys.CreateAsync(id, EncryptionContext.Empty.With("aws:s3:arn", "arn:aws:s3:::another"), NewUse(), default),
            await _keys.CreateAsync(id, Context.With("department", "a"), NewUse(), default),
            await _keys.CreateAsync(other, Context, NewUse(), default),
        ];
        Assert.Equal(made.Length, made.Select(key => Convert.ToBase64String(key.Wrapped)).Distinct().Count());
        Assert.Equal(made.Length, _world.Trail.Named("GenerateDataKey").Count);
        Array.ForEach(made, key => key.Dispose());
    }

    [Fact]
    public async Task After_its_time_the_next_request_uses_the_KMS_key_again()
    {
        string id = await _api.CreateKeyAsync();
        using BucketKey first = await CreateAsync(id);
        using BucketKey opened = await OpenAsync(first.Wrapped);
        _world.Time.Advance(Lifetime - TimeSpan.FromSeconds(1));
        (await CreateAsync(id)).Dispose();
        _world.Time.Advance(TimeSpan.FromSeconds(1));
        using BucketKey next = await CreateAsync(id);
        Assert.NotEqual(first.Wrapped, next.Wrapped);
        using BucketKey reopened = await OpenAsync(first.Wrapped);
        Assert.Equal((2, 2), (_world.Trail.Named("GenerateDataKey").Count, _world.Trail.Named("Decrypt").Count));
    }

    [Fact]
    public async Task A_key_in_memory_is_zeroed_after_its_time_and_never_under_the_hands_of_a_request()
    {
        string id = await _api.CreateKeyAsync();
        BucketKey held = await CreateAsync(id);
        BucketKey done = await CreateAsync(id);
        done.Dispose();
        byte[] before = held.Plaintext.Bytes.ToArray();
        _world.Time.Advance(Lifetime);
        Assert.Equal(before, held.Plaintext.Bytes);
        held.Dispose();
        Assert.Throws<ObjectDisposedException>(() => held.Plaintext.Bytes.Length);

        BucketKey idle = await CreateAsync(id);
        idle.Dispose();
        Assert.NotEqual(0, idle.Plaintext.Bytes.Length);
        _world.Time.Advance(Lifetime);
        Assert.Throws<ObjectDisposedException>(() => idle.Plaintext.Bytes.Length);
    }

    [Fact]
    public async Task Without_a_lifetime_every_request_uses_the_KMS_key()
    {
        string id = await _api.CreateKeyAsync();
        IBucketKeys unshared = _world.NewInstance(("BucketKeys:LifetimeSeconds", "0")).GetRequiredService<IBucketKeys>();
        for (int i = 0; i < 3; i++)
        {
            using BucketKey made = await unshared.CreateAsync(id, Context, NewUse(), default);
            using BucketKey opened = await unshared.OpenAsync(made.Wrapped, Context, NewUse(), default);
            Assert.True(made.IsRecorded && opened.IsRecorded);
        }

        Assert.Equal((3, 3), (_world.Trail.Named("GenerateDataKey").Count, _world.Trail.Named("Decrypt").Count));
    }

    [Fact]
    public async Task A_disabled_key_is_refused_at_once_here_and_within_five_seconds_elsewhere_however_warm_the_bucket_key_is()
    {
        string id = await _api.CreateKeyAsync();
        IBucketKeys other = _world.NewInstance().GetRequiredService<IBucketKeys>();
        using BucketKey made = await CreateAsync(id);
        (await OpenAsync(made.Wrapped)).Dispose();
        using BucketKey elsewhere = await other.CreateAsync(id, Context, NewUse(), default);
        (await other.OpenAsync(made.Wrapped, Context, NewUse(), default)).Dispose();

        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        await ExpectDisabledAsync(_keys);
        (await other.OpenAsync(made.Wrapped, Context, NewUse(), default)).Dispose();
        _world.Time.Advance(TimeSpan.FromSeconds(5));
        await ExpectDisabledAsync(other);

        await _api.AnswerAsync("EnableKey", new() { ["KeyId"] = id });
        using BucketKey again = await OpenAsync(made.Wrapped);
        Assert.False(again.IsRecorded);

        async Task ExpectDisabledAsync(IBucketKeys keys)
        {
            foreach (Func<ValueTask<BucketKey>> use in new[] { () => keys.CreateAsync(id, Context, NewUse(), default), () => keys.OpenAsync(made.Wrapped, Context, NewUse(), default) })
            {
                KmsError error = (await Assert.ThrowsAsync<KmsException>(async () => await use())).Error;
                Assert.Equal("DisabledException", error.Code);
                Assert.Equal("DisabledException", _world.Trail.Last.ErrorCode);
            }
        }
    }

    [Fact]
    public async Task A_new_version_of_the_KMS_key_is_used_from_the_next_request_on()
    {
        string id = await _api.CreateKeyAsync();
        using BucketKey before = await CreateAsync(id);
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        using BucketKey after = await CreateAsync(id);
        Assert.Equal((1u, 2u), (VersionOf(before.Wrapped), VersionOf(after.Wrapped)));
        using BucketKey opened = await OpenAsync(before.Wrapped);
        Assert.Equal(before.Plaintext.Bytes, opened.Plaintext.Bytes);
    }

    [Fact]
    public async Task A_bucket_key_of_another_context_or_a_damaged_one_does_not_open()
    {
        using BucketKey made = await CreateAsync(await _api.CreateKeyAsync());
        (await OpenAsync(made.Wrapped)).Dispose();
        byte[] damaged = [.. made.Wrapped];
        damaged[^1] ^= 1;
        EncryptionContext another = EncryptionContext.Empty.With("aws:s3:arn", "arn:aws:s3:::another");
        foreach (Func<ValueTask<BucketKey>> open in new[] { () => OpenAsync(damaged), () => OpenAsync([]), () => _keys.OpenAsync(made.Wrapped, another, NewUse(), default) })
        {
            Assert.Equal("InvalidCiphertextException", (await Assert.ThrowsAsync<KmsException>(async () => await open())).Error.Code);
        }
    }

    [Fact]
    public async Task No_audit_no_bucket_key()
    {
        string id = await _api.CreateKeyAsync();
        _world.Trail.IsUnavailable = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await CreateAsync(id));
        _world.Trail.IsUnavailable = false;
        using BucketKey made = await CreateAsync(id);
        Assert.True(made.IsRecorded);
    }

    [Fact]
    public async Task The_managed_key_has_bucket_keys_from_its_first_use_on()
    {
        using BucketKey first = await CreateAsync(null);
        using BucketKey next = await CreateAsync(null);
        Assert.Equal(first.Wrapped, next.Wrapped);
        Assert.Single(_world.Trail.Named("GenerateDataKey"));
    }

    [Fact]
    public async Task A_bucket_key_is_wrapped_anew_once_for_all_objects_that_it_is_stored_with()
    {
        string id = await _api.CreateKeyAsync();
        using BucketKey made = await CreateAsync(id);
        Assert.Null(await _keys.RewrapAsync(made.Wrapped, Context, World.Region, default));
        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        byte[]? rewrapped = await _keys.RewrapAsync(made.Wrapped, Context, World.Region, default);
        Assert.Equal(2u, VersionOf(rewrapped!));
        Assert.Equal(rewrapped, await _keys.RewrapAsync(made.Wrapped, Context, World.Region, default));
        AuditEvent use = Assert.Single(_world.Trail.Named("ReEncrypt"));
        Assert.Equal(("AwsServiceEvent", null), (use.EventType, use.ErrorCode));
        using BucketKey opened = await OpenAsync(rewrapped!);
        Assert.Equal(made.Plaintext.Bytes, opened.Plaintext.Bytes);

        await _api.AnswerAsync("RotateKeyOnDemand", new() { ["KeyId"] = id });
        Assert.Equal(3u, VersionOf((await _keys.RewrapAsync(made.Wrapped, Context, World.Region, default))!));
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = id });
        await Assert.ThrowsAsync<KmsException>(async () => await _keys.RewrapAsync(made.Wrapped, Context, World.Region, default));
        Assert.Equal("DisabledException", _world.Trail.Last.ErrorCode);
    }

    public void Dispose() => _world.Dispose();

    private static uint VersionOf(byte[] wrapped)
    {
        Assert.True(KeyWrap.TryReadHeader(wrapped, out WrapHeader header));
        return header.KeyVersion;
    }

    private int _requests;

    private KeyUse NewUse() => new(World.Root, World.Region, "s3", $"arn:aws:s3:::bucket/key-{Interlocked.Increment(ref _requests)}", BucketKey: true);

    private ValueTask<BucketKey> CreateAsync(string? keyId) => _keys.CreateAsync(keyId, Context, NewUse(), default);

    private ValueTask<BucketKey> OpenAsync(byte[] wrapped) => _keys.OpenAsync(wrapped, Context, NewUse(), default);
}
