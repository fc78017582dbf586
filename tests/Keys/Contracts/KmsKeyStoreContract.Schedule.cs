namespace Serverless.Keys.Tests;

/// <content>What is due, and deletion.</content>
public abstract partial class KmsKeyStoreContract
{
    [Fact]
    public async Task A_key_is_deleted_only_as_it_was_seen_and_leaves_nothing_once_its_remains_are_removed()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey made = NewKey() with { State = KeyState.PendingDeletion, DeletionDate = Now };
        KmsKey other = NewKey();
        await store.TryCreateKeyAsync(made, NewVersion(made, 1), new(Region, "alias/mine", made.Id, Now), None);
        await store.TryCreateKeyAsync(other, NewVersion(other, 1), new(Region, "alias/other", other.Id, Now), None);
        KmsKey seen = (await store.ReadKeyAsync(Region, made.Id, None))!;
        // More than one transaction takes.
        await store.TryReplaceKeyAsync(seen, new([.. Enumerable.Range(2, 90).Select(i => NewVersion(made, (uint)i))]), None);
        KmsKey now = (await store.ReadKeyAsync(Region, made.Id, None))!;
        await store.TryReplaceKeyAsync(now, new([.. Enumerable.Range(100, 60).Select(i => NewVersion(made, (uint)i))]), None);

        Assert.False(await store.TryDeleteKeyAsync(seen, None));
        Assert.NotNull(await store.ReadKeyAsync(Region, made.Id, None));
        Assert.True(await store.TryDeleteKeyAsync((await store.ReadKeyAsync(Region, made.Id, None))!, None));
        Assert.Null(await store.ReadKeyAsync(Region, made.Id, None));
        Assert.False(await store.TryDeleteKeyAsync(seen, None));
        KmsDueKey due = Assert.Single(await store.ListDueAsync(Region, Now, null, 10, None));
        Assert.Equal(new(Region, Now, made.Id), due);

        for (int repeated = 0; repeated < 2; repeated++)
        {
            await store.RemoveRemainsAsync(due, None);
            Assert.Empty(await store.ListVersionsAsync(Region, made.Id, None));
            Assert.Null(await store.ReadAliasAsync(Region, "alias/mine", None));
            Assert.Empty(await store.ListDueAsync(Region, DateTimeOffset.MaxValue, null, 10, None));
        }

