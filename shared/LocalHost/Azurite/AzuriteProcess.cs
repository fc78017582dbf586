using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.LocalHost.Azurite;

/// <summary>
/// A running Azurite of the pinned version on 127.0.0.1. It ends when it is disposed of, and also when this process ends in any way:
/// its life hangs on the pipe to its standard input (infra/azurite/stop-with-parent.cjs).
/// </summary>
public sealed partial class AzuriteProcess : IAsyncDisposable
{
    // The development account that every Azurite has; its key is public (https://learn.microsoft.com/azure/storage/common/storage-use-azurite).
    private const string Account = "devstoreaccount1";
    private const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private string _lastError = "";

    private AzuriteProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            if (!string.IsNullOrWhiteSpace(line.Data)) _lastError = line.Data;
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Connects to all three services with the development account.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The operating system's id of the emulator's process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts one in memory on free ports, as tests want it; installs Azurite first if need be.</summary>
    public static Task<AzuriteProcess> StartInMemoryAsync(CancellationToken cancellationToken) =>
        StartAsync(new AzuriteOptions(), cancellationToken);

    /// <summary>Starts one, and returns once all three services answer.</summary>
    /// <exception cref="StartupException">Node.js is missing, the installation failed, or a port is taken.</exception>
    public static async Task<AzuriteProcess> StartAsync(AzuriteOptions options, CancellationToken cancellationToken)
    {
        var folder = await AzuriteInstallation.EnsureAsync(cancellationToken);
        string[] persistence = options.DataFolder is { } data ? ["--location", data] : ["--inMemoryPersistence"];
        var start = new ProcessStartInfo("node",
        [
            "--require", Path.Combine(folder, "stop-with-parent.cjs"),
            Path.Combine(folder, "node_modules", "azurite", "dist", "src", "azurite.js"),
            "--blobHost", "127.0.0.1", "--blobPort", Text(options.BlobPort),
            "--queueHost", "127.0.0.1", "--queuePort", Text(options.QueuePort),
            "--tableHost", "127.0.0.1", "--tablePort", Text(options.TablePort),
            "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            .. persistence,
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Other accounts or another database in the user's environment would make this another emulator than the one asked for.
        start.Environment.Remove("AZURITE_ACCOUNTS");
        start.Environment.Remove("AZURITE_DB");
        var azurite = new AzuriteProcess(AzuriteInstallation.Start(start, AzuriteInstallation.NodeMissing));
        try
        {
            await azurite.ReadEndpointsAsync(cancellationToken);
            return azurite;
        }
        catch (Exception exception)
        {
            await azurite.DisposeAsync();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new StartupException($"Azurite, the storage emulator, did not start within {StartLimit.TotalSeconds:0} seconds.", exception);
            throw;
        }
    }

    /// <summary>Stops the emulator as SIGTERM would, so that data on disk are saved; returns when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, and with it the pipe.
        }
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }

    private async Task ReadEndpointsAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        var endpoints = new Dictionary<string, string>();
        while (endpoints.Count < 3)
        {
            if (await _process.StandardOutput.ReadLineAsync(limit.Token) is not { } line)
            {
                await _process.WaitForExitAsync(limit.Token);
                throw new StartupException($"Azurite, the storage emulator, did not start: {_lastError}");
            }
            if (ListeningLine().Match(line) is { Success: true } match)
                endpoints[match.Groups["service"].Value] = match.Groups["url"].Value;
        }
        // Read to the end, or the emulator would stall on a full pipe.
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={AccountKey};"
            + string.Concat(endpoints.Select(endpoint => $"{endpoint.Key}Endpoint={endpoint.Value}/{Account};"));
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("^Azurite (?<service>Blob|Queue|Table) service is successfully listening at (?<url>http://[^/ ]+)$")]
    private static partial Regex ListeningLine();
}
