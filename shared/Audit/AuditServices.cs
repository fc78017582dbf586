using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Access;

namespace Serverless.Audit;

/// <summary>
/// Registers the audit trail; <see cref="IAuditQueue"/>, <see cref="IAuditStore"/>, <see cref="IDigestStore"/>, <see cref="IDigestKeys"/>, <see cref="IAuditArchive"/> and <see cref="ServiceIdentity"/> come from elsewhere.
/// </summary>
public static class AuditServices
{
    /// <summary>
    /// Adds <see cref="IAuditTrail"/>, <see cref="IIamTrail"/>, <see cref="AuditWriter"/>, <see cref="AuditSealing"/>, <see cref="AuditRetention"/>, <see cref="AuditVerifier"/>, <see cref="CloudTrailEndpoint"/> and <see cref="AuditOptions"/> with the settings <c>Audit__…</c>.
    /// Wrong settings stop the application at its start.
    /// </summary>
    public static IServiceCollection AddAudit(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AuditOptions>()
            .Bind(configuration.GetSection("Audit"))
            .Validate(options => Enum.IsDefined(options.Scope), "Audit__Scope must be Kms or All.")
            .Validate(
                options => options.RetentionDays is 0 or >= AuditOptions.MinRetentionDays and <= AuditOptions.MaxRetentionDays,
                $"Audit__RetentionDays must be 0 or from {AuditOptions.MinRetentionDays} to {AuditOptions.MaxRetentionDays}.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IAuditTrail, AuditTrail>();
        services.AddSingleton<IIamTrail, IamTrail>();
        services.AddSingleton<AuditWriter>();
        services.AddSingleton<AuditQueueReport>();
        services.AddSingleton<AuditSealing>();
        services.AddSingleton<AuditRetention>();
        services.AddSingleton<AuditVerifier>();
        services.AddSingleton<CloudTrailEndpoint>();
        return services;
    }
}
