using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys.Tests;

/// <summary>One storage account, one clock, one root key; and any number of instances of the service on them, each with its own caches.</summary>
public sealed class World : IDisposable
{
    public const string Region = "eu-central-1";
    public const string Account = "111111111111";

    private readonly TemporaryFolder _folder = new();
    private readonly List<ServiceProvider> _instances = [];

    public World() => RootKeyFiles.Create(RootKeyFile);

    public InMemoryMasterKeyStore MasterStore { get; } = new();

    public InMemoryKmsKeyStore KmsStore { get; } = new();

    public InMemoryDigestKeyStore DigestKeys { get; } = new();

    public InMemoryPrincipals Principals { get; } = new(Root.Principal, User.Principal);

    /// <summary>What passes over objects have found.</summary>
    public FoundReferences References { get; } = new();

    public RecordingTrail Trail { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public AuditScope Scope { get; init; } = AuditScope.Kms;

    public string RootKeyFile => Path.Combine(_folder.Path, "root.key");

    public static EncryptionContext Context { get; } = EncryptionContext.Empty.With("aws:s3:arn", "arn:aws:s3:::bucket/key");

    public static Caller Root { get; } = new(Principal.Root(Account, "AKIAROOT"), "request-1", IPAddress.Parse("192.0.2.7"), "aws-cli/2", true);

    public static Caller User { get; } =
        Root with { Principal = new(PrincipalType.IAMUser, $"arn:aws:iam::{Account}:user/anna", Account, "anna", "AKIAUSER") { UserId = "AIDAANNA" } };

    public static KeyUse ViaS3 { get; } = new(Root, Region, "s3", "arn:aws:s3:::bucket/key");

    /// <summary>Another instance of the service, started now.</summary>
    public IServiceProvider NewInstance(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?>(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))) { ["RootKey:File"] = RootKeyFile }).Build();
        ServiceProvider instance = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IMasterKeyStore>(MasterStore)
            .AddSingleton<IKmsKeyStore>(KmsStore)
            .AddSingleton<IGrantStore>(KmsStore)
            .AddSingleton<IDigestKeyStore>(DigestKeys)
            .AddSingleton<IPrincipals>(Principals)
            .AddSingleton<IKeyReferences>(References)
            .AddSingleton<IAuditTrail>(Trail)
            .Configure<ServiceIdentity>(identity => (identity.Region, identity.AccountId) = (Region, Account))
            .Configure<AuditOptions>(audit => audit.Scope = Scope)
            .AddKeys(configuration)
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
        _instances.Add(instance);
        return instance;
    }

    /// <summary>
    /// From now on, whoever runs is cut short at a step: every call of the stores and of the trail has one before it and one when it has taken effect.
    /// Null lets everybody run again.
    /// </summary>
    public void CutShortAt(int? step)
    {
        int passed = 0;
        Task Pass(string call) => step is { } last && Interlocked.Increment(ref passed) > last ? throw new IOException($"Cut short at {call}.") : Task.CompletedTask;
        (MasterStore.Before, MasterStore.After) = (Pass, Pass);
        (KmsStore.Before, KmsStore.After) = (Pass, Pass);
        (Trail.Before, Trail.After) = (Pass, Pass);
    }

    public void Dispose()
    {
        _instances.ForEach(instance => instance.Dispose());
        _folder.Dispose();
    }
}
