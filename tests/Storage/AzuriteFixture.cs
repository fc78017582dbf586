using Serverless.LocalHost.Azurite;

namespace Serverless.Storage.Tests;

/// <summary>One Azurite, in memory on free ports, for all tests of this project.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private AzuriteProcess? azurite;
    private StorageAccount? account;

    public StorageAccount Account => account ?? throw new InvalidOperationException("Azurite is not started.");

    public string ConnectionString { get; private set; } = "";

    public async Task InitializeAsync()
    {
        azurite = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);
        ConnectionString = azurite.ConnectionString;
        account = new StorageAccount(ConnectionString);
    }

    public async Task DisposeAsync()
    {
        if (azurite is not null) await azurite.DisposeAsync();
    }
}

/// <summary>The tests that share the Azurite.</summary>
[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}
