using System.Security.Cryptography;

namespace Serverless.Keys.Tests;

/// <summary>What every store of master keys must do. A subclass gives an empty store to each test.</summary>
public abstract class MasterKeyStoreContract
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DateTimeOffset Since = new(2026, 2, 3, 4, 5, 7, 123, TimeSpan.Zero);

    protected abstract Task<IMasterKeyStore> NewStoreAsync();

    [Fact]
    public async Task A_new_store_is_empty()
    {
        IMasterKeyStore store = await NewStoreAsync();
        Assert.Null(await store.ReadRootKeyCheckAsync(None));
        Assert.Null(await store.ReadCurrentAsync(None));
        Assert.Null(await store.ReadVersionAsync(1, None));
        Assert.Equal(0, await store.ReadWrapsAsync(1, None));
    }

    [Fact]
    public async Task The_root_key_check_is_kept_once()
    {
        IMasterKeyStore store = await NewStoreAsync();
        Assert.True(await store.TryCreateRootKeyCheckAsync([1, 2, 3], None));
        Assert.False(await store.TryCreateRootKeyCheckAsync([4], None));
        Assert.Equal([1, 2, 3], await store.ReadRootKeyCheckAsync(None));
    }

    [Fact]
    public async Task A_version_is_kept_once_as_it_was_made()
    {
        IMasterKeyStore store = await NewStoreAsync();
        MasterKeyVersion made = NewVersion(3);
        Assert.True(await store.TryCreateVersionAsync(made, None));
        Assert.False(await store.TryCreateVersionAsync(NewVersion(3), None));
        MasterKeyVersion? read = await store.ReadVersionAsync(3, None);
        Assert.NotNull(read);
        Assert.Equal((made.Version, made.Id, made.CreatedAt), (read.Version, read.Id, read.CreatedAt));
        Assert.Equal(made.Wrapped, read.Wrapped);
    }

    [Fact]
    public async Task Versions_are_listed_in_the_order_of_their_numbers()
    {
        IMasterKeyStore store = await NewStoreAsync();
        Assert.Empty(await store.ListVersionsAsync(None));
        Assert.True(await store.TryCreateRootKeyCheckAsync([1], None));
        Assert.True(await store.TryMoveCurrentAsync(null, 2, Since, None));
        uint[] numbers = [10, 2, 1, 100, 9];
        foreach (uint number in numbers)
        {
            Assert.True(await store.TryCreateVersionAsync(NewVersion(number), None));
            await store.AddWrapsAsync(number, 1, None);
        }

        IReadOnlyList<MasterKeyVersion> versions = await store.ListVersionsAsync(None);
        Assert.Equal(numbers.Order(), versions.Select(version => version.Version));
        Assert.Equal((await store.ReadVersionAsync(10, None))!.Wrapped, versions[3].Wrapped);
    }

    [Fact]
    public async Task A_wrap_is_replaced_only_from_what_it_was_seen_as()
    {
        IMasterKeyStore store = await NewStoreAsync();
        MasterKeyVersion made = NewVersion(1);
        Assert.False(await store.TryRewrapVersionAsync(made, [1], None));
        Assert.True(await store.TryCreateVersionAsync(made, None));
        Assert.True(await store.TryRewrapVersionAsync(made, [1, 2], None));
        Assert.False(await store.TryRewrapVersionAsync(made, [3], None));
        MasterKeyVersion read = (await store.ReadVersionAsync(1, None))!;
        Assert.Equal([1, 2], read.Wrapped);
        Assert.Equal((made.Id, made.CreatedAt), (read.Id, read.CreatedAt));

        Assert.False(await store.TryRewrapRootKeyCheckAsync([1], [2], None));
        Assert.True(await store.TryCreateRootKeyCheckAsync([1], None));
        Assert.True(await store.TryRewrapRootKeyCheckAsync([1], [2], None));
        Assert.False(await store.TryRewrapRootKeyCheckAsync([1], [3], None));
        Assert.Equal([2], await store.ReadRootKeyCheckAsync(None));
    }

    [Fact]
    public async Task What_has_become_of_a_version_is_kept_only_from_how_it_was_read()
    {
        IMasterKeyStore store = await NewStoreAsync();
        await store.TryCreateVersionAsync(NewVersion(1), None);
        MasterKeyVersion read = (await store.ReadVersionAsync(1, None))!;
        Assert.Equal((null, null, null, null, null, false), (read.SupersededAt, read.LastFoundAt, read.Proof, read.RetiringAt, read.RetiredAt, read.IsRetired));

        Assert.False(await store.TryChangeVersionAsync(NewVersion(2) with { ETag = read.ETag }, None));
        DateTimeOffset at = read.CreatedAt;
        MasterKeyVersion changed = read with
        {
            Wrapped = [],
            SupersededAt = at.AddDays(1),
            LastFoundAt = at.AddDays(2),
            Proof = new(Guid.NewGuid(), at.AddDays(3), at.AddDays(4), 5),
            RetiringAt = at.AddDays(6),
            RetiredAt = at.AddDays(6),
        };
        Assert.True(await store.TryChangeVersionAsync(changed, None));
        Assert.False(await store.TryChangeVersionAsync(changed, None));
        MasterKeyVersion now = (await store.ReadVersionAsync(1, None))!;
        Assert.Equivalent(changed with { ETag = now.ETag }, now, strict: true);
        Assert.True(now.IsRetired);
        Assert.Empty(now.Wrapped);
        Assert.False(await store.TryCreateVersionAsync(NewVersion(1), None));

        Assert.True(await store.TryChangeVersionAsync(now with { Proof = null, RetiredAt = null, Wrapped = [1] }, None));
        read = (await store.ReadVersionAsync(1, None))!;
        Assert.Equal((null, null), (read.Proof, read.RetiredAt));
        Assert.True(await store.TryRewrapVersionAsync(read, [2], None));
        Assert.False(await store.TryChangeVersionAsync(read, None));
        Assert.Equal(at.AddDays(1), (await store.ReadVersionAsync(1, None))!.SupersededAt);
    }

    [Fact]
    public async Task Of_concurrent_creators_of_a_version_one_succeeds()
    {
        IMasterKeyStore store = await NewStoreAsync();
        bool[] created = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.TryCreateVersionAsync(NewVersion(1), None).AsTask()));
        Assert.Single(created, won => won);
    }

    [Fact]
    public async Task The_pointer_moves_only_from_where_it_was_seen()
    {
        IMasterKeyStore store = await NewStoreAsync();
        Assert.True(await store.TryMoveCurrentAsync(null, 1, Since, None));
        Assert.False(await store.TryMoveCurrentAsync(null, 2, Since, None));
        MasterKeyPointer first = (await store.ReadCurrentAsync(None))!;
        Assert.Equal((1u, Since), (first.Version, first.Since));
        Assert.True(await store.TryMoveCurrentAsync(first, 2, Since.AddDays(1), None));
        Assert.False(await store.TryMoveCurrentAsync(first, 3, Since, None));
        MasterKeyPointer second = (await store.ReadCurrentAsync(None))!;
        Assert.Equal((2u, Since.AddDays(1)), (second.Version, second.Since));
        Assert.True(await store.TryMoveCurrentAsync(second, 2, Since, None));
        Assert.False(await store.TryMoveCurrentAsync(second, 3, Since, None));
        Assert.Equal(Since, (await store.ReadCurrentAsync(None))!.Since);
    }

    [Fact]
    public async Task The_largest_version_number_is_kept()
    {
        IMasterKeyStore store = await NewStoreAsync();
        await store.TryMoveCurrentAsync(null, uint.MaxValue, Since, None);
        await store.TryCreateVersionAsync(NewVersion(uint.MaxValue), None);
        Assert.Equal(uint.MaxValue, (await store.ReadCurrentAsync(None))!.Version);
        Assert.NotNull(await store.ReadVersionAsync(uint.MaxValue, None));
    }

    [Fact]
    public async Task No_concurrent_count_of_wraps_is_lost()
    {
        IMasterKeyStore store = await NewStoreAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.AddWrapsAsync(1, 1L << 32, None).AsTask()));
        await store.AddWrapsAsync(2, 5, None);
        Assert.Equal(8L << 32, await store.ReadWrapsAsync(1, None));
        Assert.Equal(5, await store.ReadWrapsAsync(2, None));
    }

    private static MasterKeyVersion NewVersion(uint number) =>
        new(number, Guid.NewGuid(), RandomNumberGenerator.GetBytes(120), new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero));
}
