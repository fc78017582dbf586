using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.Access.Tests;

/// <summary>One account, one store, one clock; and any number of instances of the service on them, each with its own caches.</summary>
internal sealed class AccessWorld : IAsyncDisposable
{
    public const string Account = "123456789012";
    public const string RootArn = $"arn:aws:iam::{Account}:root";

    private readonly List<ServiceProvider> instances = [];

    public InMemoryIdentityStore Store { get; } = new();

    public BoundWrapping Wrapping { get; } = new();

    public RecordingIamTrail Trail { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 5, 9, 4, 7, 890, TimeSpan.Zero));

    /// <summary>Another instance of the service, started now.</summary>
    public IServiceProvider NewInstance()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Access:RootAccessKeyId"] = SigningClient.ExampleKeyId,
            ["Access:RootSecretAccessKey"] = SigningClient.ExampleSecret,
            ["Service:AccountId"] = Account,
        }).Build();
        var instance = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IIdentityStore>(Store)
            .AddSingleton<ISecretWrapping>(Wrapping)
            .AddSingleton<IIamTrail>(Trail)
            .AddAccess(configuration)
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
        instances.Add(instance);
        return instance;
    }

    /// <summary>A client of an instance that signs as the account's root.</summary>
    public QueryClient NewClient(IServiceProvider? instance = null) => new(this, instance ?? NewInstance());

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in instances) await instance.DisposeAsync();
    }
}
