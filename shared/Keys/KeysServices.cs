using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Keys;

/// <summary>Registers KMS keys, master keys and the root key.</summary>
public static class KeysServices
{
    /// <summary>
    /// Adds <see cref="IKmsKeys"/>, <see cref="IBucketKeys"/>, <see cref="IMasterKeys"/>, <see cref="MasterKeyRotation"/>, <see cref="MasterKeyRetirement"/>, <see cref="KmsKeySchedule"/>, <see cref="KmsEndpoint"/>, and the <see cref="RootKeyCheck"/> that
    /// lets the app start only with the root key that its storage account knows. Settings: <c>RootKey__…</c>, <c>Rotation__…</c>, <c>BucketKeys__…</c>, <c>Keys__…</c>.
    /// The stores (<see cref="IMasterKeyStore"/>, <see cref="IKmsKeyStore"/>, <see cref="IGrantStore"/>, <see cref="IDigestKeyStore"/>), <see cref="IKeyReferences"/>, the audit trail and <see cref="Access.ServiceIdentity"/> come from elsewhere.
    /// </summary>
    public static IServiceCollection AddKeys(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RootKeyOptions>().Bind(configuration.GetSection("RootKey")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RootKeyOptions>, RootKeyOptions.Validator>();
        services.AddOptions<RotationOptions>().Bind(configuration.GetSection("Rotation"))
            .Validate(options => options.MasterKeyMaxAgeDays >= 1, "Rotation__MasterKeyMaxAgeDays must be 1 or more.")
            .Validate(options => options.MasterKeyMaxWraps >= 1, "Rotation__MasterKeyMaxWraps must be 1 or more.")
            .Validate(options => options.RetireAfterDays is null or (>= 0 and <= RotationOptions.MaxRetireAfterDays), "Rotation__RetireAfterDays must be empty, or from 0 to 36500.")
            .ValidateOnStart();
        services.AddOptions<BucketKeyOptions>().Bind(configuration.GetSection("BucketKeys"))
            .Validate(options => options.LifetimeSeconds is >= 0 and <= BucketKeyOptions.MaxLifetimeSeconds, "BucketKeys__LifetimeSeconds must be from 0 to 300.")
            .ValidateOnStart();
        services.AddOptions<KeyDeletionOptions>().Bind(configuration.GetSection("Keys")).ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(OpenRootKey);
        services.AddSingleton<ISecretWrapping, RootSecretWrapping>();
        services.AddSingleton<IDigestKeys, RootDigestKeys>();
        services.AddSingleton<RootKeyCheck>();
        services.AddHostedService(provider => provider.GetRequiredService<RootKeyCheck>());
        services.AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<RootKeyCheck>());
        services.AddSingleton(provider => new RootKeyRewrap(
            provider.GetRequiredService<IMasterKeyStore>(),
            provider.GetRequiredService<IKmsKeyStore>(),
            provider.GetRequiredService<IIdentityStore>(),
            provider.GetRequiredService<IDigestKeyStore>(),
            provider.GetRequiredService<IRootKey>(),
            provider.GetRequiredService<ILogger<RootKeyRewrap>>()));

        services.AddSingleton<MasterKeyReport>();
        services.AddSingleton<MasterKeySuccession>();
        services.AddSingleton<MasterKeyring>();
        services.AddSingleton<IMasterKeys, MasterKeys>();
        services.AddSingleton(provider => new MasterKeyRotation(
            provider.GetRequiredService<IMasterKeyStore>(),
            provider.GetRequiredService<MasterKeySuccession>(),
            provider.GetRequiredService<MasterKeyring>(),
            provider.GetRequiredService<IOptions<RotationOptions>>(),
            provider.GetRequiredService<TimeProvider>()));

        services.AddSingleton<RetirementEvents>();
        services.AddSingleton(provider => new MasterKeyRetirement(
            provider.GetRequiredService<IMasterKeyStore>(),
            provider.GetRequiredService<IKeyReferences>(),
            provider.GetRequiredService<MasterKeyring>(),
            provider.GetRequiredService<RetirementEvents>(),
            provider.GetRequiredService<IOptions<RotationOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MasterKeyRetirement>>()));

        services.AddSingleton<KmsBackingKeys>();
        services.AddSingleton<KmsTrail>();
        services.AddSingleton<KmsServiceEvents>();
        services.AddSingleton<ManagedKeys>();
        services.AddSingleton<KeyPolicies>();
        services.AddSingleton<KeyAliases>();
        services.AddSingleton<KeyGrants>();
        services.AddSingleton<KmsPermissions>();
        services.AddSingleton<KmsKeyring>();
        services.AddSingleton<IKmsKeys, KmsKeys>();
        services.AddSingleton<IBucketKeys, BucketKeys>();
        services.AddSingleton<KeyDeletionGuard>();
        services.AddSingleton<DependentObjects>();
        services.AddSingleton<KeyOperations>();
        services.AddSingleton<KmsSuccession>();
        services.AddSingleton(provider => new KmsKeySchedule(
            provider.GetRequiredService<IKmsKeyStore>(),
            provider.GetRequiredService<IGrantStore>(),
            provider.GetRequiredService<KmsSuccession>(),
            provider.GetRequiredService<KmsKeyring>(),
            provider.GetRequiredService<KmsBackingKeys>(),
            provider.GetRequiredService<KmsServiceEvents>(),
            provider.GetRequiredService<KeyDeletionGuard>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<KmsKeySchedule>>()));
        services.AddSingleton<KeyChanges>();
        services.AddSingleton<KeyStateOperations>();
        services.AddSingleton<RotationOperations>();
        services.AddSingleton<ImportOperations>();
        services.AddSingleton<TagOperations>();
        services.AddSingleton<DataKeyOperations>();
        services.AddSingleton<DataOperations>();
        services.AddSingleton<MacOperations>();
        services.AddSingleton<AliasOperations>();
        services.AddSingleton<NewKeyPolicy>();
        services.AddSingleton<PolicyOperations>();
        services.AddSingleton<GrantOperations>();
        services.AddSingleton<GrantListOperations>();
        services.AddSingleton(provider => new KmsEndpoint(
            provider.GetRequiredService<KeyOperations>(),
            provider.GetRequiredService<KeyStateOperations>(),
            provider.GetRequiredService<RotationOperations>(),
            provider.GetRequiredService<ImportOperations>(),
            provider.GetRequiredService<TagOperations>(),
            provider.GetRequiredService<AliasOperations>(),
            provider.GetRequiredService<PolicyOperations>(),
            provider.GetRequiredService<GrantOperations>(),
            provider.GetRequiredService<GrantListOperations>(),
            provider.GetRequiredService<DataKeyOperations>(),
            provider.GetRequiredService<DataOperations>(),
            provider.GetRequiredService<MacOperations>(),
            provider.GetRequiredService<KmsTrail>(),
            provider.GetRequiredService<ILogger<KmsEndpoint>>()));
        return services;
    }

    private static IRootKey OpenRootKey(IServiceProvider provider)
    {
        RootKeyOptions options = provider.GetRequiredService<IOptions<RootKeyOptions>>().Value;
        if (options.Provider is RootKeyProvider.Local || !VaultKeyId.TryParse(options.KeyUri, out VaultKeyId? key))
        {
            return LocalRootKey.Open(options.File);
        }

        TokenCredential credential = options.ClientId is { Length: > 0 } clientId ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId)) : new DefaultAzureCredential();
        return new KeyVaultRootKey(new VaultKey(key, options.Algorithm, VaultKey.CreatePipeline(key, credential)), provider.GetRequiredService<TimeProvider>());
    }
}
