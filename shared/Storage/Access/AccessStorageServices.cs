using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;

namespace Serverless.Storage;

/// <summary>Registers the table of users; <see cref="StorageAccount"/> comes from elsewhere.</summary>
public static class AccessStorageServices
{
    public static IServiceCollection AddAccessStorage(this IServiceCollection services) => services.AddSingleton<IIdentityStore, TableIdentityStore>();
}
