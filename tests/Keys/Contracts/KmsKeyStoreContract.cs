using System.Security.Cryptography;

namespace Serverless.Keys.Tests;

/// <summary>What every store of KMS keys must do. A subclass gives an empty store to each test.</summary>
public abstract partial class KmsKeyStoreContract
{
    private const string Region = "eu-central-1";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DateTimeOffset Now = new(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);

    protected abstract Task<IKmsKeyStore> NewStoreAsync();

    [Fact]
    public async Task A_new_store_is_empty()
    {
        IKmsKeyStore store = await NewStoreAsync();
        Assert.Null(await store.ReadKeyAsync(Region, NewId(), None));
        Assert.Null(await store.ReadVersionAsync(Region, NewId(), 1, None));
        Assert.Null(await store.ReadAliasAsync(Region, "alias/x", None));
        Assert.Empty(await store.ListKeyIdsAsync(Region, null, 10, None));
        Assert.Empty(await store.ListAliasesAsync(Region, null, null, 10, None));
        Assert.Empty(await store.ListVersionsAsync(Region, NewId(), None));
        Assert.Empty(await store.ListDueAsync(Region, DateTimeOffset.MaxValue, null, 10, None));
        Assert.Empty(await store.ListRegionsAsync(null, 10, None));
    }

    [Fact]
    public async Task A_key_is_kept_as_it_was_made_with_its_version_and_alias()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey made = NewKey() with
        {
            Description = "ключ \"β\" \n",
            Manager = KeyManager.Aws,
            State = KeyState.PendingDeletion,
            DeletionDate = Now.AddDays(7),
            Spec = KeySpec.Hmac384,
            Origin = KeyOrigin.External,
            RotationPeriodInDays = 2560,
            NextRotation = Now.AddDays(2560),
            LastImport = uint.MaxValue,
            IsIncomplete = true,
            ValidTo = Now.AddDays(364),
            PendingValidTo = Now.AddDays(365),
            CurrentVersion = uint.MaxValue,
            OnDemandRotations = 10,
            Tags = [.. Enumerable.Range(0, 50).Select(i => new KeyTag($"{i:00}".PadRight(128, '語'), "".PadRight(256, '\u3000')))],
        };
        KmsKeyVersion version = NewVersion(made, uint.MaxValue) with { Rotation = KeyRotationType.Automatic, RotatedAt = Now.AddDays(1), ValidTo = Now.AddDays(2), Description = "of 2026" };
        var alias = new KmsAlias(Region, "alias/a/b_c-D", made.Id, Now) { UpdatedAt = Now.AddDays(3) };
        Assert.True(await store.TryCreateKeyAsync(made, version, alias, None));

