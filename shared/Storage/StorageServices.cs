using Azure.Core.Pipeline;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;
using Serverless.Objects.Buckets;
using Serverless.Objects.Rotation;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>Registers the storage account and everything that is kept in it.</summary>
public static class StorageServices
{
    /// <exception cref="InvalidOperationException">The settings say of no storage account.</exception>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        var connection = StorageConnection.Read(configuration);
        return services
            .AddSingleton(provider => new StorageAccount(connection, provider.GetServices<HttpPipelinePolicy>()))
            .AddSingleton<IReadinessCheck, StorageReadiness>()
            .AddSingleton<IBucketStore, TableBucketStore>()
            .AddSingleton<IObjectStore, BlobObjectStore>()
            .AddSingleton<IVersionArchive, BlobVersionArchive>()
            .AddSingleton<IDataStore, BlobDataStore>()
            .AddSingleton<IUploadStore, TableUploadStore>()
            .AddSingleton<IRewrapStore, StoredRewrap>()
            .AddAccessStorage()
            .AddAuditStorage()
            .AddKeysStorage();
    }
}
