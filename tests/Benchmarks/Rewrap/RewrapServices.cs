using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Keys;
using Serverless.Objects;
using Serverless.Storage;

namespace Serverless.Benchmarks.Rewrap;

/// <summary>The service's parts without its host.</summary>
internal static class RewrapServices
{
    public static IServiceCollection Add(string connection, string rootKeyFile)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [StorageConnection.Setting] = connection,
            ["Service:Region"] = "us-east-1",
            ["Service:AccountId"] = "000000000000",
            ["RootKey:Provider"] = "Local",
            ["RootKey:File"] = rootKeyFile,
        }).Build();
        return new ServiceCollection().AddLogging().AddAccess(configuration).AddAudit(configuration).AddKeys(configuration).AddObjects(configuration).AddStorage(configuration);
    }
}
