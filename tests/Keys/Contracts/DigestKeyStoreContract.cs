namespace Serverless.Keys.Tests;

/// <summary>What every store of the audit digests' key does: one suite, run over the in-memory fake and over Azurite.</summary>
public abstract class DigestKeyStoreContract
{
    /// <summary>A store without a key.</summary>
    protected abstract Task<IDigestKeyStore> NewStoreAsync();

    [Fact]
    public async Task A_key_is_created_once_and_changes_only_its_wrap()
    {
        IDigestKeyStore store = await NewStoreAsync();
        Assert.Null(await store.ReadAsync(default));
        Assert.False(await store.TryRewrapAsync([1], [2], default));
        Assert.True(await store.TryCreateAsync([1], default));
        Assert.False(await store.TryCreateAsync([2], default));
        Assert.Equal([1], (await store.ReadAsync(default))!);
        Assert.False(await store.TryRewrapAsync([2], [3], default));
        Assert.True(await store.TryRewrapAsync([1], [3], default));
        Assert.Equal([3], (await store.ReadAsync(default))!);
    }
}