        KmsKey read = (await store.ReadKeyAsync(Region, made.Id, None))!;
        Assert.Equal(made.Tags, read.Tags);
        Assert.NotEqual("", read.ETag);
        Assert.Equal(made.DueAt, read.ScheduledAt);
        Assert.Equal(made, read with { Tags = made.Tags, ETag = made.ETag, ScheduledAt = null });
        KmsKeyVersion readVersion = (await store.ReadVersionAsync(Region, made.Id, uint.MaxValue, None))!;
        Assert.Equal(version.Wrapped, readVersion.Wrapped);
        Assert.Equal(version, readVersion with { Wrapped = version.Wrapped });
        KmsAlias readAlias = (await store.ReadAliasAsync(Region, alias.Name, None))!;
        Assert.NotEqual("", readAlias.ETag);
        Assert.Equal(alias, readAlias with { ETag = alias.ETag });
    }

    [Fact]
    public async Task A_key_can_be_made_before_its_material()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey made = NewKey();
        Assert.True(await store.TryCreateKeyAsync(made, null, null, None));
        Assert.Equal(made.Id, (await store.ReadKeyAsync(Region, made.Id, None))!.Id);
        Assert.Empty(await store.ListVersionsAsync(Region, made.Id, None));
    }

    [Fact]
    public async Task A_key_whose_alias_is_taken_is_not_made_at_all()
    {
        IKmsKeyStore store = await NewStoreAsync();
        (KmsKey first, KmsKey second) = (NewKey(), NewKey());
        Assert.True(await store.TryCreateKeyAsync(first, NewVersion(first, 1), new(Region, "alias/x", first.Id, Now), None));
        Assert.False(await store.TryCreateKeyAsync(second, NewVersion(second, 1), new(Region, "alias/x", second.Id, Now), None));
        Assert.Null(await store.ReadKeyAsync(Region, second.Id, None));
        Assert.Null(await store.ReadVersionAsync(Region, second.Id, 1, None));
        Assert.Equal(first.Id, (await store.ReadAliasAsync(Region, "alias/x", None))!.KeyId);
    }

    [Fact]
    public async Task All_versions_are_listed_whatever_their_key_and_a_wrap_is_replaced_only_from_what_it_was_seen_as()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey[] keys = [NewKey(), NewKey(), NewKey() with { Region = "us-east-1" }];
        KmsKeyVersion[] made = [.. keys.SelectMany(key => new[] { NewVersion(key, 1), NewVersion(key, 2) with { Rotation = KeyRotationType.OnDemand, RotatedAt = Now } })];
        foreach (KmsKeyVersion version in made)
        {
            Assert.True(await store.TryCreateVersionAsync(version, None));
        }

        List<KmsKeyVersion> listed = await store.ListAllVersionsAsync(None).ToListAsync();
        Assert.Equal(made.Select(NameOf).Order(), listed.Select(NameOf).Order());

        KmsKeyVersion seen = listed.Single(version => NameOf(version) == NameOf(made[1]));
        Assert.True(await store.TryRewrapVersionAsync(seen, [1, 2], None));
        Assert.False(await store.TryRewrapVersionAsync(seen, [3], None));
        Assert.False(await store.TryRewrapVersionAsync(seen with { Version = 9 }, [3], None));
        KmsKeyVersion read = (await store.ReadVersionAsync(seen.Region, seen.KeyId, 2, None))!;
        Assert.Equal([1, 2], read.Wrapped);
        Assert.Equal((seen.MaterialId, seen.CreatedAt, seen.Rotation, seen.RotatedAt), (read.MaterialId, read.CreatedAt, read.Rotation, read.RotatedAt));

        static string NameOf(KmsKeyVersion version) => $"{version.Region} {version.KeyId} {version.Version}";
    }

    [Fact]
    public async Task Regions_are_kept_apart()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey key = NewKey();
        await store.TryCreateKeyAsync(key, NewVersion(key, 1), new(Region, "alias/x", key.Id, Now), None);
        Assert.Null(await store.ReadKeyAsync("us-east-1", key.Id, None));
        Assert.Null(await store.ReadAliasAsync("us-east-1", "alias/x", None));
        Assert.Empty(await store.ListKeyIdsAsync("us-east-1", null, 10, None));
    }

    [Fact]
    public async Task A_key_is_replaced_only_as_it_was_seen()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey made = NewKey();
        await store.TryCreateKeyAsync(made, NewVersion(made, 1), null, None);
        KmsKey seen = (await store.ReadKeyAsync(Region, made.Id, None))!;

        Assert.True(await store.TryReplaceKeyAsync(seen with { State = KeyState.Disabled }, null, None));
        Assert.False(await store.TryReplaceKeyAsync(seen with { CurrentVersion = 2 }, new([NewVersion(seen, 2)]), None));
        Assert.False(await store.TryReplaceKeyAsync(seen with { CurrentVersion = 2 }, null, None));
        Assert.Null(await store.ReadVersionAsync(Region, seen.Id, 2, None));
        KmsKey now = (await store.ReadKeyAsync(Region, made.Id, None))!;
        Assert.Equal((KeyState.Disabled, 1u), (now.State, now.CurrentVersion));
        Assert.True(await store.TryReplaceKeyAsync(now with { CurrentVersion = 2 }, new([NewVersion(now, 2)]), None));
        Assert.NotNull(await store.ReadVersionAsync(Region, seen.Id, 2, None));
        Assert.NotNull(await store.ReadVersionAsync(Region, seen.Id, 1, None));
    }

    [Fact]
    public async Task With_their_key_versions_are_made_changed_and_removed()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey made = NewKey();
        KmsKeyVersion first = NewVersion(made, 1);
        await store.TryCreateKeyAsync(made, first, null, None);
        await ChangeAsync(new([NewVersion(made, 2), NewVersion(made, 10)]));
        Assert.Equal([1u, 2u, 10u], await NumbersAsync());
        await ChangeAsync(new([first with { Wrapped = [] }, NewVersion(made, 3)], Removed: 2));
        Assert.Equal([1u, 3u, 10u], await NumbersAsync());
        KmsKeyVersion emptied = (await store.ReadVersionAsync(Region, made.Id, 1, None))!;
        Assert.False(emptied.HasMaterial);
        Assert.Equal(first.MaterialId, emptied.MaterialId);
        await ChangeAsync(new([first]));
        Assert.Equal(first.Wrapped, (await store.ReadVersionAsync(Region, made.Id, 1, None))!.Wrapped);

        async Task ChangeAsync(KmsVersionChange change) => Assert.True(await store.TryReplaceKeyAsync((await store.ReadKeyAsync(Region, made.Id, None))!, change, None));
        async Task<IEnumerable<uint>> NumbersAsync() => (await store.ListVersionsAsync(Region, made.Id, None)).Select(version => version.Version);
    }

    [Fact]
    public async Task Of_concurrent_creators_of_a_version_one_succeeds()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey key = NewKey();
        bool[] made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.TryCreateVersionAsync(NewVersion(key, 2), None).AsTask()));
        Assert.Single(made, won => won);
        Assert.Single(await store.ListVersionsAsync(Region, key.Id, None));
    }

    [Fact]
    public async Task An_alias_is_replaced_and_deleted_only_as_it_was_seen()
    {
        IKmsKeyStore store = await NewStoreAsync();
        (string one, string two) = (NewId(), NewId());
        Assert.True(await store.TryCreateAliasAsync(new(Region, "alias/x", one, Now), None));
        KmsAlias seen = (await store.ReadAliasAsync(Region, "alias/x", None))!;
        Assert.True(await store.TryReplaceAliasAsync(seen with { KeyId = two, UpdatedAt = Now.AddDays(1) }, None));
        Assert.False(await store.TryReplaceAliasAsync(seen with { KeyId = one }, None));
        Assert.False(await store.TryDeleteAliasAsync(seen, None));
        KmsAlias now = (await store.ReadAliasAsync(Region, "alias/x", None))!;
        Assert.Equal((two, Now, Now.AddDays(1)), (now.KeyId, now.CreatedAt, now.UpdatedAt));
        Assert.True(await store.TryDeleteAliasAsync(now, None));
        Assert.Null(await store.ReadAliasAsync(Region, "alias/x", None));
        Assert.False(await store.TryDeleteAliasAsync(now, None));
        Assert.False(await store.TryReplaceAliasAsync(now, None));
    }

    [Fact]
    public async Task A_key_that_does_not_exist_is_not_replaced()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey known = NewKey();
        await store.TryCreateKeyAsync(known, NewVersion(known, 1), null, None);
        string etag = (await store.ReadKeyAsync(Region, known.Id, None))!.ETag;
        KmsKey key = NewKey() with { ETag = etag };
        Assert.False(await store.TryReplaceKeyAsync(key, null, None));
        Assert.False(await store.TryReplaceKeyAsync(key, new([NewVersion(key, 2)]), None));
        Assert.Null(await store.ReadKeyAsync(Region, key.Id, None));
    }

    [Fact]
    public async Task An_alias_is_made_once()
    {
        IKmsKeyStore store = await NewStoreAsync();
        bool[] made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.TryCreateAliasAsync(new(Region, "alias/x", NewId(), Now), None).AsTask()));
        Assert.Single(made, won => won);
    }

    [Fact]
    public async Task Keys_are_listed_in_pages()
    {
        IKmsKeyStore store = await NewStoreAsync();
        var ids = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            KmsKey key = NewKey();
            ids.Add(key.Id);
            await store.TryCreateKeyAsync(key, NewVersion(key, 1), new(Region, $"alias/{i}", key.Id, Now), None);
        }

        ids.Sort(StringComparer.Ordinal);
        Assert.Equal(ids[..2], await store.ListKeyIdsAsync(Region, null, 2, None));
        Assert.Equal(ids[2..4], await store.ListKeyIdsAsync(Region, ids[1], 2, None));
        Assert.Equal(ids[4..], await store.ListKeyIdsAsync(Region, ids[3], 2, None));
    }

    [Fact]
    public async Task Aliases_are_listed_in_pages_and_by_key()
    {
        IKmsKeyStore store = await NewStoreAsync();
        (string one, string two) = (NewId(), NewId());
        string[] names = ["alias/-", "alias/a", "alias/a/b", "alias/aws/s3", "alias/z_"];
        for (int i = 0; i < names.Length; i++)
        {
            await store.TryCreateAliasAsync(new(Region, names[i], i % 2 == 0 ? one : two, Now), None);
        }

        var paged = new List<string>();
        for (IReadOnlyList<KmsAlias> page = await store.ListAliasesAsync(Region, null, null, 2, None); page.Count > 0;
            page = await store.ListAliasesAsync(Region, null, paged[^1], 2, None))
        {
            Assert.InRange(page.Count, 1, 2);
            paged.AddRange(page.Select(alias => alias.Name));
        }

        Assert.Equal(names, paged.Order(StringComparer.Ordinal));
        Assert.Equal(["alias/a", "alias/aws/s3"], (await store.ListAliasesAsync(Region, two, null, 10, None)).Select(alias => alias.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["alias/aws/s3"], (await store.ListAliasesAsync(Region, two, "alias/a", 10, None)).Select(alias => alias.Name));
    }

    private static string NewId() => Guid.NewGuid().ToString();

    private static KmsKey NewKey() =>
        new() { Region = Region, AccountId = "111111111111", Id = NewId(), CreatedAt = Now, CurrentMaterialId = new string('a', 64) };

    private static KmsKeyVersion NewVersion(KmsKey key, uint number) => new(key.Region, key.Id, number, new string('b', 64), RandomNumberGenerator.GetBytes(120), Now);
}
