using Azure.Core.Pipeline;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Objects.Buckets;
using Serverless.Objects.Rotation;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>Registers the storage account and everything that is kept in it.</summary>
public static class StorageServices
{
    /// <summary>The setting that the Functions host itself uses for its storage account.</summary>
    public const string ConnectionSetting = "AzureWebJobsStorage";

    /// <exception cref="InvalidOperationException">The connection string is missing.</exception>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        var connection = configuration[ConnectionSetting];
        if (string.IsNullOrEmpty(connection)) throw new InvalidOperationException($"The setting {ConnectionSetting} is missing: the connection string of the storage account.");
        return services
            .AddSingleton(provider => new StorageAccount(connection, provider.GetServices<HttpPipelinePolicy>()))
            .AddSingleton<IBucketStore, TableBucketStore>()
            .AddSingleton<IObjectStore, BlobObjectStore>()
            .AddSingleton<IDataStore, BlobDataStore>()
            .AddSingleton<IUploadStore, TableUploadStore>()
            .AddSingleton<ICheckpoints, TableCheckpoints>()
            .AddAccessStorage()
            .AddAuditStorage()
            .AddKeysStorage();
    }
}
