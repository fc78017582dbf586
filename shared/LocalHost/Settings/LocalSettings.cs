using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace Serverless.LocalHost.Settings;

/// <summary>
/// The settings as Azure Functions gives them to an app: environment variables win over the <c>Values</c> of local.settings.json, and both over
/// what LocalHost supplies. A <c>__</c> in a name stands for <c>:</c>.
/// </summary>
internal static class LocalSettings
{
    public const string Storage = "AzureWebJobsStorage";
    public const string DevelopmentStorage = "UseDevelopmentStorage=true";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    // The schedules are here because the triggers name them as %Setting%, which must have a value wherever the app runs.
    private static readonly KeyValuePair<string, string?>[] Defaults =
    [
        new(Storage, DevelopmentStorage),
        new("Audit:DigestSchedule", "0 12 * * * *"),
        new("Rotation:MasterKeySchedule", "0 0 * * * *"),
        new("Rotation:RewrapSchedule", "0 30 * * * *"),
        new("Rotation:RootKeySchedule", "0 45 4 * * *"),
        new("Keys:Schedule", "0 */10 * * * *"),
        new("Monitoring:Schedule", "0 */5 * * * *"),
        new("Uploads:ReclaimSchedule", "0 15 3 * * *"),
    ];

    /// <summary>Adds the three layers, the weakest first.</summary>
    /// <exception cref="StartupException">local.settings.json cannot be read.</exception>
    public static void Add(IConfigurationBuilder configuration, string root) => configuration
        .AddInMemoryCollection(Defaults)
        .AddInMemoryCollection(Read(Path.Combine(root, "local.settings.json")))
        .AddEnvironmentVariables();

    private static IEnumerable<KeyValuePair<string, string?>> Read(string file)
    {
        if (!File.Exists(file)) return [];
        try
        {
            var document = JsonNode.Parse(File.ReadAllText(file), documentOptions: Lenient)!;
            if ((bool?)document["IsEncrypted"] == true)
                throw new StartupException($"{file} is encrypted: decrypt it first (func settings decrypt).");
            return document["Values"] is JsonObject values
                ? [.. values.Select(value => KeyValuePair.Create(value.Key.Replace("__", ":", StringComparison.Ordinal), value.Value?.ToString()))]
                : [];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new StartupException($"{file} cannot be read: {exception.Message}", exception);
        }
    }
}
