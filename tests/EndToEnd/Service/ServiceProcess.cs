using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Serverless.Functions;

namespace Serverless.EndToEnd.Service;

/// <summary>The local host as a user runs it: a process of its own, on ports that it chooses, over a storage account and a data folder that outlive it.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServiceProcess(ProcessStartInfo start, string dataFolder)
    {
        DataFolder = dataFolder;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string DataFolder { get; }

    public Uri Http { get; private set; } = null!;

    public Uri Https { get; private set; } = null!;

    /// <summary>What https clients are to trust, and nothing else.</summary>
    public string AuthorityFile => Path.Combine(DataFolder, "certs", "ca.pem");

    /// <summary>Everything that it has written to standard output and standard error.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Starts one and returns when it is ready to serve.</summary>
    /// <param name="storage">The storage account's connection string.</param>
    /// <param name="settings">Settings beside those that every service of these tests has, which they may also replace, or with null take away.</param>
    public static async Task<ServiceProcess> StartAsync(string storage, string dataFolder, params (string Name, string? Value)[] settings)
    {
        var service = new ServiceProcess(Command(storage, dataFolder, settings), dataFolder);
        try
        {
            await service.WaitUntilReadyAsync();
            return service;
        }
        catch
        {
            await service.KillAsync();
            throw;
        }
    }

    /// <summary>Starts one that is to refuse to run.</summary>
    /// <returns>Its exit code and what it said.</returns>
    public static async Task<(int ExitCode, string Output)> RefuseAsync(string storage, string dataFolder, params (string Name, string? Value)[] settings)
    {
        await using var service = new ServiceProcess(Command(storage, dataFolder, settings), dataFolder);
        using var limit = new CancellationTokenSource(StopLimit);
        await service._process.WaitForExitAsync(limit.Token);
        return (service._process.ExitCode, service.Output);
    }

    /// <summary>The most resident memory that it ever had, in MiB (Linux: VmHWM of /proc/PID/status).</summary>
    public long PeakResidentMebibytes() => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture) / 1024;

    /// <summary>SIGTERM, as a service manager stops it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        Assert.Equal(0, Kill(_process.Id, Terminate));
        using var limit = new CancellationTokenSource(StopLimit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL, as a crash ends it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo Command(string storage, string dataFolder, (string Name, string? Value)[] settings)
    {
        // Port 0: the host takes free ports and prints them. A port that a test picked could be gone by the time the host binds it.
        var start = new ProcessStartInfo("dotnet",
            ["exec", typeof(HttpFunctions).Assembly.Location, "--http-port", "0", "--https-port", "0", "--data-folder", dataFolder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (string Name, string? Value)[] own =
        [
            ("AzureWebJobsStorage", storage),
            ("Service__Region", TestAccount.Region),
            ("Service__AccountId", TestAccount.Id),
            ("Access__RootAccessKeyId", TestAccount.AccessKeyId),
            ("Access__RootSecretAccessKey", TestAccount.SecretAccessKey),
            ("RootKey__Provider", "Local"),
            ("RootKey__File", Path.Combine(dataFolder, "root.key")),
            ("S3__BlockSseCOnNewBuckets", "false"),
            ("Audit__Scope", "Kms"),
        ];
        foreach (var (name, value) in own.Concat(settings))
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        return start;
    }

    private async Task WaitUntilReadyAsync()
    {
        var banner = await Eventually.GetAsync(() =>
        {
            Assert.False(_process.HasExited, $"The service did not start:\n{Output}");
            return Task.FromResult(Output.Contains("Ctrl-C", StringComparison.Ordinal) ? Output.Split('\n') : null);
        }, $"the banner of the service", seconds: 60);
        var endpoint = Array.FindIndex(banner, line => line.StartsWith("S3 endpoint", StringComparison.Ordinal));
        (Http, Https) = (Loopback(banner[endpoint]), Loopback(banner[endpoint + 1]));

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Eventually.TrueAsync(async () =>
        {
            Assert.False(_process.HasExited, $"The service ended before it was ready:\n{Output}");
            using var answer = await client.GetAsync(new Uri(Http, "/_health/ready"));
            return answer.IsSuccessStatusCode;
        }, $"the service's readiness. Its output:\n{Output}");
    }

    /// <summary>A banner line's URL with the address that the name stands for: clients that try IPv6 first would wait for it.</summary>
    private static Uri Loopback(string line) => new UriBuilder(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1].Trim()) { Host = "127.0.0.1" }.Uri;

    private void Append(string? line)
    {
        lock (_output) _output.Append(line).Append('\n');
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
