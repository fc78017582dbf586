using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

public sealed class RootSecretWrappingTests : IDisposable
{
    private const string KeyId = "AKIAAAAAAAAAAAAAAAAA";
    private const string UserId = "AIDAAAAAAAAAAAAAAAAAA";

    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_secret_opens_on_every_instance_and_only_for_its_key_and_user()
    {
        using SecretKey secret = SecretKey.Generate();
        byte[] wrapped = await _world.NewInstance().GetRequiredService<ISecretWrapping>().WrapAsync(secret, KeyId, UserId, default);

        var wrapping = _world.NewInstance().GetRequiredService<ISecretWrapping>();
        using SecretKey? opened = await wrapping.UnwrapAsync(wrapped, KeyId, UserId, default);
        Assert.Equal(secret.Bytes.ToArray(), opened!.Bytes.ToArray());
        Assert.Null(await wrapping.UnwrapAsync(wrapped, "AKIAAAAAAAAAAAAAAAAB", UserId, default));
        Assert.Null(await wrapping.UnwrapAsync(wrapped, KeyId, "AIDAAAAAAAAAAAAAAAAAB", default));
        Assert.Null(await wrapping.UnwrapAsync(wrapped, UserId, KeyId, default));
        wrapped[^1] ^= 1;
        Assert.Null(await wrapping.UnwrapAsync(wrapped, KeyId, UserId, default));
        Assert.Null(await wrapping.UnwrapAsync(Array.Empty<byte>(), KeyId, UserId, default));
    }

    [Fact]
    public async Task A_secret_is_none_of_the_keys_that_the_root_key_wraps()
    {
        IServiceProvider instance = _world.NewInstance();
        using SecretKey secret = SecretKey.Generate();
        byte[] wrapped = await instance.GetRequiredService<ISecretWrapping>().WrapAsync(secret, KeyId, UserId, default);
        IRootKey root = instance.GetRequiredService<IRootKey>();
        Assert.Null(await root.UnwrapAsync(wrapped, MasterKeySuccession.ContextOf(1), default));
        Assert.Null(await root.UnwrapAsync(wrapped, EncryptionContext.Empty, default));
    }
}
