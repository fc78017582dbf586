using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Access.Tests;

/// <summary>What the service believes of a key, for how long, and at what cost.</summary>
public sealed class UserCredentialsTests : IAsyncDisposable
{
    private const string AllowAll = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""";

    private readonly AccessWorld world = new();
    private readonly QueryClient root;

    public UserCredentialsTests() => root = world.NewClient();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task A_warm_request_asks_neither_the_store_nor_the_root_key()
    {
        var bob = await root.NewUserAsync("bob", AllowAll);
        await bob.AuthenticateAsync();
        await SettledAsync();
        var (calls, unwraps) = (world.Store.Calls.Count, world.Wrapping.Unwraps);
        for (var i = 0; i < 10; i++) await (bob with { Region = $"region-{i}" }).AuthenticateAsync();
        Assert.Equal((calls, unwraps), (world.Store.Calls.Count, world.Wrapping.Unwraps));

        // Later it asks the store in two reads; the secret, which never changes, is known.
        world.Time.Advance(TimeSpan.FromSeconds(5));
        await bob.AuthenticateAsync();
        Assert.Equal((calls + 2, unwraps), (world.Store.Calls.Count, world.Wrapping.Unwraps));
    }

    [Fact]
    public async Task Roots_requests_never_ask_the_store()
    {
        world.Store.Before = _ => throw new IOException("down");
        Assert.Equal(AccessWorld.RootArn, await root.SignsAsAsync());
    }

    [Fact]
    public async Task A_change_takes_effect_at_once_where_it_is_made_and_within_five_seconds_elsewhere()
    {
        var bob = await root.NewUserAsync("bob", AllowAll);
        var elsewhere = bob with { Instance = world.NewInstance() };
        foreach (var (change, effect) in new (Func<Task>, Func<QueryClient, Task<bool>>)[]
        {
            (() => root.AnswerAsync("UpdateAccessKey", ("UserName", "bob"), ("AccessKeyId", bob.AccessKeyId), ("Status", "Inactive")), async client => await client.SignsAsAsync() is null),
            (() => root.AnswerAsync("UpdateAccessKey", ("UserName", "bob"), ("AccessKeyId", bob.AccessKeyId), ("Status", "Active")), async client => await client.SignsAsAsync() is not null),
            (() => root.AnswerAsync("UpdateUser", ("UserName", "bob"), ("NewPath", "/p/")), async client => await client.SignsAsAsync() == "arn:aws:iam::123456789012:user/p/bob"),
            (() => root.AnswerAsync("DeleteUserPolicy", ("UserName", "bob"), ("PolicyName", "policy-0")), async client => (await client.AuthenticateAsync()).Caller.Policies.Count == 0),
            (() => root.AnswerAsync("TagUser", ("UserName", "bob"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")), async client => (await client.AuthenticateAsync()).Caller.Principal.Tags.ContainsKey("K")),
            (() => root.AnswerAsync("DeleteAccessKey", ("UserName", "bob"), ("AccessKeyId", bob.AccessKeyId)), async client => await client.SignsAsAsync() is null),
        })
        {
            Assert.False(await effect(bob));
            Assert.False(await effect(elsewhere));
            await change();
            Assert.True(await effect(bob));
            world.Time.Advance(TimeSpan.FromSeconds(4.9));
            Assert.False(await effect(elsewhere));
            world.Time.Advance(TimeSpan.FromSeconds(0.1));
            Assert.True(await effect(elsewhere));
        }
    }

    [Fact]
    public async Task A_key_that_another_instance_has_just_made_works_here()
    {
        var elsewhere = world.NewClient();
        Assert.NotNull(await (await root.NewUserAsync("bob") with { Instance = elsewhere.Instance }).SignsAsAsync());
    }

    [Fact]
    public async Task Ids_that_are_no_keys_cost_at_most_one_read_in_five_seconds()
    {
        foreach (var (id, reads) in new[] { ("AKIAAAAAAAAAAAAAAAAA", 1), ("AKIAAAAAAAAAAAAAAAA1", 0), ("ASIAAAAAAAAAAAAAAAAA", 0), ("AKIA", 0), ("akiaaaaaaaaaaaaaaaaa", 0), ("AKIAAAAAAAAAAAAAAAAAA", 0) })
        {
            var before = world.Store.Calls.Count;
            for (var i = 0; i < 10; i++) Assert.Null(await (root with { AccessKeyId = id }).SignsAsAsync());
            Assert.Equal(before + reads, world.Store.Calls.Count);
        }
    }

    [Fact]
    public async Task A_key_id_of_a_stranger_with_a_wrong_secret_is_refused()
    {
        var bob = await root.NewUserAsync("bob");
        await bob.AuthenticateAsync();
        var refused = await Assert.ThrowsAsync<AccessException>(() => (bob with { Secret = root.Secret }).AuthenticateAsync());
        Assert.Equal("SignatureDoesNotMatch", refused.Error.Code);
        await SettledAsync();
        var calls = world.Store.Calls.Count;
        await Assert.ThrowsAsync<AccessException>(() => (bob with { Secret = root.Secret, Service = "sts" }).AuthenticateAsync());
        Assert.Equal(calls, world.Store.Calls.Count);
    }

    [Fact]
    public async Task A_secret_that_was_moved_to_another_key_or_user_does_not_open()
    {
        await root.NewUserAsync("bob");
        var eve = await root.NewUserAsync("eve");
        var (stolen, user) = ((await world.Store.FindUserAsync("bob", default))!.AccessKeys[0], (await world.Store.FindUserAsync("eve", default))!);
        Assert.True(await world.Store.TryChangeAsync(user, user with { AccessKeys = [user.AccessKeys[0] with { WrappedSecret = stolen.WrappedSecret }] }, default));
        Assert.Null(await (eve with { Instance = world.NewInstance() }).SignsAsAsync());

        // Nor is eve bob because its key, id and all, has become eve's.
        await world.Store.TryDeleteAsync((await world.Store.FindUserAsync("bob", default))!, default);
        user = (await world.Store.FindUserAsync("eve", default))!;
        Assert.True(await world.Store.TryChangeAsync(user, user with { AccessKeys = [stolen] }, default));
        Assert.Null(await (eve with { AccessKeyId = stolen.Id, Instance = world.NewInstance() }).SignsAsAsync());
    }

    [Fact]
    public async Task A_policy_that_cannot_be_read_any_more_denies_its_user_everything()
    {
        var bob = await root.NewUserAsync("bob", AllowAll);
        var user = (await world.Store.FindUserAsync("bob", default))!;
        await world.Store.TryChangeAsync(user, user with { Policies = [.. user.Policies, new("broken", """{"Version":"2031-01-01"}""")] }, default);
        bob = bob with { Instance = world.NewInstance() };
        Assert.EndsWith("with an explicit deny in an identity-based policy", (await bob.CallAsync("ListUsers")).ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(200, (await (bob with { Service = "sts" }).CallAsync("GetCallerIdentity")).Status);
    }

    [Fact]
    public async Task A_user_that_is_renamed_between_the_two_reads_is_found_under_its_new_name()
    {
        var bob = await root.NewUserAsync("bob") with { Instance = world.NewInstance() };
        world.Store.Before = async call =>
        {
            if (call != nameof(IIdentityStore.FindUserAsync)) return;
            world.Store.Before = _ => Task.CompletedTask;
            var user = (await world.Store.FindUserAsync("bob", default))!;
            await world.Store.TryChangeAsync(user, user with { Name = "zoe" }, default);
        };
        Assert.Equal("arn:aws:iam::123456789012:user/zoe", await bob.SignsAsAsync());
    }

    [Fact]
    public async Task A_key_without_its_user_signs_nothing()
    {
        var bob = await root.NewUserAsync("bob") with { Instance = world.NewInstance() };
        var user = (await world.Store.FindUserAsync("bob", default))!;
        // As no store should have it: the key's row is there, the user's is not, or has another key.
        await world.Store.TryChangeAsync(user with { AccessKeys = [] }, user with { AccessKeys = [] }, default);
        Assert.NotNull(await world.Store.FindOwnerAsync(bob.AccessKeyId, default));
        Assert.Null(await bob.SignsAsAsync());
        await world.Store.TryDeleteAsync((await world.Store.FindUserAsync("bob", default))!, default);
        Assert.Null(await (bob with { Instance = world.NewInstance() }).SignsAsAsync());
    }

    [Fact]
    public async Task A_store_that_fails_refuses_nobody_for_longer_than_it_fails()
    {
        var bob = await root.NewUserAsync("bob") with { Instance = world.NewInstance() };
        world.Store.Before = _ => throw new IOException("down");
        await Assert.ThrowsAsync<IOException>(() => bob.AuthenticateAsync());
        world.Store.Before = _ => Task.CompletedTask;
        Assert.NotNull(await bob.SignsAsAsync());
    }

    [Fact]
    public async Task A_use_that_cannot_be_noted_disturbs_no_request_and_is_noted_later()
    {
        var bob = await root.NewUserAsync("bob");
        world.Store.Before = call => call == nameof(IIdentityStore.TryNoteUseAsync) ? throw new IOException("down") : Task.CompletedTask;
        await bob.AuthenticateAsync();
        await SettledAsync();
        Assert.Null((await world.Store.FindOwnerAsync(bob.AccessKeyId, default))!.LastUse);
        world.Store.Before = _ => Task.CompletedTask;
        world.Time.Advance(TimeSpan.FromSeconds(5));
        await bob.AuthenticateAsync();
        await SettledAsync();
        Assert.Equal(world.Time.GetUtcNow(), (await world.Store.FindOwnerAsync(bob.AccessKeyId, default))!.LastUse!.At);
    }

    [Fact]
    public async Task Several_instances_note_one_use_in_five_minutes()
    {
        var bob = await root.NewUserAsync("bob");
        await bob.AuthenticateAsync();
        await SettledAsync();
        for (var i = 0; i < 3; i++) await (bob with { Instance = world.NewInstance() }).AuthenticateAsync();
        await SettledAsync();
        Assert.Equal(1, world.Store.Calls.Count(call => call == nameof(IIdentityStore.TryNoteUseAsync)));
    }

    [Fact]
    public async Task A_stop_waits_for_uses_that_are_being_noted()
    {
        var bob = await root.NewUserAsync("bob") with { Instance = world.NewInstance() };
        var slow = new TaskCompletionSource();
        world.Store.Before = call => call == nameof(IIdentityStore.TryNoteUseAsync) ? slow.Task : Task.CompletedTask;
        await bob.AuthenticateAsync();
        var stop = ((IAsyncDisposable)bob.Instance).DisposeAsync().AsTask();
        Assert.False(stop.IsCompleted);
        slow.SetResult();
        await stop;
        Assert.NotNull((await world.Store.FindOwnerAsync(bob.AccessKeyId, default))!.LastUse);
    }

    [Fact]
    public async Task A_request_whose_credentials_are_dropped_meanwhile_is_verified_all_the_same()
    {
        var bob = await root.NewUserAsync("bob");
        var credentials = bob.Instance.GetRequiredService<ICredentials>();
        using var held = (await credentials.FindAsync(bob.AccessKeyId, default))!;
        // An hour later the secret is unwrapped anew and the old one given up, but not under this request's hands.
        world.Time.Advance(TimeSpan.FromHours(1));
        using var fresh = (await credentials.FindAsync(bob.AccessKeyId, default))!;
        var scope = new CredentialScope($"{bob.AccessKeyId}/20260305/us-east-1/s3/aws4_request", bob.AccessKeyId, "20260305", "us-east-1", "s3");
        byte[] one = new byte[SigV4.KeySize], other = new byte[SigV4.KeySize];
        held.DeriveKey(scope, one);
        fresh.DeriveKey(scope, other);
        Assert.Equal(other, one);
        held.Dispose();
        Assert.Throws<ObjectDisposedException>(() => held.DeriveKey(scope, one));
        fresh.DeriveKey(scope, other);
    }

    /// <summary>Waits until what was begun behind the requests' backs is done.</summary>
    private async Task SettledAsync()
    {
        var uses = root.Instance.GetRequiredService<AccessKeyUses>();
        await uses.DisposeAsync();
    }
}
