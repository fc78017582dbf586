using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Serverless.LocalHost;

/// <summary>Clients for what the host itself keeps in storage: leases, timer records, queues.</summary>
internal static class LocalStorage
{
    /// <summary>Azurite closes a connection that is idle for 5 s: ours is closed before, or a request would meet a closed one.</summary>
    private static readonly HttpClientTransport Transport = new(new HttpClient(new SocketsHttpHandler
    {
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4),
        UseProxy = false,
    }));

    // The service version is one that Azurite 3.37 knows.
    public static BlobServiceClient Blobs(string connectionString) =>
        new(connectionString, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06) { Transport = Transport });

    /// <summary>Bodies are as on the wire: a message that is not base64 must fail alone, and not the batch that it came in.</summary>
    public static QueueServiceClient Queues(string connectionString) =>
        new(connectionString, new QueueClientOptions(QueueClientOptions.ServiceVersion.V2026_06_06) { Transport = Transport, MessageEncoding = QueueMessageEncoding.None });
}
