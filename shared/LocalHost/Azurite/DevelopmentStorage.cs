using System.Net.Sockets;

namespace Serverless.LocalHost.Azurite;

/// <summary>What <c>UseDevelopmentStorage=true</c> stands for: Azurite on ports 10000 to 10002, shared by all who say so.</summary>
internal static class DevelopmentStorage
{
    /// <summary>Of the blob service; the queue and table services have the next two.</summary>
    public const int FirstPort = 10000;

    /// <summary>Starts it with its data in <paramref name="dataFolder"/>, or answers null where it runs already.</summary>
    /// <exception cref="StartupException">The port is held by something else, or Azurite cannot be started.</exception>
    public static async Task<AzuriteProcess?> EnsureAsync(string dataFolder, int firstPort, CancellationToken cancellationToken)
    {
        if (await IsRunningAsync(firstPort, cancellationToken)) return null;
        try
        {
            return await AzuriteProcess.StartAsync(
                new AzuriteOptions { DataFolder = dataFolder, BlobPort = firstPort, QueuePort = firstPort + 1, TablePort = firstPort + 2 }, cancellationToken);
        }
        catch (StartupException)
        {
            // Two hosts started at once: the other one's Azurite serves both.
            if (await IsRunningAsync(firstPort, cancellationToken)) return null;
            throw;
        }
    }

    private static async Task<bool> IsRunningAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/devstoreaccount1?comp=list"), cancellationToken);
            if (answer.Headers.TryGetValues("Server", out var server) && server.Any(name => name.StartsWith("Azurite", StringComparison.Ordinal)))
                return true;
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return false;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            // Something listens there, and it is no HTTP server.
        }
        throw new StartupException(
            $"Port {port} is in use by something other than Azurite. Stop that program, or set AzureWebJobsStorage to another storage account, or use --ephemeral.");
    }
}
