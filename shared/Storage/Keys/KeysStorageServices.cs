using Microsoft.Extensions.DependencyInjection;
using Serverless.Keys;

namespace Serverless.Storage;

/// <summary>Registers the tables of KMS keys and master keys; <see cref="StorageAccount"/> comes from elsewhere.</summary>
public static class KeysStorageServices
{
    public static IServiceCollection AddKeysStorage(this IServiceCollection services) =>
        services.AddSingleton<IMasterKeyStore, TableMasterKeyStore>().AddSingleton<IKmsKeyStore, TableKmsKeyStore>()
            .AddSingleton<IGrantStore, TableGrantStore>().AddSingleton<IDigestKeyStore, TableDigestKeyStore>();
}
