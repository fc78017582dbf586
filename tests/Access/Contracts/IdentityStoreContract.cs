using CsCheck;

namespace Serverless.Access.Tests;

/// <summary>What every store of users must do. A subclass gives an empty store, of account 111111111111, to each test.</summary>
public abstract class IdentityStoreContract
{
    protected const string Account = "111111111111";

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DateTimeOffset Now = new(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);

    protected abstract Task<IIdentityStore> NewStoreAsync();

    [Fact]
    public async Task A_new_store_is_empty()
    {
        var store = await NewStoreAsync();
        Assert.Null(await store.FindUserAsync("alice", None));
        Assert.Null(await store.FindOwnerAsync("AKIAAAAAAAAAAAAAAAAA", None));
        Assert.Empty(await store.ListUsersAsync(null, 10, None));
    }

    [Fact]
    public async Task A_user_is_kept_as_it_was_made()
    {
        var store = await NewStoreAsync();
        var made = NewUser("Ann.+=,@_-1") with
        {
            Path = "/division_abc/!\"#$%&'()*?[\\]^`{|}~/",
            Tags = [.. Enumerable.Range(0, 49).Select(i => new UserTag($"{i:00}".PadRight(128, '語'), "".PadRight(256, '\u3000'))), new("empty", "")],
            Policies = [new("one", "{\"a\":\"é\r\n\t\u0085\"}"), new("two", new string(' ', 14_000)), new("three", new string('\u00A0', 2048))],
        };
        Assert.True(await store.TryCreateAsync(made, None));

        var read = (await store.FindUserAsync(made.Name, None))!;
        Assert.Equal(made.Tags, read.Tags);
        Assert.Equal(made.Policies, read.Policies);
        Assert.NotEqual("", read.ETag);
        Assert.Equal(made, read with { Tags = made.Tags, Policies = made.Policies, AccessKeys = made.AccessKeys, ETag = made.ETag });
        Assert.Equal($"arn:aws:iam::{Account}:user{made.Path}{made.Name}", read.Arn);
    }

