namespace Serverless.LocalHost.Azurite;

/// <summary>How an Azurite is started. A port of 0 stands for a free one.</summary>
public sealed record AzuriteOptions
{
    /// <summary>Where blobs, queues and tables are kept, or null for memory (at most half of the machine's, then 409).</summary>
    public string? DataFolder { get; init; }

    public int BlobPort { get; init; }

    public int QueuePort { get; init; }

    public int TablePort { get; init; }
}
