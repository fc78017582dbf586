using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

public sealed class RootKeyCheckTests : IDisposable
{
    private readonly World _world = new();

    [Fact]
    public async Task The_root_key_that_a_storage_account_knows_starts_the_app_again()
    {
        await StartAsync(_world.NewInstance());
        await StartAsync(_world.NewInstance());
    }

    [Fact]
    public async Task Another_root_key_stops_the_app_with_a_sentence_that_says_what_to_do()
    {
        await StartAsync(_world.NewInstance());
        ReplaceRootKey();
        string message = (await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(_world.NewInstance()))).Message;
        Assert.Equal(
            $"The root key in {_world.RootKeyFile} does not open the keys kept in this storage account. Put back the root key that they were made with; there is no other way to read them.",
            message);
    }

    [Fact]
    public async Task A_host_starts_nothing_else_before_the_check()
    {
        await StartAsync(_world.NewInstance());
        ReplaceRootKey();
        IServiceProvider instance = _world.NewInstance();
        var other = new Service();
        // Registered before the check, as a web server is.
        using IHost host = new HostBuilder().ConfigureServices(services => services
            .AddSingleton<IHostedService>(other)
            .AddSingleton(_ => instance.GetServices<IHostedService>().OfType<RootKeyCheck>().Single())
            .AddHostedService(provider => provider.GetRequiredService<RootKeyCheck>())).Build();
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());
        Assert.False(other.IsStarted);
    }

    [Fact]
    public async Task A_lost_check_value_is_made_anew_under_the_right_root_key()
    {
        IServiceProvider instance = await UsedInstanceAsync();
        _world.MasterStore.LoseRootKeyCheck();
        await StartAsync(instance);
        Assert.NotNull(await _world.MasterStore.ReadRootKeyCheckAsync(default));
    }

    [Fact]
    public async Task A_lost_check_value_is_not_made_anew_over_another_root_keys_master_key()
    {
        await UsedInstanceAsync();
        _world.MasterStore.LoseRootKeyCheck();
        ReplaceRootKey();
        await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(_world.NewInstance()));
        Assert.Null(await _world.MasterStore.ReadRootKeyCheckAsync(default));
    }

    [Fact]
    public async Task Of_two_root_keys_that_meet_in_a_new_storage_account_one_starts()
    {
        IServiceProvider first = _world.NewInstance();
        _ = first.GetRequiredService<IRootKey>();
        ReplaceRootKey();
        IServiceProvider second = _world.NewInstance();
        bool raced = false;
        _world.MasterStore.Before = async call =>
        {
            if (call == nameof(IMasterKeyStore.TryCreateRootKeyCheckAsync) && !raced)
            {
                raced = true;
                await StartAsync(second);
            }
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(first));
        Assert.True(raced);
    }

    [Fact]
    public void A_provider_that_there_is_not_is_refused_by_its_settings_name()
    {
        IServiceProvider instance = _world.NewInstance(("RootKey:Provider", "Cloud"));
        var failure = Assert.Throws<InvalidOperationException>(() => instance.GetRequiredService<IRootKey>());
        Assert.Contains("RootKey:Provider", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://v.vault.azure.net/keys/k")]
    public void A_vault_without_a_key_is_refused_by_its_settings_name(string? keyUri)
    {
        IServiceProvider instance = _world.NewInstance(("RootKey:Provider", "KeyVault"), ("RootKey:KeyUri", keyUri ?? ""));
        var failure = Assert.Throws<OptionsValidationException>(() => instance.GetRequiredService<IRootKey>());
        Assert.StartsWith("RootKey__KeyUri must identify a key in a vault", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_in_a_vault_is_opened_without_asking_the_vault()
    {
        IServiceProvider instance = _world.NewInstance(("RootKey:Provider", "KeyVault"), ("RootKey:KeyUri", FakeVault.KeyUri), ("RootKey:ClientId", Guid.NewGuid().ToString()));
        Assert.Equal(FakeVault.KeyUri, instance.GetRequiredService<IRootKey>().Id);
    }

    [Theory]
    [InlineData("Rotation:MasterKeyMaxAgeDays")]
    [InlineData("Rotation:MasterKeyMaxWraps")]
    public void A_rotation_limit_below_one_is_refused_by_its_settings_name(string setting)
    {
        IServiceProvider instance = _world.NewInstance((setting, "0"));
        var failure = Assert.Throws<OptionsValidationException>(() => instance.GetRequiredService<IOptions<RotationOptions>>().Value);
        Assert.StartsWith(setting.Replace(":", "__", StringComparison.Ordinal), failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();

    private static Task StartAsync(IServiceProvider instance) => instance.GetServices<IHostedService>().OfType<RootKeyCheck>().Single().StartingAsync(default);

    private async Task<IServiceProvider> UsedInstanceAsync()
    {
        IServiceProvider instance = _world.NewInstance();
        await StartAsync(instance);
        using SecretKey key = SecretKey.Generate();
        await instance.GetRequiredService<IMasterKeys>().WrapAsync(key, World.Context, World.ViaS3, default);
        return instance;
    }

    private void ReplaceRootKey()
    {
        File.Delete(_world.RootKeyFile);
        RootKeyFiles.Create(_world.RootKeyFile);
    }

    private sealed class Service : IHostedService
    {
        public bool IsStarted { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            IsStarted = true;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
