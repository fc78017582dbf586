using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

public sealed class RootKeyRewrapTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly FakeVault _vault = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryMasterKeyStore _masterKeys = new();
    private readonly InMemoryKmsKeyStore _kmsKeys = new();
    private readonly Users _users = new();
    private readonly InMemoryDigestKeyStore _digestKeys = new();

    public void Dispose() => _vault.Dispose();

    [Fact]
    public async Task All_that_is_under_the_root_key_comes_under_its_newest_version_and_the_old_one_can_go()
    {
        await FillAsync(NewRoot());
        string old = _vault.NewestVersion;
        _vault.Rotate();

        // The check value, the key of audit digests, two master key versions, two versions of a KMS key (a third has no material), and two access keys each of two users.
        Assert.Equal(new RootKeyRewrapResult(10, 10, 0), await NewRewrap(NewRoot()).RunAsync(None));
        _vault.Disabled.Add(old);
        await AssertAllOpenAsync(NewRoot());
        Assert.Equal(new RootKeyRewrapResult(10, 0, 0), await NewRewrap(NewRoot()).RunAsync(None));
    }

    [Fact]
    public async Task A_master_key_version_whose_material_is_destroyed_is_passed_over()
    {
        await FillAsync(NewRoot());
        MasterKeyVersion first = (await _masterKeys.ReadVersionAsync(1, None))!;
        Assert.True(await _masterKeys.TryChangeVersionAsync(first with { Wrapped = [], RetiredAt = _time.GetUtcNow() }, None));
        _vault.Rotate();
        Assert.Equal(new RootKeyRewrapResult(9, 9, 0), await NewRewrap(NewRoot()).RunAsync(None));
        Assert.Empty((await _masterKeys.ReadVersionAsync(1, None))!.Wrapped);
    }

    [Fact]
    public async Task A_run_that_was_cut_short_is_gone_on_with()
    {
        await FillAsync(NewRoot());
        _vault.Rotate();
        int calls = 0;
        _kmsKeys.Before = call => call == nameof(IKmsKeyStore.TryRewrapVersionAsync) && ++calls == 2 ? throw new IOException("Cut short.") : Task.CompletedTask;
        await Assert.ThrowsAsync<IOException>(() => NewRewrap(NewRoot()).RunAsync(None));

        _kmsKeys.Before = _ => Task.CompletedTask;
        Assert.Equal(new RootKeyRewrapResult(10, 5, 0), await NewRewrap(NewRoot()).RunAsync(None));
        await AssertAllOpenAsync(NewRoot());
    }

    [Fact]
    public async Task Material_that_is_imported_anew_meanwhile_is_kept()
    {
        KeyVaultRootKey root = NewRoot();
        await FillAsync(root);
        _vault.Rotate();
        KmsKeyVersion seen = (await _kmsKeys.ReadVersionAsync("eu-central-1", "key", 1, None))!;
        using SecretKey imported = SecretKey.Generate();
        byte[] wrapped = await root.WrapAsync(imported, KmsBackingKeys.ContextOf("eu-central-1", "key", 1), None);
        bool raced = false;
        _kmsKeys.Before = async call =>
        {
            if (call == nameof(IKmsKeyStore.TryRewrapVersionAsync) && !raced)
            {
                raced = true;
                Assert.True(await _kmsKeys.TryRewrapVersionAsync(seen, wrapped, None));
            }
        };
        RootKeyRewrapResult result = await NewRewrap(NewRoot()).RunAsync(None);

        Assert.True(raced);
        Assert.Equal(9, result.Rewrapped);
        Assert.Equal(wrapped, (await _kmsKeys.ReadVersionAsync("eu-central-1", "key", 1, None))!.Wrapped);
    }

    [Fact]
    public async Task What_does_not_open_is_counted_and_left_as_it_is()
    {
        await FillAsync(NewRoot());
        MasterKeyVersion second = (await _masterKeys.ReadVersionAsync(2, None))!;
        Assert.True(await _masterKeys.TryRewrapVersionAsync(second, [1, 2, 3], None));
        _vault.Rotate();

        Assert.Equal(new RootKeyRewrapResult(10, 9, 1), await NewRewrap(NewRoot()).RunAsync(None));
        Assert.Equal([1, 2, 3], (await _masterKeys.ReadVersionAsync(2, None))!.Wrapped);
    }

    [Fact]
    public async Task A_root_key_that_cannot_be_used_stops_the_run()
    {
        await FillAsync(NewRoot());
        _vault.Disabled.Add(_vault.NewestVersion);
        await Assert.ThrowsAsync<RootKeyUnavailableException>(() => NewRewrap(NewRoot()).RunAsync(None));
    }

    private KeyVaultRootKey NewRoot() => new(_vault.Open(), _time);

    private RootKeyRewrap NewRewrap(IRootKey root) => new(_masterKeys, _kmsKeys, _users, _digestKeys, root, NullLogger<RootKeyRewrap>.Instance);

    private async Task FillAsync(KeyVaultRootKey root)
    {
        using SecretKey key = SecretKey.Generate();
        await _masterKeys.TryCreateRootKeyCheckAsync(await root.WrapAsync(key, RootKeyCheck.Context, None), None);
        await _digestKeys.TryCreateAsync(await root.WrapAsync(key, RootDigestKeys.Context, None), None);
        for (uint version = 1; version <= 2; version++)
        {
            await _masterKeys.TryCreateVersionAsync(new(version, Guid.NewGuid(), await root.WrapAsync(key, MasterKeySuccession.ContextOf(version), None), _time.GetUtcNow()), None);
            byte[] wrapped = await root.WrapAsync(key, KmsBackingKeys.ContextOf("eu-central-1", "key", version), None);
            await _kmsKeys.TryCreateVersionAsync(new("eu-central-1", "key", version, "material", wrapped, _time.GetUtcNow()), None);
        }

        await _kmsKeys.TryCreateVersionAsync(new("eu-central-1", "key", 3, "material", [], _time.GetUtcNow()), None);
        foreach (string name in (string[])["anna", "bert"])
        {
            List<AccessKey> keys = [];
            foreach (string id in (string[])[$"AKIA1{name}", $"AKIA2{name}"])
            {
                keys.Add(new(id, await root.WrapAsync(key, RootSecretWrapping.ContextOf(id, $"AIDA{name}"), None), IsActive: true, _time.GetUtcNow()));
            }

            _users.All[name] = new() { AccountId = "111111111111", Name = name, Id = $"AIDA{name}", CreatedAt = _time.GetUtcNow(), AccessKeys = keys, ETag = "0" };
        }
    }

    private async Task AssertAllOpenAsync(KeyVaultRootKey root)
    {
        List<(byte[] Wrapped, EncryptionContext Context)> all = [((await _masterKeys.ReadRootKeyCheckAsync(None))!, RootKeyCheck.Context), ((await _digestKeys.ReadAsync(None))!, RootDigestKeys.Context)];
        for (uint version = 1; version <= 2; version++)
        {
            all.Add(((await _masterKeys.ReadVersionAsync(version, None))!.Wrapped, MasterKeySuccession.ContextOf(version)));
            all.Add(((await _kmsKeys.ReadVersionAsync("eu-central-1", "key", version, None))!.Wrapped, KmsBackingKeys.ContextOf("eu-central-1", "key", version)));
        }

        all.AddRange(_users.All.Values.SelectMany(user => user.AccessKeys.Select(key => (key.WrappedSecret, RootSecretWrapping.ContextOf(key.Id, user.Id)))));
        Assert.Equal(10, all.Count);
        foreach ((byte[] wrapped, EncryptionContext context) in all)
        {
            using SecretKey? opened = await root.UnwrapAsync(wrapped, context, None);
            Assert.NotNull(opened);
        }
    }

    /// <summary>Users in memory: what a re-wrap needs of them.</summary>
    private sealed class Users : IIdentityStore
    {
        public SortedDictionary<string, User> All { get; } = new(StringComparer.Ordinal);

        public ValueTask<User?> FindUserAsync(string name, CancellationToken cancellationToken) => new(All.GetValueOrDefault(name));

        public ValueTask<IReadOnlyList<User>> ListUsersAsync(string? after, int limit, CancellationToken cancellationToken) =>
            new([.. All.Values.Where(user => string.CompareOrdinal(user.Name, after) > 0).Take(limit)]);

        public ValueTask<bool> TryChangeAsync(User seen, User changed, CancellationToken cancellationToken)
        {
            bool isSeen = All[seen.Name].ETag == seen.ETag;
            if (isSeen)
            {
                All[seen.Name] = changed with { ETag = seen.ETag + "+" };
            }

            return new(isSeen);
        }

        public ValueTask<AccessKeyOwner?> FindOwnerAsync(string accessKeyId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> TryCreateAsync(User user, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> TryDeleteAsync(User seen, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> TryNoteUseAsync(AccessKeyOwner seen, AccessKeyUse use, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
