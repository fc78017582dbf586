using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Functions;
using Serverless.Keys;
using Serverless.Objects;
using Serverless.Storage;
using Serverless.Telemetry;

namespace Serverless.Deployment.Tests;

/// <summary>Which settings the app reads: the app is registered over a configuration that notes what is asked of it.</summary>
internal static partial class AppSettings
{
    /// <summary>What the Functions host and the platform read themselves.</summary>
    public static IReadOnlyList<string> OfTheHost { get; } =
    [
        "AzureWebJobsDisableHomepage", "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
    ];

    /// <summary>What is not set where the storage account and the root key are reached by an identity.</summary>
    public static IReadOnlyList<string> OfOtherDeployments { get; } =
    [
        "AzureWebJobsStorage", "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__tableServiceUri", "RootKey__File",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ];

    /// <summary>The settings by the names of environment variables.</summary>
    public static IReadOnlySet<string> Read()
    {
        var read = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var configuration = new RecordingConfiguration(
            new ConfigurationBuilder().AddInMemoryCollection([new("AzureWebJobsStorage:accountName", "account")]).Build(), read);
        var services = new ServiceCollection();
        services.AddLogging().AddAccess(configuration).AddAudit(configuration).AddKeys(configuration).AddObjects(configuration).AddStorage(configuration).AddTelemetry(configuration);
        using var provider = services.BuildServiceProvider();
        foreach (var type in services.Select(service => service.ServiceType).Where(IsConfigureOptions).Select(type => type.GenericTypeArguments[0]).Distinct().ToList())
        {
            var options = Activator.CreateInstance(type);
            foreach (var configure in provider.GetServices(typeof(IConfigureOptions<>).MakeGenericType(type)))
                typeof(IConfigureOptions<>).MakeGenericType(type).GetMethod("Configure")!.Invoke(configure, [options]);
        }
        return read.Where(name => !name.StartsWith("Logging", StringComparison.Ordinal)).Select(name => name.Replace(":", "__", StringComparison.Ordinal)).Concat(InTriggers())
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsConfigureOptions(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConfigureOptions<>) && type.GenericTypeArguments[0].Namespace!.StartsWith("Serverless", StringComparison.Ordinal);

    /// <summary>The settings that triggers name.</summary>
    private static IEnumerable<string> InTriggers() => typeof(HttpFunctions).Assembly.GetTypes().SelectMany(type => type.GetMethods()).SelectMany(method => method.GetParameters())
        .Select(parameter => parameter.GetCustomAttribute<TimerTriggerAttribute>()?.Schedule).OfType<string>().SelectMany(schedule => Setting().Matches(schedule)).Select(match => match.Groups[1].Value);

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Setting();

    private sealed class RecordingConfiguration(IConfiguration inner, HashSet<string> read) : IConfiguration
    {
        public string? this[string key]
        {
            get
            {
                read.Add(key);
                return inner[key];
            }
            set => inner[key] = value;
        }

        public IEnumerable<IConfigurationSection> GetChildren() => inner.GetChildren();

        public IChangeToken GetReloadToken() => inner.GetReloadToken();

        public IConfigurationSection GetSection(string key) => new RecordingSection(inner.GetSection(key), read);
    }

    private sealed class RecordingSection(IConfigurationSection inner, HashSet<string> read) : IConfigurationSection
    {
        public string? this[string key]
        {
            get
            {
                read.Add($"{Path}:{key}");
                return inner[key];
            }
            set => inner[key] = value;
        }

        public string Key => inner.Key;

        public string Path => inner.Path;

        public string? Value
        {
            get
            {
                // A section by itself has no value; only what is in it is a setting.
                if (Path.Contains(':', StringComparison.Ordinal)) read.Add(Path);
                return inner.Value;
            }
            set => inner.Value = value;
        }

        /// <summary>A section that seems to hold something is asked for each setting.</summary>
        public IEnumerable<IConfigurationSection> GetChildren() => Path.Contains(':', StringComparison.Ordinal) ? [] : [inner.GetSection("any")];

        public IChangeToken GetReloadToken() => inner.GetReloadToken();

        public IConfigurationSection GetSection(string key) => new RecordingSection(inner.GetSection(key), read);
    }
}
