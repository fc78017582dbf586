using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Serverless.Access;

/// <summary>Registers what authenticates requests, and the APIs of principals.</summary>
public static class AccessServices
{
    /// <summary>
    /// Adds <see cref="RequestAuthenticator"/>, <see cref="FormAuthenticator"/>, <see cref="ICredentials"/>, <see cref="IamEndpoint"/>, <see cref="StsEndpoint"/> and <see cref="ServiceIdentity"/>, with the
    /// settings <c>Access__…</c> and <c>Service__…</c>. Wrong settings stop the application at its start with an <see cref="OptionsValidationException"/>.
    /// The store (<see cref="IIdentityStore"/>), <see cref="ISecretWrapping"/> and <see cref="IIamTrail"/> come from elsewhere.
    /// </summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>().Bind(configuration.GetSection("Access")).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AccessOptions>, AccessOptions.Validator>());
        services.AddOptions<ServiceIdentity>().Bind(configuration.GetSection("Service"))
            .Validate(identity => PrincipalName.IsAccount(identity.AccountId), "Service__AccountId must be 12 digits.")
            .Validate(identity => identity.Region.Length > 0, "Service__Region must not be empty.")
            .ValidateOnStart();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<ServiceIdentity>>().Value);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RootCredentials>();
        services.AddSingleton<AccessKeyUses>();
        services.AddSingleton<UserCredentials>();
        services.AddSingleton<ICredentials, AccountCredentials>();
        services.AddSingleton<IPrincipals, AccountPrincipals>();
        services.AddSingleton<RequestAuthenticator>();
        services.AddSingleton<FormAuthenticator>();

        services.AddSingleton<IamUsers>();
        services.AddSingleton<UserOperations>();
        services.AddSingleton<AccessKeyOperations>();
        services.AddSingleton<UserPolicyOperations>();
        services.AddSingleton<UserTagOperations>();
        services.AddSingleton(provider => new IamEndpoint(
            provider.GetRequiredService<UserOperations>(),
            provider.GetRequiredService<AccessKeyOperations>(),
            provider.GetRequiredService<UserPolicyOperations>(),
            provider.GetRequiredService<UserTagOperations>(),
            provider.GetRequiredService<IIamTrail>(),
            provider.GetRequiredService<ILogger<IamEndpoint>>()));
        services.AddSingleton<StsEndpoint>();
        return services;
    }
}
