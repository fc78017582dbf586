using System.Text.Json;

namespace Serverless.LocalHost.Queues;

/// <summary>The section extensions.queues of host.json (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#host-json), with its defaults.</summary>
internal sealed record QueueOptions
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Messages taken at once, 1 to 32; the next are taken when half of them are done.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Tries before a message goes to the poison queue.</summary>
    public int MaxDequeueCount { get; init; } = 5;

    /// <summary>The pause between two tries of one message.</summary>
    public TimeSpan VisibilityTimeout { get; init; }

    /// <summary>The longest wait between two looks at an empty queue.</summary>
    public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <exception cref="StartupException">The file cannot be read.</exception>
    public static QueueOptions Read(string hostJson)
    {
        try
        {
            return JsonSerializer.Deserialize<HostJson>(File.ReadAllText(hostJson), Json)?.Extensions?.Queues ?? new QueueOptions();
        }
        catch (JsonException exception)
        {
            throw new StartupException($"{hostJson} cannot be read: {exception.Message}", exception);
        }
    }

    private sealed record HostJson(Extensions? Extensions);

    private sealed record Extensions(QueueOptions? Queues);
}