    [Fact]
    public async Task Names_are_found_in_any_case_and_taken_once()
    {
        var store = await NewStoreAsync();
        Assert.True(await store.TryCreateAsync(NewUser("Alice"), None));
        Assert.False(await store.TryCreateAsync(NewUser("ALICE"), None));
        Assert.Equal("Alice", (await store.FindUserAsync("aLICE", None))!.Name);
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.TryCreateAsync(NewUser("bob"), None).AsTask()));
        Assert.Single(made, won => won);
    }

    [Fact]
    public async Task Every_name_that_IAM_allows_is_a_name()
    {
        var store = await NewStoreAsync();
        var names = Gen.Char["ABXYZabxyz0189_+=,.@-"].Array[1, 64].Select(characters => new string(characters));
        foreach (var name in names.Array[40].Single().Concat([",", "+", "=", ".", "..", "@", "-", "a+b", "a,b", ",a"]).DistinctBy(name => name.ToLowerInvariant()))
        {
            Assert.True(await store.TryCreateAsync(NewUser(name), None), name);
            Assert.Equal(name, (await store.FindUserAsync(name, None))?.Name);
            Assert.Contains(await store.ListUsersAsync(null, 1000, None), user => user.Name == name);
        }
    }

    [Fact]
    public async Task A_user_is_changed_only_as_it_was_seen()
    {
        var store = await NewStoreAsync();
        await store.TryCreateAsync(NewUser("alice"), None);
        var seen = (await store.FindUserAsync("alice", None))!;

        Assert.True(await store.TryChangeAsync(seen, seen with { Path = "/new/" }, None));
        Assert.False(await store.TryChangeAsync(seen, seen with { Path = "/other/" }, None));
        Assert.False(await store.TryChangeAsync(seen, With(seen, Key(1)), None));
        Assert.False(await store.TryDeleteAsync(seen, None));
        Assert.Null(await store.FindOwnerAsync(Key(1).Id, None));
        var now = (await store.FindUserAsync("alice", None))!;
        Assert.Equal("/new/", now.Path);
        Assert.True(await store.TryDeleteAsync(now, None));
        Assert.Null(await store.FindUserAsync("alice", None));
        Assert.False(await store.TryDeleteAsync(now, None));
        Assert.False(await store.TryChangeAsync(now, now with { Path = "/" }, None));
        Assert.Null(await store.FindUserAsync("alice", None));
    }

    [Fact]
    public async Task Access_keys_come_and_go_with_their_user()
    {
        var store = await NewStoreAsync();
        var user = await NewUserWithKeysAsync(store, "Alice", Key(1), Key(2));
        Assert.Equal(new AccessKeyOwner(Key(1).Id, "alice", null, ""), (await store.FindOwnerAsync(Key(1).Id, None))! with { ETag = "" });
        Assert.Equal([Key(1).WrappedSecret, Key(2).WrappedSecret], user.AccessKeys.Select(key => key.WrappedSecret));
        Assert.Equal([(Key(1).Id, true, Now), (Key(2).Id, true, Now)], user.AccessKeys.Select(key => (key.Id, key.IsActive, key.CreatedAt)));

        Assert.True(await store.TryChangeAsync(user, With(user, Key(2) with { IsActive = false }, Key(3)), None));
        user = (await store.FindUserAsync("alice", None))!;
        Assert.Equal([(Key(2).Id, false), (Key(3).Id, true)], user.AccessKeys.Select(key => (key.Id, key.IsActive)));
        Assert.Null(await store.FindOwnerAsync(Key(1).Id, None));
        Assert.NotNull(await store.FindOwnerAsync(Key(3).Id, None));

        Assert.True(await store.TryDeleteAsync(user, None));
        Assert.Null(await store.FindOwnerAsync(Key(2).Id, None));
        Assert.Null(await store.FindOwnerAsync(Key(3).Id, None));
    }

    [Fact]
    public async Task An_access_key_is_of_one_user()
    {
        var store = await NewStoreAsync();
        await NewUserWithKeysAsync(store, "alice", Key(1));
        await store.TryCreateAsync(NewUser("bob"), None);
        var bob = (await store.FindUserAsync("bob", None))!;
        Assert.False(await store.TryChangeAsync(bob, With(bob, Key(1)), None));
        Assert.Equal("alice", (await store.FindOwnerAsync(Key(1).Id, None))!.UserName);
        Assert.Empty((await store.FindUserAsync("bob", None))!.AccessKeys);
    }

    [Fact]
    public async Task A_user_takes_its_keys_and_their_uses_along_to_a_new_name()
    {
        var store = await NewStoreAsync();
        var user = await NewUserWithKeysAsync(store, "alice", Key(1), Key(2));
        var use = new AccessKeyUse(Now, "s3", "eu-west-1");
        Assert.True(await store.TryNoteUseAsync((await store.FindOwnerAsync(Key(1).Id, None))!, use, None));

        Assert.True(await store.TryChangeAsync(user, With(user, Key(1), Key(3)) with { Name = "Zoe", Path = "/z/" }, None));
        Assert.Null(await store.FindUserAsync("alice", None));
        Assert.Equal((user.Id, "/z/", "Zoe"), ((await store.FindUserAsync("zoe", None))!.Id, (await store.FindUserAsync("zoe", None))!.Path, (await store.FindUserAsync("zoe", None))!.Name));
        Assert.Equal(("zoe", use), ((await store.FindOwnerAsync(Key(1).Id, None))!.UserName, (await store.FindOwnerAsync(Key(1).Id, None))!.LastUse));
        Assert.Equal("zoe", (await store.FindOwnerAsync(Key(3).Id, None))!.UserName);
        Assert.Null(await store.FindOwnerAsync(Key(2).Id, None));
        Assert.True(await store.TryCreateAsync(NewUser("alice"), None));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_not_taken_again()
    {
        var store = await NewStoreAsync();
        var alice = await NewUserWithKeysAsync(store, "alice", Key(1));
        await store.TryCreateAsync(NewUser("Bob"), None);
        Assert.False(await store.TryChangeAsync(alice, alice with { Name = "BOB" }, None));
        Assert.Equal("Bob", (await store.FindUserAsync("bob", None))!.Name);
        Assert.Equal("alice", (await store.FindOwnerAsync(Key(1).Id, None))!.UserName);
        Assert.True(await store.TryChangeAsync(alice, alice with { Name = "ALICE" }, None));
        Assert.Equal("ALICE", (await store.FindUserAsync("alice", None))!.Name);
        Assert.Equal("alice", (await store.FindOwnerAsync(Key(1).Id, None))!.UserName);
    }

    [Fact]
    public async Task A_use_is_noted_only_on_the_key_as_it_was_seen()
    {
        var store = await NewStoreAsync();
        var user = await NewUserWithKeysAsync(store, "alice", Key(1));
        var seen = (await store.FindOwnerAsync(Key(1).Id, None))!;
        Assert.True(await store.TryNoteUseAsync(seen, new(Now, "s3", "eu-west-1"), None));
        Assert.False(await store.TryNoteUseAsync(seen, new(Now.AddDays(1), "iam", "us-east-1"), None));
        Assert.Equal(new(Now, "s3", "eu-west-1"), (await store.FindOwnerAsync(Key(1).Id, None))!.LastUse);

        seen = (await store.FindOwnerAsync(Key(1).Id, None))!;
        Assert.True(await store.TryChangeAsync(user, With(user), None));
        Assert.False(await store.TryNoteUseAsync(seen, new(Now, "s3", "eu-west-1"), None));
        Assert.Null(await store.FindOwnerAsync(Key(1).Id, None));
    }

    [Fact]
    public async Task Noting_a_use_does_not_get_in_the_way_of_a_change()
    {
        var store = await NewStoreAsync();
        var user = await NewUserWithKeysAsync(store, "alice", Key(1));
        Assert.True(await store.TryNoteUseAsync((await store.FindOwnerAsync(Key(1).Id, None))!, new(Now, "s3", "eu-west-1"), None));
        Assert.True(await store.TryChangeAsync(user, user with { Name = "zoe" }, None));
        Assert.Equal(Now, (await store.FindOwnerAsync(Key(1).Id, None))!.LastUse!.At);
    }

    [Fact]
    public async Task Users_are_listed_in_pages_in_the_order_of_their_names()
    {
        var store = await NewStoreAsync();
        string[] names = ["+", ",", "-", ".", "0", "=", "@", "Anna", "bob", "Bob_", "Zoe"];
        foreach (var name in names) await NewUserWithKeysAsync(store, name);
        await NewUserWithKeysAsync(store, "with-keys", Key(1));

        for (var limit = 1; limit < 5; limit++)
        {
            var paged = new List<string>();
            for (var page = await store.ListUsersAsync(null, limit, None); page.Count > 0; page = await store.ListUsersAsync(paged[^1], limit, None))
            {
                Assert.InRange(page.Count, 1, limit);
                paged.AddRange(page.Select(user => user.Name));
            }
            Assert.Equal([.. names.Append("with-keys").OrderBy(name => name.ToLowerInvariant(), StringComparer.Ordinal)], paged);
        }
    }

    private static AccessKey Key(byte number) => new($"AKIA{new string((char)('A' + number), 16)}", [1, 2, number], IsActive: true, Now);

    private static User NewUser(string name) => new() { AccountId = Account, Name = name, Id = UniqueIdOf(), CreatedAt = Now };

    private static string UniqueIdOf() => "AIDA" + Guid.NewGuid().ToString("N")[..17].ToUpperInvariant();

    private static User With(User user, params AccessKey[] keys) => user with { AccessKeys = keys };

    private static async Task<User> NewUserWithKeysAsync(IIdentityStore store, string name, params AccessKey[] keys)
    {
        Assert.True(await store.TryCreateAsync(NewUser(name), None));
        var user = (await store.FindUserAsync(name, None))!;
        if (keys.Length == 0) return user;
        Assert.True(await store.TryChangeAsync(user, With(user, keys), None));
        return (await store.FindUserAsync(name, None))!;
    }
}
