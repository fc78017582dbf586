using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

public sealed class RootDigestKeysTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task There_is_no_key_until_the_first_digest_and_then_one_for_all_instances_that_made_it_at_once()
    {
        Assert.Null(await NewKeys().ReadAsync(default));
        SecretKey[] keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await NewKeys().ReadOrCreateAsync(default))));

        Assert.All(keys, key => Assert.Equal(keys[0].Bytes.ToArray(), key.Bytes.ToArray()));
        using SecretKey? read = await NewKeys().ReadAsync(default);
        Assert.Equal(keys[0].Bytes.ToArray(), read!.Bytes.ToArray());
    }

    [Fact]
    public async Task A_key_in_whose_place_another_was_put_does_not_open_and_is_not_replaced()
    {
        IServiceProvider instance = _world.NewInstance();
        using SecretKey other = SecretKey.Generate();
        _world.DigestKeys.Wrapped = await instance.GetRequiredService<IRootKey>().WrapAsync(other, MasterKeySuccession.ContextOf(1), default);
        byte[] put = _world.DigestKeys.Wrapped;

        Assert.Null(await NewKeys().ReadAsync(default));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await NewKeys().ReadOrCreateAsync(default));
        Assert.Same(put, _world.DigestKeys.Wrapped);
    }

    private IDigestKeys NewKeys() => _world.NewInstance().GetRequiredService<IDigestKeys>();
}
