using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Serverless.Storage;

/// <summary>The one storage account behind the service: its Blob, Table and Queue clients over one pool of connections.</summary>
public sealed class StorageAccount
{
    /// <summary>Below Azurite's keep-alive of 5 s, so that a pooled connection is never one that the server is about to close.</summary>
    private static readonly TimeSpan IdleConnectionLifetime = TimeSpan.FromSeconds(4);

    /// <summary>The longest wait for one storage call; the Functions host cuts a silent handler off after 240 s.</summary>
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Connects as the connection says. <paramref name="policies"/> run on every call, after retries: tests count transactions and inject faults with them.
    /// </summary>
    public StorageAccount(StorageConnection connection, IEnumerable<HttpPipelinePolicy>? policies = null)
    {
        var transport = new HttpClientTransport(new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = IdleConnectionLifetime,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        });
        HttpPipelinePolicy[] perCall = [.. policies ?? []];

        // Azurite 3.37 knows service versions up to 2026-06-06; the SDK's own default is newer.
        var blobs = Configure(new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06), transport, perCall, "blob");
        var unretried = Configure(new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06), transport, perCall, "blob");
        unretried.Retry.MaxRetries = 0;
        var queues = Configure(new QueueClientOptions(QueueClientOptions.ServiceVersion.V2026_06_06) { MessageEncoding = QueueMessageEncoding.Base64 }, transport, perCall, "queue");
        var tables = Configure(new TableClientOptions(), transport, perCall, "table");
        if (connection.ConnectionString is { } text)
        {
            (Blobs, UnretriedBlobs, Queues, Tables) = (new(text, blobs), new(text, unretried), new(text, queues), new(text, tables));
        }
        else
        {
            (Blobs, UnretriedBlobs, Queues, Tables) = (new(connection.BlobService, connection.Credential, blobs),
                new(connection.BlobService, connection.Credential, unretried), new(connection.QueueService, connection.Credential, queues),
                new(connection.TableService, connection.Credential, tables));
        }
    }

    /// <summary>Connects by a connection string.</summary>
    public StorageAccount(string connectionString, IEnumerable<HttpPipelinePolicy>? policies = null)
        : this(new StorageConnection(connectionString), policies)
    {
    }

    public BlobServiceClient Blobs { get; }

    /// <summary>The same without retries, for conditional changes: one that is tried again could not tell its own success, whose answer was lost, from that of another.</summary>
    public BlobServiceClient UnretriedBlobs { get; }

    /// <summary>Queue messages are base64 on the wire, as the Functions queue trigger expects.</summary>
    public QueueServiceClient Queues { get; }

    public TableServiceClient Tables { get; }

    private static T Configure<T>(T options, HttpPipelineTransport transport, HttpPipelinePolicy[] policies, string service) where T : ClientOptions
    {
        options.Transport = transport;
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(5);
        options.Retry.NetworkTimeout = NetworkTimeout;
        // The SDK's own logging and tracing cost more than a small request does.
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        options.AddPolicy(new StorageCallCounter(service), HttpPipelinePosition.PerRetry);
        foreach (var policy in policies) options.AddPolicy(policy, HttpPipelinePosition.PerRetry);
        return options;
    }
}
