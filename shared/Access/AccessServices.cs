using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Serverless.Access;

/// <summary>Registers what authenticates requests.</summary>
public static class AccessServices
{
    /// <summary>
    /// Adds <see cref="RequestAuthenticator"/>, <see cref="ICredentials"/> and <see cref="ServiceIdentity"/>, with the settings <c>Access__…</c> and <c>Service__…</c>.
    /// Wrong settings stop the application at its start with an <see cref="OptionsValidationException"/>.
    /// </summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>().Bind(configuration.GetSection("Access")).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AccessOptions>, AccessOptions.Validator>());
        services.AddOptions<ServiceIdentity>().Bind(configuration.GetSection("Service"))
            .Validate(identity => identity.AccountId.Length == 12 && identity.AccountId.All(char.IsAsciiDigit), "Service__AccountId must be 12 digits.")
            .Validate(identity => identity.Region.Length > 0, "Service__Region must not be empty.")
            .ValidateOnStart();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<ServiceIdentity>>().Value);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ICredentials, RootCredentials>();
        services.TryAddSingleton<RequestAuthenticator>();
        return services;
    }
}
