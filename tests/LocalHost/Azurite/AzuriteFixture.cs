using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Serverless.LocalHost.Azurite;

namespace Serverless.LocalHost.Tests.Azurite;

/// <summary>One Azurite for all tests of a collection; each test uses names of its own in it.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private AzuriteProcess? _azurite;

    public string ConnectionString => _azurite!.ConnectionString;

    internal BlobServiceClient Blobs => LocalStorage.Blobs(ConnectionString);

    internal QueueServiceClient Queues => LocalStorage.Queues(ConnectionString);

    public async Task InitializeAsync() => _azurite = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);

    public async Task DisposeAsync() => await _azurite!.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class WithAzurite : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "with Azurite";
}
