using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Objects.Admin;

/// <summary>Registers the admin API.</summary>
public static class AdminServices
{
    public static IServiceCollection AddAdmin(this IServiceCollection services) => services
        .AddSingleton<AdminTrail>()
        .AddSingleton<AdminEndpoint>()
        .AddSingleton<AdminKey>()
        // The table of operations.
        .AddSingleton<IAdminOperation, GetRewrapProgress>()
        .AddSingleton<IAdminOperation, GetKeyReferences>()
        .AddSingleton<IAdminOperation, ListKeyObjects>()
        .AddSingleton<IAdminOperation, DescribeMasterKey>()
        .AddSingleton<IAdminOperation, RotateMasterKey>()
        .AddSingleton<IAdminOperation, VerifyAuditTrail>();
}
