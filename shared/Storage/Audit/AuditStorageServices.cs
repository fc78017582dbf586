using Microsoft.Extensions.DependencyInjection;
using Serverless.Audit;

namespace Serverless.Storage;

/// <summary>Registers the audit trail's queue, tables and container; <see cref="StorageAccount"/> comes from elsewhere.</summary>
public static class AuditStorageServices
{
    public static IServiceCollection AddAuditStorage(this IServiceCollection services) =>
        services.AddSingleton<IAuditQueue, AzureAuditQueue>().AddSingleton<IAuditStore, TableAuditStore>()
            .AddSingleton<IDigestStore, TableDigestStore>().AddSingleton<IAuditArchive, BlobAuditArchive>();
}