        Assert.Single(await store.ListVersionsAsync(Region, other.Id, None));
        Assert.NotNull(await store.ReadAliasAsync(Region, "alias/other", None));
    }

    [Fact]
    public async Task Keys_whose_rotation_is_counted_from_later_than_a_time_are_found()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey made = NewKey() with { NextRotation = Now.AddDays(100), RotationPeriodInDays = 90 };
        KmsKey other = NewKey() with { NextRotation = Now.AddDays(365), RotationPeriodInDays = 365 };
        foreach (KmsKey key in new[] { made, other, NewKey() })
        {
            await store.TryCreateKeyAsync(key, NewVersion(key, 1), null, None);
        }

        Assert.Equal([new(Region, Now.AddDays(100), made.Id)], await store.ListCountedFromAsync(Region, Now, 10, None));
        Assert.Empty(await store.ListCountedFromAsync(Region, Now.AddDays(10), 10, None));
        Assert.Equal(2, (await store.ListCountedFromAsync(Region, Now.AddDays(-1), 10, None)).Count);
        Assert.Single(await store.ListCountedFromAsync(Region, Now.AddDays(-1), 1, None));
        Assert.Empty(await store.ListCountedFromAsync("eu-north-1", Now.AddDays(-1), 10, None));

        Assert.True(await store.TryReplaceKeyAsync((await store.ReadKeyAsync(Region, made.Id, None))! with { NextRotation = Now.AddDays(90) }, null, None));
        Assert.Empty(await store.ListCountedFromAsync(Region, Now, 10, None));
        Assert.True(await store.TryReplaceKeyAsync((await store.ReadKeyAsync(Region, other.Id, None))! with { State = KeyState.PendingDeletion, DeletionDate = Now.AddDays(7) }, null, None));
        Assert.Single(await store.ListCountedFromAsync(Region, Now.AddDays(-1), 10, None));
    }

    [Fact]
    public async Task The_schedule_follows_what_is_due()
    {
        IKmsKeyStore store = await NewStoreAsync();
        KmsKey made = NewKey() with { NextRotation = Now.AddDays(90), RotationPeriodInDays = 90 };
        await store.TryCreateKeyAsync(made, NewVersion(made, 1), null, None);
        Assert.Equal([Now.AddDays(90)], await TimesAsync(Now.AddDays(90)));
        Assert.Empty(await TimesAsync(Now.AddDays(90).AddMilliseconds(-1)));
        await ReplaceAsync(key => key with { Description = "another" });
        Assert.Equal([Now.AddDays(90)], await TimesAsync(DateTimeOffset.MaxValue));
        await ReplaceAsync(key => key with { State = KeyState.Disabled });
        Assert.Empty(await TimesAsync(DateTimeOffset.MaxValue));
        await ReplaceAsync(key => key with { State = KeyState.PendingDeletion, DeletionDate = Now.AddDays(7) });
        Assert.Equal([Now.AddDays(7)], await TimesAsync(DateTimeOffset.MaxValue));
        await ReplaceAsync(key => key with { ValidTo = Now.AddDays(3), PendingValidTo = Now.AddDays(2) });
        Assert.Equal([Now.AddDays(2)], await TimesAsync(DateTimeOffset.MaxValue));
        // Less than the schedule's resolution, a millisecond.
        await ReplaceAsync(key => key with { PendingValidTo = Now.AddDays(2).AddTicks(1) });
        Assert.Equal([Now.AddDays(2)], (await TimesAsync(DateTimeOffset.MaxValue)).Select(at => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond))));

        async Task ReplaceAsync(Func<KmsKey, KmsKey> change) => Assert.True(await store.TryReplaceKeyAsync(change((await store.ReadKeyAsync(Region, made.Id, None))!), null, None));
        async Task<IEnumerable<DateTimeOffset>> TimesAsync(DateTimeOffset until) => (await store.ListDueAsync(Region, until, null, 10, None)).Select(due => due.At);
    }

    [Fact]
    public async Task What_is_due_is_listed_in_pages_the_earliest_first()
    {
        IKmsKeyStore store = await NewStoreAsync();
        foreach (int day in new[] { 3, 1, 2, 1, 9 })
        {
            KmsKey key = NewKey() with { State = KeyState.PendingDeletion, DeletionDate = Now.AddDays(day) };
            await store.TryCreateKeyAsync(key, null, null, None);
        }

        Assert.Equal([Region], await store.ListRegionsAsync(null, 10, None));

        var days = new List<double>();
        for (IReadOnlyList<KmsDueKey> page = await PageAsync(null); page.Count > 0; page = await PageAsync(page[^1]))
        {
            Assert.InRange(page.Count, 1, 2);
            days.AddRange(page.Select(due => (due.At - Now).TotalDays));
        }

        Assert.Equal([1d, 1, 2, 3], days);

        ValueTask<IReadOnlyList<KmsDueKey>> PageAsync(KmsDueKey? after) => store.ListDueAsync(Region, Now.AddDays(3), after, 2, None);
    }

    [Fact]
    public async Task Regions_in_which_a_key_is_on_the_schedule_are_listed_in_pages()
    {
        IKmsKeyStore store = await NewStoreAsync();
        foreach (string region in new[] { "us-west-2", "eu-central-1", "us-west-2", "ap-south-1" })
        {
            KmsKey key = NewKey() with { Region = region };
            Assert.True(await store.TryCreateKeyAsync(key, NewVersion(key, 1), null, None));
            KmsKey made = (await store.ReadKeyAsync(region, key.Id, None))!;
            Assert.True(await store.TryReplaceKeyAsync(made with { NextRotation = Now }, null, None));
        }

        Assert.Equal(["ap-south-1", "eu-central-1"], await store.ListRegionsAsync(null, 2, None));
        Assert.Equal(["us-west-2"], await store.ListRegionsAsync("eu-central-1", 2, None));
        Assert.Empty(await store.ListRegionsAsync("us-west-2", 2, None));
    }
}
