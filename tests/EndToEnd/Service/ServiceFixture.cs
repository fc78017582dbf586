using Amazon.KeyManagementService;
using Amazon.S3;
using Azure.Storage.Blobs;
using Serverless.EndToEnd.Clients;
using Serverless.LocalHost.Azurite;

namespace Serverless.EndToEnd.Service;

/// <summary>An Azurite in memory and a service over it, with every kind of client. Each test uses buckets and keys of its own in it.</summary>
public class ServiceFixture : IAsyncLifetime
{
    private readonly string _dataFolder = Directory.CreateTempSubdirectory("end-to-end-").FullName;
    private AzuriteProcess? _azurite;
    private ServiceProcess? _service;
    private ServiceClients? _clients;

    internal ServiceProcess Process => _service ?? throw new InvalidOperationException("The service is not started.");

    internal string Storage => _azurite?.ConnectionString ?? throw new InvalidOperationException("Azurite is not started.");

    /// <summary>The storage behind the service, as its administrator sees it.</summary>
    internal BlobServiceClient Blobs => new(Storage, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));

    internal ServiceClients Clients => _clients ?? throw new InvalidOperationException("The service is not started.");

    internal IAmazonS3 S3 => Clients.S3;

    internal IAmazonS3 S3OverTls => Clients.S3OverTls;

    internal IAmazonKeyManagementService Kms => Clients.Kms;

    internal RawClient Http => Clients.Http;

    internal RawClient Https => Clients.Https;

    internal CloudTrail CloudTrail => new(Http);

    /// <summary>Settings beside those that every service of these tests has.</summary>
    protected virtual (string Name, string? Value)[] Settings => [];

    public async Task InitializeAsync()
    {
        _azurite = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);
        _service = await ServiceProcess.StartAsync(Storage, _dataFolder, Settings);
        _clients = ServiceClients.Of(_service);
    }

    public async Task DisposeAsync()
    {
        if (_clients is not null) await _clients.DisposeAsync();
        try
        {
            if (_service is not null) Assert.Equal(0, await _service.StopAsync());
        }
        finally
        {
            if (_service is not null) await _service.DisposeAsync();
            if (_azurite is not null) await _azurite.DisposeAsync();
            Directory.Delete(_dataFolder, recursive: true);
        }
    }

    /// <summary>A new, empty bucket.</summary>
    internal Task<string> NewBucketAsync() => Clients.NewBucketAsync();

    /// <summary>The ARN of a new customer managed key.</summary>
    internal async Task<string> NewKeyAsync() => (await Kms.CreateKeyAsync(new())).KeyMetadata.Arn;
}
